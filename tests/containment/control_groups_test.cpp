#include <unistd.h>

#include "sandbox/process/process.hpp"
#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

/// Where version 2 is mounted and may be written to; empty: nowhere.
std::filesystem::path version_two() {
    for (const char* folder : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
        const std::filesystem::path path = folder;
        if (std::filesystem::exists(path / "cgroup.controllers") && ::access(path.c_str(), W_OK) == 0 &&
            ::access((path / "cgroup.procs").c_str(), W_OK) == 0)
            return path;
    }
    return {};
}

TEST(ControlGroups, OfVersionTwoAreEnteredByBirthAndLeftEmpty) {
    const std::filesystem::path top = version_two();
    if (top.empty()) GTEST_SKIP() << "no control groups of version 2 that can be written to";
    const std::string name = "ratchet-" + std::to_string(::getpid()) + "-birth";
    Command command;
    command.argv = {RATCHET_HELPER, "outside",
                    "--parent",     std::to_string(::getpid()),
                    "--cgroup",     (top / name).string(),
                    "--",           "/usr/bin/grep",
                    "^0::",         "/proc/self/cgroup"};
    command.working_directory = "/";
    command.wants_report = true;
    command.supervises = true;
    const Outcome outcome = run(command, {}, NeverStop());
    EXPECT_EQ(outcome.output.text(), "0::/" + name + "\n") << outcome.errors.text();
    EXPECT_FALSE(std::filesystem::exists(top / name));
}

}  // namespace
}  // namespace ratchet
