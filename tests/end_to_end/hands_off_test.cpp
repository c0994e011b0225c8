#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

/// All that is the user's: every file of the checkout with its mode and time, the index, HEAD, branches and
/// tags, the configuration, hooks and stash. The campaign's own refs, objects and state are not.
std::string belongings(const ToyCampaign& toy) {
    return shell(toy.root(),
                 "find . -path ./.git -prune -o -printf '%p %y %m %T@ %l ' -type f -exec sha256sum {} \\; -o "
                 "-printf '\\n' | sort;"
                 "sha256sum .git/index .git/HEAD .git/config;"
                 "find .git/hooks .git/info -type f -exec sha256sum {} + | sort;"
                 "git for-each-ref --format='%(refname) %(objectname)' | grep -v -e refs/ratchet/ -e "
                 "refs/heads/ratchet/toy || true;"
                 "find .git/logs -type f ! -path '*ratchet*' -exec sha256sum {} + | sort;"
                 "git stash list; git status --porcelain=v2 --ignored");
}

void expect_hands_off(const ToyCampaign& toy) {
    const std::string before = belongings(toy);
    const Ended run = ratchet(toy.folder(), {"run"});
    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_EQ(belongings(toy), before);
    EXPECT_EQ(words_of(toy.ledger()).size(), 12U);
}

TEST(HandsOff, a_clean_checkout_is_the_same_after_a_campaign_with_every_verdict) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    expect_hands_off(toy);
}

TEST(HandsOff, changes_staged_unstaged_and_untracked_stay_as_they_are) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    toy.write("src/cost.txt", "123\n");
    toy.write("staged.txt", "staged\n");
    shell(toy.root(), "git add staged.txt");
    toy.write("untracked.txt", "mine\n");
    toy.write("src/new folder/\xc3\xa9t\xc3\xa9.txt", "summer\n");
    expect_hands_off(toy);
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "500\n") << "HEAD is what counts";
}

TEST(HandsOff, a_detached_head_stays_where_it_is) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    shell(toy.root(), "git checkout -q --detach");
    expect_hands_off(toy);
}

TEST(HandsOff, the_campaigns_branch_is_not_moved_while_it_is_checked_out) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    shell(toy.root(), "git checkout -q -b ratchet/toy");
    const std::string tip = shell(toy.root(), "git rev-parse ratchet/toy");
    const std::string before = belongings(toy);

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_EQ(belongings(toy), before);
    EXPECT_EQ(shell(toy.root(), "git rev-parse ratchet/toy"), tip);
    EXPECT_THAT(run.output + run.errors, HasSubstr("is checked out"));
    EXPECT_EQ(shell(toy.root(), "git show refs/ratchet/toy/champion:src/cost.txt"), "500\n");
}

TEST(HandsOff, a_branch_named_ratchet_is_left_alone) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    shell(toy.root(), "git branch ratchet");
    expect_hands_off(toy);
    EXPECT_EQ(shell(toy.root(), "git show refs/ratchet/toy/champion:src/cost.txt"), "500\n");
}

TEST(HandsOff, a_global_excludes_file_drops_nothing_that_an_agent_adds) {
    const ToyCampaign toy;
    const std::string home = (toy.root() / ".git/home").string();
    shell(toy.root(),
          "mkdir -p .git/home && echo '*.fresh' > .git/home/excludes && "
          "printf '[core]\\n\\texcludesFile = %s/excludes\\n' \"$PWD/.git/home\" > .git/home/.gitconfig");
    toy.propose({{"a new file",
                  toy.cost_patch(1000, 900) + "diff --git a/src/a.fresh b/src/a.fresh\nnew file mode "
                                              "100644\n--- /dev/null\n+++ b/src/a.fresh\n"
                                              "@@ -0,0 +1 @@\n+fresh\n",
                  "kept"}});

    const Ended run = ratchet(toy.folder(), {"run"}, {"HOME=" + home});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({"kept"}));
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/a.fresh"), "fresh\n");
}

TEST(HandsOff, a_bare_repository_no_commit_and_no_repository_are_explained) {
    const ToyCampaign toy;
    const auto place = toy.root() / ".git/elsewhere";
    shell(toy.root(), "mkdir -p .git/elsewhere && cp ratchet.toml .git/elsewhere");
    shell(place, "mkdir bare && git init -q --bare bare && cp ratchet.toml bare");
    shell(place, "mkdir unborn && git init -q unborn && cp ratchet.toml unborn");

    const Ended bare = ratchet(place / "bare", {"run"});
    EXPECT_EQ(bare.status, 1);
    EXPECT_THAT(bare.errors, HasSubstr("bare"));
    const Ended unborn = ratchet(place / "unborn", {"run"});
    EXPECT_EQ(unborn.status, 1);
    EXPECT_THAT(unborn.errors, HasSubstr("commit"));
    const Ended none = ratchet("/", {"run"});
    EXPECT_EQ(none.status, 1);
    EXPECT_THAT(none.errors, HasSubstr("repository"));
}

}  // namespace
}  // namespace ratchet::test
