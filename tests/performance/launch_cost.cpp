// What the launch of a sandboxed `true` costs over a plain fork and exec: prints medians in milliseconds.
// Figures to reach on a quiet machine: 8 ms, and 16 ms with a fresh overlay over the tree. Usage: launch_cost
// HELPER [RUNS]

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "sandbox/confinement.hpp"
#include "sandbox/process/process.hpp"

namespace {

using namespace ratchet;

/// With a pause before each: what the kernel keeps ready after a launch (control groups) is gone again by
/// then.
double median_milliseconds(int runs, const std::function<void()>& once,
                           std::chrono::milliseconds pause = {}) {
    std::vector<double> times;
    for (int i = 0; i < runs; ++i) {
        std::this_thread::sleep_for(pause);
        const auto start = std::chrono::steady_clock::now();
        once();
        times.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
    return times[static_cast<std::size_t>(runs / 2)];
}

void fork_and_execute() {
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::execl("/bin/sh", "sh", "-c", "true", nullptr);
        ::_exit(127);
    }
    ::waitpid(pid, nullptr, 0);
}

/// A folder with some files, gone at the end.
class SampleTree {
  public:
    SampleTree() {
        std::string name = "/tmp/launch-cost-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path = name;
        for (int i = 0; i < 100; ++i)
            std::ofstream(path / fmt::format("file{}", i)) << i;
    }
    ~SampleTree() { std::filesystem::remove_all(path); }
    SampleTree(const SampleTree&) = delete;
    SampleTree& operator=(const SampleTree&) = delete;
    std::filesystem::path path;
};

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        fmt::print(stderr, "usage: launch_cost HELPER [RUNS]\n");
        return 2;
    }
    const int runs = count > 2 ? std::atoi(arguments[2]) : 200;
    const SampleTree tree;
    const NeverStop stop;
    ConfinementSettings settings;
    settings.helper = std::filesystem::absolute(arguments[1]);
    settings.bubblewrap = "/usr/bin/bwrap";
    const auto strong = make_confinement(settings);
    settings.require = Requirement::weak;
    settings.bubblewrap.clear();
    const auto weak = make_confinement(settings);
    settings.require = Requirement::none;
    const auto plain = make_confinement(settings);
    strong->give(tree.path);

    ConfinedCommand command;
    command.shell_command = "true";
    command.tree = tree.path;
    ConfinedCommand fresh = command;
    fresh.access = TreeAccess::discarded;

    const double base = median_milliseconds(runs, fork_and_execute);
    const auto report = [base](const char* what, double time) {
        fmt::print("{:<34}{:8.2f} ms{:8.2f} ms more than fork and exec\n", what, time, time - base);
    };
    report("fork and exec", base);
    report("run()", median_milliseconds(runs, [&] {
               ratchet::run({{"/bin/sh", "-c", "true"}, {}, "/", {}, false, {}, false}, {}, stop);
           }));
    report("no confinement", median_milliseconds(runs, [&] { plain->run(command, stop); }));
    report("weak sandbox", median_milliseconds(runs, [&] { weak->run(command, stop); }));
    report("weak sandbox, tree copied", median_milliseconds(runs, [&] { weak->run(fresh, stop); }));
    report("sandbox", median_milliseconds(runs, [&] { strong->run(command, stop); }));
    report("sandbox with a fresh overlay", median_milliseconds(runs, [&] { strong->run(fresh, stop); }));
    const auto pause = std::chrono::milliseconds(50);
    report("the same, 50 ms after the last",
           median_milliseconds(runs, [&] { strong->run(fresh, stop); }, pause));
}
