#include "orchestrator/proposers/command.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "orchestrator/proposers/notes_file.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

/// Runs nothing: keeps what it was asked to run, does what the test says, and returns what the test says.
class FakeConfinement final : public Confinement {
  public:
    RunResult run(const ConfinedCommand& command, const StopSignal&) override {
        asked = command;
        if (act) act(command);
        return result;
    }
    void give(const std::filesystem::path&) override {}
    [[nodiscard]] Requirement tier() const override { return tier_here; }
    [[nodiscard]] std::vector<Protection> protections() const override { return {}; }
    [[nodiscard]] std::string missing_counter() const override { return {}; }

    ConfinedCommand asked;
    RunResult result;
    std::function<void(const ConfinedCommand&)> act;
    Requirement tier_here = Requirement::strong;
};

class CommandProposing : public ::testing::Test {
  protected:
    CommandProposing() {
        repository.write("sub/a.txt", "one\n");
        base = {repository.commit_all()};
        campaign.name = "toy";
        campaign.folder = "sub";
        campaign.goal = "Go.";
        campaign.proposer.use = "command";
        campaign.proposer.command = "agent --headless";
        campaign.proposer.timeout = std::chrono::seconds(90);
        campaign.sandbox.env = {"TOKEN=a=b", "UNSET"};
        campaign.sandbox.read = {"/opt/venv"};
        campaign.sandbox.write = {"/var/agent"};
        campaign.sandbox.devices = {"/dev/kvm"};
        campaign.sandbox.network = true;
        confinement.result.ending = Ending::exited;
    }

    ProposerAnswer ask() {
        Repository opened = Repository::open(repository.root());
        Worktree tree = Worktree::lease(opened, repository.folder() / "worktrees", "toy", "proposal");
        tree.reset(base);
        CommandProposer proposer(campaign, confinement, repository.root() / ".git",
                                 repository.root() / ".git/ratchet/toy");
        Assignment assignment;
        assignment.brief.id = {7};
        assignment.brief.parent = base;
        assignment.brief.focus = "a.txt";
        assignment.prompt = "Make it faster.\n";
        const NeverStop never;
        return proposer.propose(assignment, tree, never);
    }

    /// What the command would find at a path that it was told of.
    [[nodiscard]] std::string seen(const std::string& variable) const {
        for (const auto& [name, value] : confinement.asked.environment) {
            if (name != variable) continue;
            for (const Mount& mount : confinement.asked.mounts) {
                const auto below = std::filesystem::path(value).lexically_relative(mount.target).string();
                if (!below.starts_with("..")) return test::read_file(mount.source / below);
            }
            return test::read_file(value);
        }
        return "not told";
    }

    test::TemporaryRepository repository;
    FakeConfinement confinement;
    Campaign campaign;
    CommitId base;
};

TEST_F(CommandProposing, TheCommandGetsPromptAndBriefAndWhatTheCampaignAllows) {
    const ProposerAnswer answer = ask();
    EXPECT_TRUE(answer.failure.empty());
    const ConfinedCommand& command = confinement.asked;
    EXPECT_EQ(command.shell_command, "agent --headless");
    EXPECT_EQ(command.standard_input, "Make it faster.\n");
    EXPECT_EQ(command.folder, "sub");
    EXPECT_EQ(command.access, TreeAccess::writable);
    EXPECT_EQ(command.timeout, std::chrono::seconds(90));
    EXPECT_TRUE(command.network);
    EXPECT_EQ(command.git_directory, repository.root() / ".git");
    EXPECT_EQ(command.hidden, repository.root() / ".git/ratchet");
    EXPECT_EQ(command.devices, std::vector<std::filesystem::path>{"/dev/kvm"});
    EXPECT_EQ(command.environment.at(0), std::pair(std::string("TOKEN"), std::string("a=b")));
    EXPECT_EQ(command.environment.size(), 3U);
    ASSERT_EQ(command.mounts.size(), 3U);
    EXPECT_FALSE(command.mounts[0].writable);
    EXPECT_EQ(command.mounts[0].target, "/opt/venv");
    EXPECT_TRUE(command.mounts[1].writable);
    EXPECT_FALSE(command.mounts[2].writable);
    EXPECT_EQ(seen("RATCHET_PROMPT"), "Make it faster.\n");
    const auto brief = nlohmann::json::parse(seen("RATCHET_BRIEF"));
    EXPECT_EQ(brief["experiment"], 7);
    EXPECT_EQ(brief["parent"], base.hex);
    EXPECT_EQ(brief["focus"], "a.txt");
}

TEST_F(CommandProposing, WithoutASandboxTheFilesAreNamedWhereTheyAre) {
    confinement.tier_here = Requirement::none;
    (void)ask();
    EXPECT_EQ(confinement.asked.mounts.size(), 2U);
    EXPECT_EQ(seen("RATCHET_PROMPT"), "Make it faster.\n");
}

TEST_F(CommandProposing, WithoutMountsTheFilesAreNamedWhereTheyAreAndMayBeRead) {
    confinement.tier_here = Requirement::weak;
    (void)ask();
    ASSERT_EQ(confinement.asked.mounts.size(), 3U);
    EXPECT_EQ(confinement.asked.mounts[2].source, confinement.asked.mounts[2].target);
    EXPECT_FALSE(confinement.asked.mounts[2].writable);
    EXPECT_EQ(seen("RATCHET_PROMPT"), "Make it faster.\n");
}

TEST_F(CommandProposing, NotesAreTakenOutOfTheTree) {
    confinement.act = [](const ConfinedCommand& command) {
        test::write_file(command.tree / "sub/.ratchet-notes.json",
                         R"({"hypothesis": "h", "next_ideas": ["a", 5, "b"], "risk": 7, "other": {}})");
        test::write_file(command.tree / ".ratchet-notes.json", "no JSON");
    };
    const ProposerAnswer answer = ask();
    EXPECT_EQ(answer.notes.hypothesis, "h");
    EXPECT_EQ(answer.notes.risk, "");
    EXPECT_EQ(answer.notes.next_ideas, (std::vector<std::string>{"a", "b"}));
    EXPECT_FALSE(std::filesystem::exists(confinement.asked.tree / "sub/.ratchet-notes.json"));
    EXPECT_FALSE(std::filesystem::exists(confinement.asked.tree / ".ratchet-notes.json"));
}

TEST_F(CommandProposing, NotesAtTheTopOfTheTreeAreTakenWhereTheFolderHasNone) {
    confinement.act = [](const ConfinedCommand& command) {
        test::write_file(command.tree / ".ratchet-notes.json", R"({"learned": "l"})");
    };
    EXPECT_EQ(ask().notes.learned, "l");
}

TEST_F(CommandProposing, HostileNotesAreNone) {
    const test::TemporaryFolder outside;
    test::write_file(outside.path() / ".ratchet-notes.json", R"({"hypothesis": "secret"})");
    const std::vector<std::function<void(const std::filesystem::path&)>> attacks = {
        [&](const auto& tree) {
            std::filesystem::create_symlink(outside.path() / ".ratchet-notes.json",
                                            tree / "sub/.ratchet-notes.json");
        },
        [&](const auto& tree) {
            std::filesystem::remove_all(tree / "sub");
            std::filesystem::create_directory_symlink(outside.path(), tree / "sub");
        },
        [](const auto& tree) { std::filesystem::create_directories(tree / "sub/.ratchet-notes.json"); },
        [](const auto& tree) { ::mkfifo((tree / "sub/.ratchet-notes.json").c_str(), 0600); },
        [](const auto& tree) {
            test::write_file(tree / "sub/.ratchet-notes.json",
                             "{\"hypothesis\": \"" + std::string(300'000, 'x') + "\"}");
        },
        [](const auto& tree) {
            test::write_file(tree / "sub/.ratchet-notes.json", std::string(250'000, '['));
        },
    };
    for (const auto& attack : attacks) {
        confinement.act = [&](const ConfinedCommand& command) { attack(command.tree); };
        EXPECT_EQ(ask().notes, Notes{});
    }
    EXPECT_TRUE(std::filesystem::exists(outside.path() / ".ratchet-notes.json"));
}

TEST_F(CommandProposing, AFailureIsOneSentenceWithTheLastWords) {
    confinement.result.exit_status = 3;
    confinement.result.errors.tail = "first\n\x1b[31mno  such model\x1b[0m\n";
    confinement.result.errors.total_bytes = confinement.result.errors.tail.size();
    EXPECT_EQ(ask().failure, "the command ended with exit status 3: first no such model");
    confinement.result.ending = Ending::timed_out;
    confinement.result.errors = {};
    EXPECT_EQ(ask().failure, "the command timed out after 1m 30s");
    confinement.result.ending = Ending::signalled;
    confinement.result.exit_status = 137;
    EXPECT_EQ(ask().failure, "the command was ended by signal 9");
    confinement.result.ending = Ending::out_of_memory;
    EXPECT_EQ(ask().failure, "the command ran out of memory");
}

TEST_F(CommandProposing, AStopIsNoFailure) {
    confinement.result.ending = Ending::stopped;
    const ProposerAnswer answer = ask();
    EXPECT_TRUE(answer.stopped);
    EXPECT_TRUE(answer.failure.empty());
}

TEST(Notes, LongTextsAreCutBetweenCharacters) {
    std::string text = "{\"learned\": \"x";
    for (int i = 0; i < 3000; ++i)
        text += "é";
    const Notes notes = read_notes(text + "\\u0000\"}");
    EXPECT_LE(notes.learned.size(), 4005U);
    EXPECT_TRUE(notes.learned.ends_with("é…"));
}

RC_GTEST_PROP(Notes, AnyTextIsRead, (const std::string& text)) {
    RC_ASSERT(read_notes(text).next_ideas.size() <= 20U);
    RC_ASSERT(read_notes("{\"next_ideas\": [" + text + "]}").next_ideas.size() <= 20U);
}

}  // namespace
}  // namespace ratchet
