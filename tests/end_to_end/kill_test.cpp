#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// Four tests of this many each, so that they run side by side: 200.
constexpr int least_kills = 50;

/// Runs the campaign, killing it with -9 at random moments, until it ends by itself. Returns how often it was
/// killed.
int run_and_kill(const ToyCampaign& toy, std::mt19937& random) {
    // Longer from time to time: a campaign that were killed at its start each time would never come to its
    // end.
    for (int kills = 0;; ++kills) {
        std::uniform_int_distribution<int> moment(1, 200 + 100 * kills);
        Program program(toy.folder(), {"run"});
        if (program.wait(std::chrono::milliseconds(moment(random)))) {
            const Ended ended = program.end();
            EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
            return kills;
        }
        program.signal(SIGKILL);
        program.end();
    }
}

class Kill : public ::testing::TestWithParam<unsigned> {};

TEST_P(Kill, at_random_moments_loses_nothing_and_doubles_nothing) {
    std::mt19937 random(GetParam());  // the moments differ with the machine's mood all the same
    int kills = 0;
    int campaign = 0;
    for (; kills < least_kills; ++campaign) {
        const ToyCampaign toy;
        const auto patches = toy.twelve();
        toy.propose(patches);

        kills += run_and_kill(toy, random);

        ASSERT_THAT(words_of(toy.ledger()), ElementsAreArray(expected_words(patches)))
            << "campaign " << campaign;
        ASSERT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "500\n");
        const StillClock clock;
        EXPECT_TRUE(Ledger(toy.ledger(), clock, Ledger::Mode::read_only).intact());
        const std::string place = toy.root().string();
        EXPECT_TRUE(eventually([&] { return processes_with(place).empty(); }, std::chrono::seconds(5)));
        EXPECT_THAT(mounts_with(place), IsEmpty());
        EXPECT_EQ(shell(toy.root(), "git worktree list | wc -l"), "1\n");
        EXPECT_EQ(shell(toy.root(), "git fsck --strict 2>&1 | grep -v dangling || true"), "");
    }
    RecordProperty("kills", kills);
    std::printf("%d campaigns of 12 experiments, %d kills\n", campaign, kills);
}

INSTANTIATE_TEST_SUITE_P(Seed, Kill, ::testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace ratchet::test
