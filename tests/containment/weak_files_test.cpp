#include <gmock/gmock.h>

#include "experiment_store/errors.hpp"
#include "tests/containment/weak_fixture.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST_F(Weak, DiscardedWritesVanishAtTheSamePath) {
    put("kept", "old");
    ConfinedCommand confined =
        command("pwd; echo changed > kept; echo x > made; mkdir closed; echo x > closed/x; chmod 0 closed");
    confined.access = TreeAccess::discarded;
    for (int i = 0; i < 2; ++i) {
        const RunResult result = run(confined);
        EXPECT_EQ(result.output.text(), tree.string() + "\n") << describe(result);
        EXPECT_EQ(result.exit_status, 0) << describe(result);
        EXPECT_EQ(read(tree / "kept"), "old");
        EXPECT_FALSE(fs::exists(tree / "made"));
        EXPECT_FALSE(fs::exists(tree / "closed"));
    }
    EXPECT_FALSE(fs::exists(folder.path / "tree.used"));
    EXPECT_FALSE(fs::exists(folder.path / "tree.original"));
}

TEST_F(Weak, ATreeThatWasMadeReadySinceAKilledRunStays) {
    write(folder.path / "tree.original/old", "");
    put("new", "");
    ConfinedCommand confined = command("ls");
    confined.access = TreeAccess::discarded;
    EXPECT_EQ(run(confined).output.text(), "new\n");
    EXPECT_FALSE(fs::exists(folder.path / "tree.original"));
}

TEST_F(Weak, TheOriginalOfADiscardedTreeCannotBeTouched) {
    put("kept", "old");
    ConfinedCommand confined = command(attacker("change-file " + tree.string() + ".original/kept"));
    confined.access = TreeAccess::discarded;
    EXPECT_EQ(run(confined).output.text(), "refused\n");
    EXPECT_EQ(read(tree / "kept"), "old");
}

TEST_F(Weak, FilesOutsideCannotBeRead) {
    const fs::path key = open_file("home/.ssh/id_ed25519");
    for (const std::string& file : {key.string(), std::string("/etc/shadow"), std::string("/etc/fstab"),
                                    std::string("/etc/hostname")}) {
        const RunResult result = run("cat " + file + "; ls " + fs::path(file).parent_path().string());
        EXPECT_EQ(result.output.text(), "") << file << describe(result);
    }
    fs::create_symlink(key, tree / "link");
    EXPECT_EQ(run("cat link").output.text(), "");
}

TEST_F(Weak, FilesOutsideCannotBeChanged) {
    const std::vector<fs::path> files = {open_file("home/.bashrc"), open_file("repository/.git/config"),
                                         open_file("repository/.git/ratchet/campaign/ledger.sqlite"),
                                         open_file("worktrees/other/source")};
    for (const fs::path& file : files) {
        EXPECT_EQ(attack("change-file " + file.string()), "refused\n") << file;
        EXPECT_EQ(read(file), "secret");
        EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), {}),
                  1 + (file.filename() == "config"));
    }
    for (const char* file :
         {"/etc/passwd", "/usr/bin/env", "/dev/shm/x", "/tmp/ratchet-test", "/proc/self/comm"})
        EXPECT_EQ(attack("change-file " + std::string(file)), "refused\n") << file;
}

TEST_F(Weak, DeclaredPathsAreReadOnlyUnlessDeclaredWritable) {
    const fs::path input = open_file("data/input");
    const fs::path results = open_file("results/old");
    ConfinedCommand confined =
        command("cat " + input.string() + "; echo y > " + (results.parent_path() / "y").string() + "; " +
                attacker("change-file " + input.string()));
    confined.mounts.push_back({input.parent_path(), input.parent_path(), false});
    confined.mounts.push_back({results.parent_path(), results.parent_path(), true});
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "secretrefused\n") << describe(result);
    EXPECT_EQ(read(results.parent_path() / "y"), "y\n");
}

TEST_F(Weak, AHiddenPathThatWasNeededIsNamedWithItsKey) {
    const fs::path compiler = open_file("toolchain/compiler");
    const RunResult result = run("cat " + compiler.string());
    EXPECT_THAT(result.diagnosis, HasSubstr(compiler.string()));
    EXPECT_THAT(result.diagnosis, HasSubstr("sandbox.read"));
    ConfinedCommand missing = command("true");
    missing.mounts.push_back({folder.path / "nowhere", "/nowhere", false});
    EXPECT_EQ(run(missing).ending, Ending::not_started);
}

TEST_F(Weak, PreparedFoldersAreThereDuringTheRunOnly) {
    const fs::path one = open_file("modules/one");
    for (const bool folder_is_there : {false, true}) {
        if (folder_is_there) fs::create_directory(tree / "deep");
        if (folder_is_there) fs::create_directory(tree / "deep/modules");
        confinement->give(tree);
        ConfinedCommand confined = command("cat deep/modules/one");
        confined.mounts.push_back({one.parent_path(), "/tree/deep/modules", false});
        const RunResult result = run(confined);
        EXPECT_EQ(result.output.text(), "secret") << describe(result);
        EXPECT_EQ(fs::exists(tree / "deep/modules"), folder_is_there);
        EXPECT_FALSE(fs::is_symlink(tree / "deep/modules"));
    }
}

TEST_F(Weak, WhatIsDeclaredBelowHomeIsLinkedIntoThePrivateOne) {
    const fs::path tool = open_file("home/.tool/settings");
    ConfinedCommand confined =
        command("cat ~/.tool/settings; { echo x > ~/.tool/settings; } 2>/dev/null; ls -A ~");
    confined.mounts.push_back({tool.parent_path(), tool.parent_path(), false});
    confined.mounts.push_back({tool.parent_path(), fs::path(inner_home) / ".tool", false});
    confined.mounts.push_back({tool, fs::path(inner_home) / ".tool/settings", false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "secret.tool\n") << describe(result);
    EXPECT_EQ(read(tool), "secret");
}

TEST_F(Weak, FillingATreeEndsTheRunAlsoWhereWritesVanish) {
    for (const TreeAccess access : {TreeAccess::writable, TreeAccess::discarded}) {
        // Slowly enough to be seen, and not more than 64 MiB.
        ConfinedCommand confined = command(
            "for i in $(seq 1 64); do head -c 1048576 /dev/zero > file$i; sleep 0.02; done; sleep 20");
        confined.access = access;
        confined.disk_bytes = 8 << 20;
        const RunResult result = run(confined);
        EXPECT_EQ(result.ending, Ending::out_of_disk) << describe(result);
        EXPECT_THAT(result.diagnosis, HasSubstr("sandbox.disk"));
    }
}

TEST_F(Weak, ASymlinkInTheTreeLeadsNothingOutOfIt) {
    const fs::path kept = open_file("outside/kept");
    fs::create_directories(folder.path / "modules");
    fs::create_symlink(kept.parent_path(), tree / "link");
    ConfinedCommand confined = command("true");
    confined.mounts.push_back({folder.path / "modules", "/tree/link/modules", false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started) << describe(result);
    confined = command("ls cache");
    confined.caches.push_back({{HostFolder(tree, "link")}, "cache", std::nullopt});
    EXPECT_EQ(run(confined).output.text(), "") << "nor is a cache filled from there";
    EXPECT_EQ(std::distance(fs::directory_iterator(kept.parent_path()), {}), 1);
}

TEST_F(Weak, WhatStandsInPlaceOfTheGitFileIsNeitherFollowedNorWaitedFor) {
    const fs::path kept = open_file("outside/kept");
    for (const std::string& attack : {"ln -s " + kept.string() + " .git", std::string("mkfifo .git"),
                                      std::string("mkdir -p .git/deep")}) {
        put(".git", "gitdir: elsewhere\n");
        // The second name once was the folder that took away what stood there.
        EXPECT_TRUE(run("rm -rf .git .git.removed; " + attack + "; echo x > .git.removed").succeeded());
        EXPECT_EQ(read(tree / ".git"), "gitdir: elsewhere\n") << attack;
        EXPECT_EQ(read(kept), "secret") << attack;
    }
}

TEST_F(Weak, ALinkLaidDuringTheRunLeadsNothingOutOfTheTreeAfterwards) {
    const fs::path kept = open_file("outside/kept");
    fs::create_directories(folder.path / "modules");
    fs::create_directories(tree / "deps/modules");
    confinement->give(tree);
    ConfinedCommand confined = command("mv deps moved; ln -s " + kept.parent_path().string() + " deps");
    confined.mounts.push_back({folder.path / "modules", "/tree/deps/modules", false});
    EXPECT_TRUE(run(confined).succeeded());
    EXPECT_EQ(std::distance(fs::directory_iterator(kept.parent_path()), {}), 1);
}

TEST_F(Weak, ABuildBeginsWithNoCacheButTheOneThatItTakesOver) {
    put("cache/planted", "by the build of another candidate");
    write(folder.path / "champion/object", "1");
    ConfinedCommand confined = command("ls cache");
    confined.caches.push_back({{folder.path / "champion"}, "cache", folder.path / "upper"});
    EXPECT_EQ(run(confined).output.text(), "object\n");
}

TEST_F(Weak, ALayerOfACacheDoesNotLeadAnotherOutOfTheTree) {
    const fs::path kept = open_file("outside/kept");
    write(folder.path / "upper/file", "evil");
    fs::create_directories(folder.path / "lower");
    fs::create_symlink(kept, folder.path / "lower/file");
    ConfinedCommand confined = command("cat cache/file");
    confined.caches.push_back({{folder.path / "upper", folder.path / "lower"}, "cache", std::nullopt});
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "evil") << describe(result);
    EXPECT_EQ(read(kept), "secret");
}

TEST_F(Weak, GitIsReadOnlyAndTheCampaignsStateHidden) {
    const fs::path head = open_file("repository/.git/HEAD");
    const fs::path ledger = open_file("repository/.git/ratchet/campaign/ledger.sqlite");
    ConfinedCommand confined = command("cat " + head.string() + "; cat " + ledger.string() + "; " +
                                       attacker("change-file " + head.string()));
    confined.git_directory = head.parent_path();
    confined.hidden = head.parent_path() / "ratchet";
    EXPECT_EQ(run(confined).output.text(), "secretrefused\n");
    confined.git_directory.reset();
    EXPECT_EQ(run(confined).output.text(), "refused\n");
}

TEST_F(Weak, TheFileThatPointsToTheRepositoryComesBack) {
    const std::string before = "gitdir: /somewhere\n";
    for (const char* attack : {"echo evil > .git", "rm .git", "rm .git; mkdir .git; echo evil > .git/config",
                               "rm .git; ln -s /etc/passwd .git", "mv .git away"}) {
        put(".git", before);
        EXPECT_EQ(run(attack).exit_status, 0) << attack;
        EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(tree / ".git"))) << attack;
        EXPECT_EQ(read(tree / ".git"), before) << attack;
    }
}

TEST_F(Weak, ATreeThatARunClosedIsOpenedAgain) {
    put(".git", "gitdir: elsewhere\n");
    for (const char* mode : {"0", "444", "300", "555"}) {
        EXPECT_TRUE(run("chmod " + std::string(mode) + " .").succeeded()) << mode;
        ConfinedCommand confined = command("cat .git; ls data");
        fs::create_directories(folder.path / "data");
        confined.mounts.push_back({folder.path / "data", "/tree/data", false});
        EXPECT_TRUE(run(confined).succeeded()) << mode;
        confined.access = TreeAccess::discarded;
        confined.shell_command += "; chmod " + std::string(mode) + " .";
        EXPECT_TRUE(run(confined).succeeded()) << mode;
        EXPECT_EQ(read(tree / ".git"), "gitdir: elsewhere\n") << mode;
    }
}

TEST_F(Weak, AFolderThatARunClosedOnTheWayToWhatIsDeclaredIsOpenedAgain) {
    write(folder.path / "data/number", "genuine");
    EXPECT_TRUE(run("mkdir -p sub/inner; chmod 0 sub/inner sub .").succeeded());
    ConfinedCommand confined = command("cat sub/inner/data/number; chmod 0 sub/inner sub .");
    confined.mounts.push_back({folder.path / "data", "/tree/sub/inner/data", false});
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(run(confined).output.text(), "genuine") << i;
    EXPECT_FALSE(fs::exists(fs::symlink_status(tree / "sub/inner/data")));
}

TEST_F(Weak, WhatStandsInTheTreeIsNotTakenForWhatIsDeclared) {
    write(folder.path / "data/number", "genuine");
    put("data/number", "its own");
    ConfinedCommand confined = command("cat data/number");
    confined.mounts.push_back({folder.path / "data", "/tree/data", false});
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::not_started) << describe(result);
    EXPECT_THAT(result.diagnosis, HasSubstr("something else stands there"));
}

TEST_F(Weak, BigFileIsCapped) {
    ConfinedCommand confined = command("dd if=/dev/zero of=big bs=65536 count=64 2>/dev/null");
    confined.disk_bytes = 1 << 20;
    EXPECT_FALSE(run(confined).succeeded());
    EXPECT_LE(fs::file_size(tree / "big"), 1U << 20);
}

TEST_F(Weak, FindsTheWatchedFileThatARunAltered) {
    put("rules", "fair\n");
    ConfinedCommand confined = command("cat rules");
    confined.access = TreeAccess::discarded;
    confined.watched = {"rules"};
    EXPECT_EQ(run(confined).altered, "");
    confined.shell_command = "echo evil > rules";
    EXPECT_EQ(run(confined).altered, "rules");
    EXPECT_EQ(read(tree / "rules"), "fair\n");
}

TEST_F(Weak, AFolderThatTheDedicatedUserMayNotEnterIsNamed) {
    if (!started_by_root()) GTEST_SKIP() << "there is no other user";
    const fs::path closed = folder.path / "closed";
    fs::create_directories(closed / "tree");
    fs::permissions(closed, fs::perms(0700));
    ConfinedCommand confined = command("true");
    confined.tree = closed / "tree";
    try {
        run(confined);
        FAIL() << "must refuse";
    } catch (const UserError& error) {
        EXPECT_THAT(error.what(), HasSubstr(closed.string()));
        EXPECT_THAT(error.hint(), HasSubstr("chmod o+x"));
    }
}

}  // namespace
}  // namespace ratchet
