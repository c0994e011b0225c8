#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "experiment_store/errors.hpp"
#include "sandbox/confinement.hpp"

namespace ratchet {
namespace {

/// Commands without confinement: nothing is hidden, but they end, leave nothing running, and are reported
/// alike.
class Plain : public ::testing::Test {
  protected:
    Plain() {
        std::string name = (std::filesystem::temp_directory_path() / "plain-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        folder = name;
        tree = folder / "tree";
        std::filesystem::create_directories(tree);
        ConfinementSettings settings;
        settings.require = Requirement::none;
        settings.helper = RATCHET_HELPER;
        confinement = make_confinement(settings);
    }
    ~Plain() override { std::filesystem::remove_all(folder); }

    [[nodiscard]] ConfinedCommand command(const std::string& shell) const {
        ConfinedCommand confined;
        confined.shell_command = shell;
        confined.tree = tree;
        confined.timeout = std::chrono::seconds(60);
        return confined;
    }
    RunResult run(const ConfinedCommand& confined) { return confinement->run(confined, NeverStop()); }
    static std::string read(const std::filesystem::path& file) {
        std::ifstream stream(file);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    std::filesystem::path folder;
    std::filesystem::path tree;
    std::unique_ptr<Confinement> confinement;
};

TEST_F(Plain, SaysThatItProtectsNothing) {
    EXPECT_EQ(confinement->tier(), Requirement::none);
    for (const Protection& protection : confinement->protections()) {
        if (protection.name == "files" || protection.name == "network") {
            EXPECT_FALSE(protection.present) << protection.name;
        }
    }
}

TEST_F(Plain, CountsLikeTheSandbox) {
    ConfinementSettings settings;
    settings.require = Requirement::none;
    settings.helper = RATCHET_HELPER;
    settings.counter = Counter::task_clock;
    confinement = make_confinement(settings);
    const RunResult result = run(command("i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done"));
    ASSERT_TRUE(result.figures.instructions) << result.errors.text();
    const double counted = static_cast<double>(*result.figures.instructions) * 1e-9;
    EXPECT_GT(counted, 0.7 * (result.figures.user_seconds + result.figures.system_seconds));
    EXPECT_EQ(confinement->missing_counter(), "");
}

TEST_F(Plain, FindsTheWatchedFileThatARunAltered) {
    std::ofstream(tree / "rules") << "fair\n";
    std::filesystem::create_directory_symlink(".", tree / "here");
    ConfinedCommand confined = command("cat rules");
    confined.access = TreeAccess::discarded;
    confined.watched = {"here", "rules"};
    EXPECT_EQ(run(confined).altered, "");
    for (const char* attack : {"echo evil > rules", "rm rules", "chmod 777 rules", "ln -sf here rules"}) {
        confined.shell_command = attack;
        EXPECT_EQ(run(confined).altered, "rules") << attack;
    }
    confined.shell_command = "rm here; ln -s .. here";
    EXPECT_EQ(run(confined).altered, "here");
    EXPECT_EQ(read(tree / "rules"), "fair\n");
}

TEST_F(Plain, RunsInTheTreeAndReports) {
    const RunResult result = run(command("pwd; echo made > made; exit 4"));
    EXPECT_EQ(result.output.text(), tree.string() + "\n") << result.errors.text();
    EXPECT_EQ(result.exit_status, 4);
    EXPECT_EQ(read(tree / "made"), "made\n");
    EXPECT_GT(result.figures.wall_seconds, 0);
}

TEST_F(Plain, DiscardedWritesVanishAtTheSamePath) {
    std::ofstream(tree / "kept") << "old";
    ConfinedCommand confined = command("pwd; echo changed > kept; echo x > made; ls");
    confined.access = TreeAccess::discarded;
    EXPECT_EQ(run(confined).output.text(), tree.string() + "\nkept\nmade\n");
    EXPECT_EQ(read(tree / "kept"), "old");
    EXPECT_FALSE(std::filesystem::exists(tree / "made"));
    EXPECT_FALSE(std::filesystem::exists(folder / "tree.original"));
}

TEST_F(Plain, AnOriginalThatAKilledRunLeftAsideComesBack) {
    std::filesystem::create_directories(folder / "tree.original");
    std::ofstream(folder / "tree.original/right") << "";
    std::ofstream(tree / "wrong") << "";
    ConfinedCommand confined = command("ls");
    confined.access = TreeAccess::discarded;
    EXPECT_EQ(run(confined).output.text(), "right\n");
    EXPECT_TRUE(std::filesystem::exists(tree / "right"));
}

TEST_F(Plain, ATreeThatWasMadeReadySinceStays) {
    std::filesystem::create_directories(folder / "tree.original");
    std::ofstream(folder / "tree.original/old") << "";
    std::ofstream(tree / "new") << "";
    confinement->give(tree);
    ConfinedCommand confined = command("ls");
    confined.access = TreeAccess::discarded;
    EXPECT_EQ(run(confined).output.text(), "new\n");
    EXPECT_FALSE(std::filesystem::exists(folder / "tree.original"));
}

TEST_F(Plain, EverythingEndsWithTheCommandEvenWhatLeftItsSession) {
    const RunResult result =
        run(command("(setsid sh -c 'echo $$ > left; exec sleep 600' &); while [ ! -s left ]; do :; done"));
    EXPECT_TRUE(result.succeeded()) << result.errors.text();
    const std::string process = "/proc/" + std::to_string(std::stoi(read(tree / "left")));
    EXPECT_FALSE(std::filesystem::exists(process));
}

TEST_F(Plain, TimeIsKept) {
    ConfinedCommand confined = command("trap '' TERM; sleep 600");
    confined.timeout = std::chrono::milliseconds(200);
    EXPECT_EQ(run(confined).ending, Ending::timed_out);
}

TEST_F(Plain, PreparedFoldersAreThereDuringTheRunOnly) {
    std::filesystem::create_directories(folder / "modules");
    std::ofstream(folder / "modules/one") << "1";
    ConfinedCommand confined = command("cat modules/one");
    confined.mounts.push_back({folder / "modules", "/tree/modules", false});
    EXPECT_EQ(run(confined).output.text(), "1");
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(tree / "modules")));
}

TEST_F(Plain, AMissingHelperIsTheUsersToMend) {
    ConfinementSettings settings;
    settings.helper = folder / "nowhere";
    EXPECT_THROW(make_confinement(settings), UserError);
}

TEST_F(Plain, MissingBubblewrapIsTheUsersToMend) {
    ConfinementSettings settings;
    settings.helper = RATCHET_HELPER;
    try {
        make_confinement(settings);
        FAIL() << "must refuse";
    } catch (const UserError& error) {
        EXPECT_NE(error.hint().find("bubblewrap"), std::string::npos);
    }
    settings.bubblewrap = "/bin/false";
    EXPECT_THROW(make_confinement(settings), UserError) << "and so must one that does not work";
}

}  // namespace
}  // namespace ratchet
