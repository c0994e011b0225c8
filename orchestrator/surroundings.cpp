#include "orchestrator/surroundings.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <sstream>

#include "orchestrator/lookup/lookup_folder.hpp"

extern char** environ;

namespace ratchet {

namespace fs = std::filesystem;

namespace {

// One lock for all users of the machine. /tmp is the one folder that all of them have.
constexpr const char* usual_benchmark_lock = "/tmp/ratchet-benchmark.lock";

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

fs::path find_in_path(const std::string& program) {
    std::istringstream folders(variable("PATH") + ":/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (folder.empty()) continue;
        const fs::path candidate = fs::path(folder) / program;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

/// Beside the executable in a build folder, in ../libexec/ratchet where it is installed.
fs::path find_init_helper() {
    std::error_code error;
    const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
    for (const fs::path& candidate : {folder / "ratchet-init", folder / "../sandbox/ratchet-init",
                                      folder / "../libexec/ratchet/ratchet-init"}) {
        if (fs::exists(candidate, error)) return fs::weakly_canonical(candidate, error);
    }
    return {};
}

int terminal_columns() {
    winsize size{};
    const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

}  // namespace

Surroundings look_around() {
    Surroundings surroundings;
    std::error_code error;
    surroundings.working_directory = fs::current_path(error);
    surroundings.init_helper = find_init_helper();
    surroundings.bubblewrap = find_in_path("bwrap");
    surroundings.systemd_run = find_in_path("systemd-run");
    surroundings.executable = fs::read_symlink("/proc/self/exe", error);
    const std::string lock = variable("RATCHET_BENCHMARK_LOCK");
    surroundings.benchmark_lock = lock.empty() ? usual_benchmark_lock : lock;
    surroundings.lookup = variable(lookup_variable);
    for (char** entry = environ; *entry != nullptr; ++entry)
        surroundings.environment.emplace_back(*entry);
    surroundings.terminal = ::isatty(STDOUT_FILENO) != 0 && variable("TERM") != "dumb";
    surroundings.colour = surroundings.terminal && variable("NO_COLOR").empty();
    surroundings.columns = terminal_columns();
    surroundings.in = &std::cin;
    surroundings.out = &std::cout;
    surroundings.err = &std::cerr;
    return surroundings;
}

}  // namespace ratchet
