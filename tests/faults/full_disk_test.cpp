#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <memory>

#include "experiment_store/ledger.hpp"
#include "tests/faults/hold.hpp"
#include "tests/faults/small_disk.hpp"

// The disk is full from one step on: at each of the steps that a run passes. The run ends with a sentence,
// has lost nothing, and goes on when there is room.

namespace ratchet::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;

/// A campaign that stands on this disk; its points are recorded on another one.
std::unique_ptr<FaultCampaign> campaign_on(const SmallDisk& disk, FaultSettings settings = {}) {
    const std::filesystem::path before = std::filesystem::temp_directory_path();
    settings.records = before;
    ::setenv("TMPDIR", disk.folder().c_str(), 1);
    auto campaign = std::make_unique<FaultCampaign>(settings);
    ::setenv("TMPDIR", before.c_str(), 1);
    return campaign;
}

void expect_sentence(const Ended& ended) {
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.errors,
                AllOf(HasSubstr("ratchet: the disk is full: "), HasSubstr("make room (16 MiB at least)"),
                      HasSubstr("nothing that was recorded is lost"), Not(HasSubstr("something broke"))));
}

class FullDisk : public ::testing::TestWithParam<int> {};

/// Each run finds the disk full from the next point on that comes up for the so-and-so-manieth time, until
/// one comes to its end.
TEST_P(FullDisk, at_any_step_loses_nothing_and_is_told_in_a_sentence) {
    const SmallDisk disk;
    if (!disk.problem().empty()) GTEST_SKIP() << disk.problem();
    const auto campaign = campaign_on(disk);
    int times = 0;
    for (;; ++times) {
        Program program(campaign->toy().folder(), usual_run,
                        campaign->environment("RATCHET_STOP_AT", any_point(GetParam())));
        const bool stopped = has_stopped(program);
        SCOPED_TRACE("full from " + campaign->last_point());
        if (stopped) {
            disk.fill();
            program.signal(SIGCONT);
        }
        const Ended ended = program.end();
        disk.make_room();
        SCOPED_TRACE(ended.output);
        // Where nothing was left to be written, it has come to its end.
        if (!stopped || ended.status == 0) {
            EXPECT_EQ(ended.status, 0) << ended.errors;
        } else {
            expect_sentence(ended);
        }
        campaign->expect_nothing_lost();
        if (!stopped || HasFailure()) break;
    }
    campaign->expect_same_as(undisturbed());
    EXPECT_GT(times, 10);
    std::printf("%d times\n", times);
}

INSTANTIATE_TEST_SUITE_P(At, FullDisk, ::testing::Values(1, 3));

TEST(FullDiskFromTheStart, is_told_before_anything_is_asked) {
    const SmallDisk disk;
    if (!disk.problem().empty()) GTEST_SKIP() << disk.problem();
    const auto campaign = campaign_on(disk);
    disk.fill();
    expect_sentence(ratchet(campaign->toy().folder(), usual_run));
    disk.make_room();
    disk.fill(std::size_t{8} << 20);
    const Ended little = ratchet(campaign->toy().folder(), usual_run, campaign->environment());
    expect_sentence(little);
    EXPECT_THAT(little.errors, HasSubstr(" MiB are left at " + campaign->toy().state().string()));
    EXPECT_EQ(campaign->points()["ledger/begin committed"], 0);
    disk.make_room();
    campaign->run_to_the_end();
    campaign->expect_same_as(undisturbed());
}

/// A build that fails because the machine has no room tells nothing about the candidate.
TEST(FullDiskInTheBuild, is_no_verdict) {
    const SmallDisk disk;
    if (!disk.problem().empty()) GTEST_SKIP() << disk.problem();
    const Hold hold;
    FaultSettings settings = hold.settings("build");
    const std::string build = settings.changes.front().second;
    settings.changes.front().second = build.substr(0, build.find("test ")) +
                                      "head -c 2000000 /dev/zero > artefact || exit 1; " +
                                      build.substr(build.find("test "));
    const auto campaign = campaign_on(disk, settings);
    Program program(campaign->toy().folder(), usual_run,
                    campaign->environment("RATCHET_STOP_AT", before_the_first_build));
    ASSERT_NO_FATAL_FAILURE(run_until_held(program, hold));
    disk.fill();
    hold.release();
    expect_sentence(program.end());
    disk.make_room();
    campaign->expect_nothing_lost();
    EXPECT_THAT(words_of(campaign->toy().ledger()), ElementsAreArray({"unfinished"}));
    campaign->run_to_the_end();
    campaign->expect_same_as(undisturbed());
}

}  // namespace
}  // namespace ratchet::testing
