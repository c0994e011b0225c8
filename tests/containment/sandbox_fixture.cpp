#include "tests/containment/sandbox_fixture.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

namespace ratchet {

TestFolder::TestFolder() {
    const char* base = std::getenv("TMPDIR");
    std::string name = std::string(base != nullptr ? base : "/tmp") + "/containment-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path = name;
}

TestFolder::~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

void write(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

std::string read(const std::filesystem::path& file) {
    // By way of the buffer: a process that ends while its entry in /proc is read is a short text, not an
    // exception.
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

bool started_by_root() {
    return ::geteuid() == 0;
}

std::vector<pid_t> processes_with(const std::string& marker) {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const pid_t pid = std::atoi(entry.path().filename().c_str());
        if (pid > 0 && pid != ::getpid() &&
            read(entry.path() / "cmdline").find(marker) != std::string::npos) {
            found.push_back(pid);
        }
    }
    return found;
}

std::vector<std::filesystem::path> control_groups_of(pid_t process) {
    std::vector<std::filesystem::path> found;
    std::error_code ignored;
    const auto all = std::filesystem::recursive_directory_iterator(
        "/sys/fs/cgroup", std::filesystem::directory_options::skip_permission_denied, ignored);
    for (auto entry = begin(all); entry != end(all); entry.increment(ignored)) {
        if (entry->path().filename().string().starts_with(fmt::format("ratchet-{}-", process))) {
            found.push_back(entry->path());
        }
    }
    return found;
}

TestStop::TestStop() {
    if (::pipe(ends_) != 0) throw std::runtime_error("pipe");
}

TestStop::~TestStop() {
    ::close(ends_[0]);
    ::close(ends_[1]);
}

void TestStop::request() {
    if (::write(ends_[1], "x", 1) != 1) std::abort();
}

bool TestStop::requested() const {
    pollfd wish{ends_[0], POLLIN, 0};
    return ::poll(&wish, 1, 0) == 1;
}

std::optional<std::chrono::steady_clock::time_point> TestStop::deadline() const {
    if (!requested()) return std::nullopt;
    return std::chrono::steady_clock::now();
}

SandboxTest::SandboxTest(Requirement tier, bool control_groups) {
    // The tree's parents must be passable for the dedicated uid's own checks only where root has not staged
    // it: the folder keeps the mode 0700 that mkdtemp gives, on purpose.
    std::filesystem::create_directories(tree);
    ConfinementSettings settings;
    settings.require = tier;
    settings.helper = RATCHET_HELPER;
    settings.control_groups = control_groups;
    if (tier == Requirement::strong) {
        settings.bubblewrap = "/usr/bin/bwrap";
    } else {
        std::filesystem::permissions(folder.path, std::filesystem::perms(0711));
        attacker_inside = attacker_outside = folder.path / "attacker";
        std::filesystem::copy_file(RATCHET_ATTACKER, attacker_outside);
    }
    confinement = make_confinement(settings);
    confinement->give(tree);
}

ConfinedCommand SandboxTest::command(const std::string& shell) const {
    ConfinedCommand confined;
    confined.shell_command = shell;
    confined.tree = tree;
    confined.timeout = std::chrono::seconds(60);
    confined.mounts.push_back({attacker_outside, attacker_inside, false});
    return confined;
}

RunResult SandboxTest::run(const ConfinedCommand& confined) {
    return confinement->run(confined, never);
}

std::string SandboxTest::attacker(const std::string& arguments) const {
    return attacker_inside.string() + " " + arguments;
}

void SandboxTest::put(const std::string& name, const std::string& text) {
    write(tree / name, text);
    confinement->give(tree);
}

std::string SandboxTest::marker() {
    std::random_device random;
    return fmt::format("{}.{}", 1000000000U + random() % 1000000000U, random());
}

std::string describe(const RunResult& result) {
    return fmt::format("{} with status {}: {}\noutput: {}\nerrors: {}", name_of(result.ending),
                       result.exit_status, result.diagnosis, result.output.text(), result.errors.text());
}

}  // namespace ratchet
