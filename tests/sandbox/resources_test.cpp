#include "sandbox/machine/resources.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ratchet {
namespace {

/// A tree of files that looks like mounted control groups.
class FakeGroups : public ::testing::Test {
  protected:
    FakeGroups() {
        std::string name = (std::filesystem::temp_directory_path() / "groups-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        folder = name;
        files.root = folder / "cgroup";
        files.own = folder / "own";
    }
    ~FakeGroups() override { std::filesystem::remove_all(folder); }
    void write(const std::filesystem::path& file, const std::string& text) const {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    static std::string read(const std::filesystem::path& file) {
        std::ifstream stream(file);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    std::filesystem::path folder;
    ControlGroupFiles files;
};

TEST_F(FakeGroups, VersionTwoUsesTheNearestGroupThatHandsMemoryAndPidsOn) {
    write(files.own, "0::/user.slice/app.slice/run.scope\n");
    write(files.root / "user.slice/cgroup.procs", "");
    write(files.root / "user.slice/cgroup.subtree_control", "cpu memory pids\n");
    write(files.root / "user.slice/app.slice/cgroup.procs", "");
    write(files.root / "user.slice/app.slice/cgroup.subtree_control", "memory pids\n");
    write(files.root / "user.slice/app.slice/run.scope/cgroup.procs", "");
    write(files.root / "user.slice/app.slice/run.scope/cgroup.subtree_control", "");
    const auto resources = control_groups_v2(files);
    ASSERT_TRUE(resources);
    const auto groups = resources->groups("ratchet-1-1", {1000, 20});
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].folder, files.root / "user.slice/app.slice/ratchet-1-1");
    const std::vector<std::pair<std::string, std::string>> settings = {{"memory.max", "1000"},
                                                                       {"pids.max", "20"}};
    EXPECT_EQ(groups[0].settings, settings);
}

TEST_F(FakeGroups, VersionTwoIsNoneWhereNoControllerIsHandedOn) {
    write(files.own, "0::/a\n");
    write(files.root / "cgroup.procs", "");
    write(files.root / "cgroup.subtree_control", "hugetlb\n");
    write(files.root / "a/cgroup.procs", "");
    write(files.root / "a/cgroup.subtree_control", "pids\n");
    EXPECT_FALSE(control_groups_v2(files));
    write(files.own, "4:memory:/a\n");
    EXPECT_FALSE(control_groups_v2(files));
}

TEST_F(FakeGroups, VersionTwoHandsOnWhatWasDelegatedToUsAlone) {
    write(files.own, "0::/user.slice/run.scope\n");
    write(files.root / "user.slice/run.scope/cgroup.procs", "");
    write(files.root / "user.slice/run.scope/cgroup.controllers", "cpu memory pids\n");
    write(files.root / "user.slice/run.scope/cgroup.subtree_control", "");
    const auto resources = control_groups_v2(files);
    ASSERT_TRUE(resources);
    EXPECT_EQ(resources->groups("ratchet-1-1", {1000, 20}).at(0).folder,
              files.root / "user.slice/run.scope/ratchet-1-1");
    EXPECT_EQ(read(files.root / "user.slice/run.scope/ratchet/cgroup.procs"), "0");
    EXPECT_EQ(read(files.root / "user.slice/run.scope/cgroup.subtree_control"), "+memory +pids");
}

TEST_F(FakeGroups, VersionTwoIsNoneWhereTheControllersAreNotThere) {
    write(files.own, "0::/user.slice/run.scope\n");
    write(files.root / "user.slice/run.scope/cgroup.procs", "");
    write(files.root / "user.slice/run.scope/cgroup.controllers", "cpu pids\n");
    write(files.root / "user.slice/run.scope/cgroup.subtree_control", "");
    EXPECT_FALSE(control_groups_v2(files));
    EXPECT_FALSE(std::filesystem::exists(files.root / "user.slice/run.scope/ratchet"));
}

TEST_F(FakeGroups, VersionTwoReadsPeakAndKills) {
    write(files.own, "0::/\n");
    write(files.root / "cgroup.procs", "");
    write(files.root / "cgroup.subtree_control", "memory pids\n");
    const auto resources = control_groups_v2(files);
    ASSERT_TRUE(resources);
    const ResourceReadings readings = resources->read(
        {{"memory.peak", "123456\n"}, {"memory.events", "low 0\nhigh 0\nmax 7\noom 2\noom_kill 3\n"}});
    EXPECT_EQ(readings.peak_bytes, 123456);
    EXPECT_EQ(readings.memory_kills, 3);
    EXPECT_EQ(resources->read({}).memory_kills, 0);
}

TEST_F(FakeGroups, VersionOneStandsBelowOurOwnGroupOfEachHierarchy) {
    write(files.own, "9:cpu,cpuacct:/x\n8:pids:/\n4:memory:/session/3\n0::/\n");
    write(files.root / "memory/session/3/cgroup.procs", "");
    write(files.root / "pids/cgroup.procs", "");
    const auto resources = control_groups_v1(files);
    ASSERT_TRUE(resources);
    const auto groups = resources->groups("ratchet-1-1", {1000, 20});
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].folder, files.root / "memory/session/3/ratchet-1-1");
    EXPECT_EQ(groups[1].folder, files.root / "pids/ratchet-1-1");
    const ResourceReadings readings =
        resources->read({{"memory.max_usage_in_bytes", "99\n"},
                         {"memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"}});
    EXPECT_EQ(readings.peak_bytes, 99);
    EXPECT_EQ(readings.memory_kills, 1);
}

TEST_F(FakeGroups, VersionOneUsesTheTopWhereAContainerShowsOnlyThat) {
    write(files.own, "8:pids:/docker/abc\n4:memory:/docker/abc\n");
    write(files.root / "memory/cgroup.procs", "");
    write(files.root / "pids/cgroup.procs", "");
    const auto resources = control_groups_v1(files);
    ASSERT_TRUE(resources);
    EXPECT_EQ(resources->groups("n", {1, 1})[0].folder, files.root / "memory/n");
}

TEST_F(FakeGroups, WithoutAnyThereAreLimitsOfSingleProcesses) {
    const auto resources = best_resources(files);
    EXPECT_TRUE(resources->groups("n", {1, 1}).empty());
    EXPECT_FALSE(resources->limits_the_whole());
}

TEST_F(FakeGroups, GroupsOfDeadPredecessorsAndEmptyOnesOfOurOwnAreSweptAndNoOthers) {
    const auto mine = folder / ("ratchet-" + std::to_string(::getpid()) + "-1");
    const auto alive = folder / "ratchet-1-1";
    // A number above the kernel's largest is nobody's.
    for (const auto& group : {folder / "ratchet-99999999-1", mine, alive, folder / "other-99999999-1"}) {
        std::filesystem::create_directories(group);
    }
    sweep_groups(folder);
    EXPECT_FALSE(std::filesystem::exists(folder / "ratchet-99999999-1"));
    EXPECT_FALSE(std::filesystem::exists(mine));  // left by a helper that was killed
    EXPECT_TRUE(std::filesystem::exists(alive));
    EXPECT_TRUE(std::filesystem::exists(folder / "other-99999999-1"));
}

}  // namespace
}  // namespace ratchet
