#include <sys/stat.h>

#include "experiment_store/errors.hpp"
#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

using ::testing::Test;

class Files : public SandboxTest {};

TEST_F(Files, TreeStandsAtTheSamePathAlways) {
    put("file", "content");
    const RunResult result = run("pwd; cat /tree/file");
    EXPECT_EQ(result.output.text(), "/tree\ncontent") << describe(result);
}

TEST_F(Files, OutputMayBeOpenedAgain) {
    const RunResult result = run("echo out > /dev/stdout; echo err > /dev/stderr");
    EXPECT_EQ(result.output.text(), "out\n") << describe(result);
    EXPECT_EQ(result.errors.text(), "err\n");
}

TEST_F(Files, WritesToAWritableTreeStay) {
    EXPECT_TRUE(run("echo new > made").succeeded());
    EXPECT_EQ(read(tree / "made"), "new\n");
}

TEST_F(Files, WritesToADiscardedTreeVanish) {
    put("kept", "old");
    ConfinedCommand confined = command("echo changed > kept; echo more > made; rm -f kept && ls -A");
    confined.access = TreeAccess::discarded;
    EXPECT_EQ(run(confined).output.text(), "made\n");
    EXPECT_EQ(read(tree / "kept"), "old");
    EXPECT_FALSE(std::filesystem::exists(tree / "made"));
    confined.shell_command = "cat kept; ls -A";
    EXPECT_EQ(run(confined).output.text(), "oldkept\n") << "the next run must start clean";
}

TEST_F(Files, NothingOfTheHostIsToBeSeen) {
    write(folder.path / "other-worktree/secret", "secret");
    const RunResult result = run("for path in /etc/shadow /root /var /home/* /srv /mnt /media /opt /boot " +
                                 (folder.path / "other-worktree").string() + " " + folder.path.string() +
                                 "; do [ -e \"$path\" ] && echo \"$path\"; done; true");
    EXPECT_EQ(result.output.text(), "/home/sandbox\n") << describe(result);
}

TEST_F(Files, EverythingOutsideOfTheTreeIsReadOnlyOrPrivate) {
    const RunResult result =
        run("for folder in / /usr /usr/bin /etc /etc/alternatives /dev /proc /proc/sys/kernel /home; do "
            "{ echo x > $folder/ratchet-test; } 2>/dev/null && echo $folder; done; "
            "{ echo x > /etc/passwd; } 2>/dev/null && echo passwd; true");
    EXPECT_EQ(result.output.text(), "") << describe(result);
}

TEST_F(Files, PrivateFoldersAreWritableAndGoneInTheNextRun) {
    EXPECT_EQ(run("for f in /tmp /dev/shm $HOME; do echo x > $f/x && cat $f/x; done").output.text(),
              "x\nx\nx\n");
    EXPECT_EQ(run("ls -A /tmp /dev/shm $HOME | grep -x x").output.text(), "");
}

TEST_F(Files, OrdinaryProgramsFindWhatTheyLookUp) {
    const RunResult result =
        run("id -un; id -gn; echo ~sandbox; getent hosts localhost > /dev/null && echo localhost; date +%Z");
    EXPECT_TRUE(result.output.text().starts_with("sandbox\nsandbox\n/home/sandbox\nlocalhost\n"))
        << describe(result);
}

TEST_F(Files, DeclaredPathsAreShownReadOnlyUnlessDeclaredWritable) {
    write(folder.path / "data/input", "data");
    std::filesystem::create_directories(folder.path / "results");
    confinement->give(folder.path / "results");
    confinement->give(folder.path / "data");
    ConfinedCommand confined =
        command("cat /data/input; echo y > /results/y; { echo x > /data/x; } 2>/dev/null && echo written");
    confined.mounts.push_back({folder.path / "data", "/data", false});
    confined.mounts.push_back({folder.path / "results", "/results", true});
    EXPECT_EQ(run(confined).output.text(), "data");
    EXPECT_EQ(read(folder.path / "results/y"), "y\n");
    EXPECT_FALSE(std::filesystem::exists(folder.path / "data/x"));
}

TEST_F(Files, ADeclaredPathMayLieBelowALinkOfTheSystem) {
    ConfinedCommand confined = command("cat /data/real/file");
    write(folder.path / "data/real/file", "data");
    confinement->give(folder.path / "data");
    confined.mounts.push_back({folder.path / "data", "/data", false});
    confined.mounts.push_back({"/bin/sh", "/bin/sh", false});  // /bin is a link, or a folder that is shown
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "data") << describe(result);
}

TEST_F(Files, AFolderOfTheSystemMayBeDeclared) {
    ConfinedCommand confined = command("test -x /bin/sh && test -d /usr/bin && echo there");
    for (const char* path : {"/bin", "/usr", "/lib"})
        confined.mounts.push_back({path, path, false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "there\n") << describe(result);
    EXPECT_EQ(run("echo x > /usr/bin/x || echo refused").output.text(), "refused\n");
}

TEST_F(Files, AFolderBelowThoseOfTheSystemIsWritableWhereThatIsDeclared) {
    ConfinedCommand confined = command("echo x > /sbin/made; echo y > /usr/local/made");
    for (const char* place : {"sbin", "local"}) {
        std::filesystem::create_directories(folder.path / place);
        confinement->give(folder.path / place);
    }
    confined.mounts.push_back({folder.path / "sbin", "/sbin", true});
    confined.mounts.push_back({folder.path / "local", "/usr/local", true});
    const RunResult result = run(confined);
    EXPECT_EQ(read(folder.path / "sbin/made"), "x\n") << describe(result);
    EXPECT_EQ(read(folder.path / "local/made"), "y\n") << describe(result);
}

TEST_F(Files, ADeclaredPathBelowALinkOfAnotherIsNamed) {
    write(folder.path / "data/real/file", "data");
    std::filesystem::create_symlink("real", folder.path / "data/link");
    ConfinedCommand confined = command("true");
    confined.mounts.push_back({folder.path / "data", "/data", false});
    confined.mounts.push_back({folder.path / "data/real", "/data/link/more", false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started);
    EXPECT_NE(result.diagnosis.find("data/link/more"), std::string::npos) << describe(result);
}

TEST_F(Files, TheOrdinaryDevicesAreThereAndNoOthers) {
    const RunResult result =
        run("ls /dev; head -c 3 /dev/zero | wc -c; head -c 2 /dev/urandom | wc -c; "
            "echo gone > /dev/null; { echo x > /dev/full; } 2> /dev/null || echo full");
    EXPECT_EQ(result.output.text(),
              "fd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n"
              "3\n2\nfull\n")
        << describe(result);
}

TEST_F(Files, PseudoTerminalsAreItsOwn) {
    const RunResult result = run("script -qec 'tty; ls /dev/pts' /dev/null");
    EXPECT_EQ(result.output.text(), "/dev/pts/0\r\n0  ptmx\r\n") << describe(result);
}

TEST_F(Files, MountPointsDoNotStayInAWritableTree) {
    write(folder.path / "modules/one", "1");
    write(folder.path / "single", "2");
    ConfinedCommand confined = command("cat deep/modules/one single");
    confined.mounts.push_back({folder.path / "modules", "/tree/deep/modules", false});
    confined.mounts.push_back({folder.path / "single", "/tree/single", false});
    std::filesystem::permissions(folder.path / "modules", std::filesystem::perms(0755));
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "12") << describe(result);
    EXPECT_TRUE(std::filesystem::is_empty(tree));
}

TEST_F(Files, ASymlinkInTheTreeDoesNotLeadAMountOutOfIt) {
    std::filesystem::create_directories(folder.path / "outside");
    std::filesystem::create_directories(folder.path / "modules");
    std::filesystem::create_symlink(folder.path / "outside", tree / "link");
    ConfinedCommand confined = command("true");
    confined.mounts.push_back({folder.path / "modules", "/tree/link/modules", false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started) << describe(result);
    EXPECT_NE(result.diagnosis.find("tree/link/modules"), std::string::npos) << result.diagnosis;
    EXPECT_TRUE(std::filesystem::is_empty(folder.path / "outside"));
}

TEST_F(Files, WhatStandsWhereAMountGoesIsTheRunsOwnFailure) {
    put("build", "a file");
    write(folder.path / "lower/object", "1");
    ConfinedCommand confined = command("true");
    confined.caches.push_back({{folder.path / "lower"}, "build", std::nullopt});
    EXPECT_EQ(run(confined).ending, Ending::not_started);
    confined.caches.clear();
    confined.mounts.push_back({folder.path / "lower", "/tree/build/modules", false});
    EXPECT_EQ(run(confined).ending, Ending::not_started);
    EXPECT_EQ(read(tree / "build"), "a file");
}

TEST_F(Files, ASymlinkInTheTreeShowsNothingOfTheHost) {
    write(folder.path / "secret", "secret");
    std::filesystem::create_symlink(folder.path / "secret", tree / "link");
    EXPECT_FALSE(run("cat link").succeeded());
}

TEST_F(Files, AMissingDeclaredPathIsNamed) {
    ConfinedCommand confined = command("true");
    confined.mounts.push_back({folder.path / "nowhere", "/nowhere", false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started);
    EXPECT_NE(result.diagnosis.find("nowhere"), std::string::npos);
}

TEST_F(Files, AHiddenPathThatWasNeededIsNamedWithItsKey) {
    write(folder.path / "toolchain/compiler", "");
    const RunResult result = run("cat " + (folder.path / "toolchain/compiler").string());
    EXPECT_NE(result.diagnosis.find((folder.path / "toolchain/compiler").string()), std::string::npos)
        << describe(result);
    EXPECT_NE(result.diagnosis.find("sandbox.read"), std::string::npos);
}

TEST_F(Files, CacheStartsAsTheLowersAndItsWritesGoToTheUpper) {
    write(folder.path / "champion/a", "champion");
    write(folder.path / "champion/b", "champion");
    const auto upper = folder.path / "candidate";
    confinement->give(folder.path / "champion");
    ConfinedCommand build =
        command("cat cache/a; echo -n candidate > cache/a; rm cache/b; echo -n candidate > cache/c");
    build.caches.push_back({{folder.path / "champion"}, "cache", upper});
    EXPECT_EQ(run(build).output.text(), "champion");
    EXPECT_EQ(read(folder.path / "champion/a"), "champion");
    EXPECT_EQ(read(upper / "a"), "candidate");
    EXPECT_FALSE(std::filesystem::exists(folder.path / "candidate.work"));

    ConfinedCommand sample = command("cat cache/a cache/c; ls cache; echo sample > cache/a");
    sample.access = TreeAccess::discarded;
    sample.caches.push_back({{upper, folder.path / "champion"}, "cache", std::nullopt});
    for (int i = 0; i < 2; ++i) {
        const RunResult result = run(sample);
        EXPECT_EQ(result.output.text(), "candidatecandidatea\nc\n") << describe(result);
    }
    EXPECT_EQ(read(upper / "a"), "candidate");
}

TEST_F(Files, ALinkInTheWayOfACacheShowsNothingOfTheHost) {
    write(folder.path / "secret/key", "secret");
    const auto champion = folder.path / "champion";
    std::filesystem::create_directories(champion);
    std::filesystem::create_symlink(folder.path / "secret", champion / "cache");
    std::filesystem::create_symlink(folder.path, champion / "out");
    ConfinedCommand build = command("cat cache/key out/secret/key; ls -A cache out/secret");
    build.caches.push_back({{HostFolder(champion, "cache")}, "cache", folder.path / "upper"});
    build.caches.push_back({{HostFolder(champion, "out/secret")}, "out/secret", folder.path / "second"});
    const RunResult result = run(build);
    EXPECT_EQ(result.output.text(), "cache:\n\nout/secret:\n") << describe(result);
}

TEST_F(Files, ManyDeclaredPathsAreEachThemselves) {
    put("rules", "fair\n");
    constexpr int many = 60;  // more than the descriptors that have numbers of their own
    ConfinedCommand confined = command("for i in $(seq 60); do cat /data/$i/number; done; echo > written");
    confined.access = TreeAccess::discarded;
    confined.watched = {"rules"};
    std::string expected;
    for (int i = 1; i <= many; ++i) {
        const std::string name = std::to_string(i);
        write(folder.path / name / "number", name + " ");
        confined.mounts.push_back({folder.path / name, "/data/" + name, false});
        expected += name + " ";
    }
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), expected) << describe(result);
    EXPECT_EQ(result.altered, "");
    confined.shell_command = "echo unfair > rules";
    EXPECT_EQ(run(confined).altered, "rules");
}

TEST_F(Files, ADeclaredTmpIsTheHostsAndNotWhatTheSandboxIsMadeOf) {
    write(folder.path / "here", "here");
    std::filesystem::permissions(folder.path, std::filesystem::perms(0755));
    ConfinedCommand confined = command("cat " + (folder.path / "here").string() +
                                       "; ls -d /tmp/root /tmp/upper1 /tmp/lower 2> /dev/null; true");
    confined.access = TreeAccess::discarded;
    confined.mounts.push_back({"/tmp", "/tmp", false});
    EXPECT_EQ(run(confined).output.text(), "here");
}

TEST_F(Files, CacheWithoutALowerStartsEmpty) {
    ConfinedCommand build = command("ls -A cache; echo -n built > cache/a");
    build.caches.push_back({{folder.path / "nobody"}, "cache", folder.path / "first"});
    EXPECT_EQ(run(build).output.text(), "");
    EXPECT_EQ(read(folder.path / "first/a"), "built");
}

}  // namespace
}  // namespace ratchet
