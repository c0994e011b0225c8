#include "orchestrator/proposers/replay.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "experiment_store/errors.hpp"
#include "tests/support/fixed_clock.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

const std::string good_patch =
    "Hypothesis: two is more than one\n"
    "Expected-effect: 2x\n"
    "Expected-verdict: kept\n"
    "\n"
    "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n";

TEST(Replay, APatchFileIsAHeaderAndADiff) {
    const PatchFile patch = read_patch_file(good_patch);
    EXPECT_EQ(patch.header.at("hypothesis"), "two is more than one");
    EXPECT_EQ(patch.header.at("expected-verdict"), "kept");
    EXPECT_EQ(patch.diff, good_patch.substr(good_patch.find("diff --git")));
    EXPECT_EQ(read_patch_file(patch.diff).diff, patch.diff);
    EXPECT_TRUE(read_patch_file("Hypothesis: nothing\n\n").diff.empty());
    EXPECT_EQ(read_patch_file("Not a header line\nKey: a\r\n\nLater: no\n").header,
              (std::map<std::string, std::string>{{"key", "a"}}));
}

RC_GTEST_PROP(Replay, AnyTextIsAPatchFile, (const std::string& text)) {
    RC_ASSERT(read_patch_file(text).diff.size() <= text.size());
}

class ReplayProposing : public ::testing::Test {
  protected:
    ReplayProposing() : ledger(":memory:", clock) {
        repository.write("a.txt", "one\n");
        base = {repository.commit_all()};
        campaign.proposer.use = "replay";
        campaign.proposer.patches = "patches";
        CampaignIdentity identity;
        identity.name = "toy";
        identity.base = base;
        ledger.found(identity);
        ledger.begin_epoch("hash", "", base);
    }

    ProposerAnswer ask() {
        ReplayProposer proposer(campaign, ledger, repository.folder());
        Repository opened = Repository::open(repository.root());
        Worktree tree = Worktree::lease(opened, repository.folder() / "worktrees", "toy", "proposal");
        tree.reset(base);
        Assignment assignment;
        assignment.brief.parent = base;
        assignment.brief.proposer = "replay";
        assignment.brief.id = ledger.begin(assignment.brief, "");
        const NeverStop never;
        ProposerAnswer answer = proposer.propose(assignment, tree, never);
        written = test::read_file(tree.path() / "a.txt");
        Proposal proposal;
        proposal.notes = answer.notes;
        ledger.store_proposal(assignment.brief.id, proposal);
        return answer;
    }

    [[nodiscard]] bool exhausted() const {
        return ReplayProposer(campaign, ledger, repository.folder()).exhausted();
    }

    void patch(const std::string& name, const std::string& text) const {
        test::write_file(repository.folder() / "patches" / name, text);
    }

    test::TemporaryRepository repository;
    test::FixedClock clock;
    Ledger ledger;
    Campaign campaign;
    CommitId base;
    std::string written;
};

TEST_F(ReplayProposing, PatchesComeInTheOrderOfTheirNamesEachOnce) {
    patch("002-nothing.patch", "Hypothesis: it is well as it is\n\n");
    patch("001-two.patch", good_patch);
    patch("003-conflict.diff",
          "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-three\n+four\n");
    patch("README.md", "no patch");

    const ProposerAnswer first = ask();
    EXPECT_EQ(first.notes.hypothesis, "two is more than one");
    EXPECT_EQ(first.notes.expected_effect, "2x");
    EXPECT_EQ(first.notes.origin,
              (std::map<std::string, std::string>{{"patch", "001-two.patch"}, {"expected-verdict", "kept"}}));
    EXPECT_EQ(written, "two\n");
    EXPECT_FALSE(first.refused);

    const ProposerAnswer second = ask();
    EXPECT_EQ(second.notes.hypothesis, "it is well as it is");
    EXPECT_EQ(written, "one\n");
    EXPECT_TRUE(second.failure.empty());
    EXPECT_FALSE(exhausted());

    const ProposerAnswer third = ask();
    EXPECT_EQ(third.refused, Rejection::conflict);
    EXPECT_EQ(third.failure, "the patch 003-conflict.diff does not apply to the champion");
    EXPECT_EQ(third.notes.hypothesis, "003-conflict.diff");
    EXPECT_EQ(written, "one\n");
    EXPECT_TRUE(exhausted());
    EXPECT_TRUE(ask().exhausted);
}

TEST_F(ReplayProposing, APatchOfGitFormatPatchIsTakenAsItIs) {
    repository.write("a.txt", "zwei\n");
    repository.commit_all("Say it in German");
    std::filesystem::create_directories(repository.folder() / "patches");
    repository.git({"format-patch", "-1", "-o", (repository.folder() / "patches").string()});
    const ProposerAnswer answer = ask();
    EXPECT_EQ(answer.notes.hypothesis, "Say it in German");
    EXPECT_FALSE(answer.refused);
    EXPECT_EQ(written, "zwei\n");
}

TEST_F(ReplayProposing, AFolderWithoutPatchesIsRefused) {
    EXPECT_THROW((void)exhausted(), UserError);
    std::filesystem::create_directories(repository.folder() / "patches");
    EXPECT_THROW((void)exhausted(), UserError);
}

TEST_F(ReplayProposing, WhatIsNoFileIsAFailureAndIsNotAskedForAgain) {
    std::filesystem::create_directories(repository.folder() / "patches/001.patch");
    EXPECT_EQ(ask().failure, "the patch 001.patch cannot be read, or is larger than 16 MiB");
    EXPECT_TRUE(exhausted());
}

}  // namespace
}  // namespace ratchet
