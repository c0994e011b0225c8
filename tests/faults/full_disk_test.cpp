#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <memory>

#include "experiment_store/ledger.hpp"
#include "tests/faults/hold.hpp"
#include "tests/faults/small_disk.hpp"
#include "tests/support/bytes_of_file.hpp"

// The disk is full from one step on: at each of the steps that a run passes. The run says so, loses nothing,
// waits, and goes on by itself when there is room.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;

/// A campaign that stands on this disk; its points are recorded on another one.
std::unique_ptr<FaultCampaign> campaign_on(const SmallDisk& disk, FaultSettings settings = {}) {
    const fs::path before = fs::temp_directory_path();
    settings.records = before;
    ::setenv("TMPDIR", disk.folder().c_str(), 1);
    auto campaign = std::make_unique<FaultCampaign>(settings);
    ::setenv("TMPDIR", before.c_str(), 1);
    return campaign;
}

int times_in(const std::string& text, const std::string& part) {
    int times = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++times;
    return times;
}

int pauses_of(const Program& program) {
    return times_in(program.printed(), "The run waits, and nothing that was recorded is lost");
}

enum class State { stopped, waiting, ended };

/// Waits until the run has stopped itself, waits for room for more than the `pauses`-th time, or has ended.
State next_state(const Program& program, int pauses) {
    std::optional<bool> stopped;
    const bool came = eventually(
        [&] {
            stopped = is_stopped(program);
            return stopped.value_or(true) || pauses_of(program) > pauses;
        },
        std::chrono::minutes(5));
    EXPECT_TRUE(came) << "it neither stops, waits nor ends";
    if (!stopped) return State::ended;
    return *stopped ? State::stopped : State::waiting;
}

bool waits_for_room(const Program& program, int pauses = 0) {
    return next_state(program, pauses) == State::waiting;
}

void expect_gone_on(Program& program) {
    const Ended ended = program.end();
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_THAT(ended.output, HasSubstr("there is room on the disk again: the run goes on"));
}

class FullDisk : public ::testing::TestWithParam<int> {};

/// One process: it finds the disk full from each point on that comes up for the so-and-so-manieth time.
TEST_P(FullDisk, at_any_step_is_waited_for_and_loses_nothing) {
    const SmallDisk disk;
    if (!disk.problem().empty()) GTEST_SKIP() << disk.problem();
    const auto campaign = campaign_on(disk);
    Program program(campaign->toy().folder(), usual_run,
                    campaign->environment("RATCHET_STOP_AT", any_point(GetParam())));
    int pauses = 0;
    for (State state{}; (state = next_state(program, pauses)) != State::ended && !HasFailure();) {
        SCOPED_TRACE("full from " + campaign->last_point());
        if (state == State::stopped) {
            disk.fill();
            program.signal(SIGCONT);
            continue;
        }
        ++pauses;
        campaign->expect_nothing_lost();
        disk.make_room();
    }
    const Ended ended = program.end();
    disk.make_room();
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_EQ(times_in(ended.output, "the run goes on"), pauses) << ended.output;
    campaign->expect_same_as(undisturbed());
    EXPECT_GT(pauses, 10);
    std::printf("%d pauses\n", pauses);
}

INSTANTIATE_TEST_SUITE_P(At, FullDisk, ::testing::Values(1, 3));

TEST(FullDiskFromTheStart, is_told_and_waited_for_before_anything_is_opened) {
    const SmallDisk disk;
    if (!disk.problem().empty()) GTEST_SKIP() << disk.problem();
    const auto campaign = campaign_on(disk);
    disk.fill();
    Program program(campaign->toy().folder(), usual_run, campaign->environment());
    ASSERT_TRUE(waits_for_room(program));
    EXPECT_THAT(program.printed(), HasSubstr("the disk is full: "));
    program.signal(SIGTERM);
    EXPECT_EQ(program.end().status, 130);

    disk.fill(std::size_t{8} << 20);  // enough to open the campaign, and too little to go on
    Program again(campaign->toy().folder(), usual_run, campaign->environment());
    ASSERT_TRUE(waits_for_room(again));
    EXPECT_THAT(again.printed(), AllOf(HasSubstr(" MiB are left at " + campaign->toy().state().string()),
                                       HasSubstr("once there is room (16 MiB at least)")));
    EXPECT_EQ(campaign->points()["ledger/begin committed"], 0) << "nobody is asked";
    disk.make_room();
    expect_gone_on(again);
    campaign->expect_same_as(undisturbed());
}

/// What is done to a run that waits: its disk is full, and a first experiment is under way.
class WaitingForRoom : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!disk_.problem().empty()) GTEST_SKIP() << disk_.problem();
        start({});
    }

    void start(const FaultSettings& settings, const Passing& at = before_the_first_build) {
        campaign_ = campaign_on(disk_, settings);
        program_ = std::make_unique<Program>(campaign_->toy().folder(), usual_run,
                                             campaign_->environment("RATCHET_STOP_AT", at));
        ASSERT_TRUE(has_stopped(*program_)) << program_->end().errors;
        disk_.fill();
        program_->signal(SIGCONT);
        ASSERT_TRUE(waits_for_room(*program_)) << program_->end().errors;
    }

    void expect_usual_end() {
        disk_.make_room();
        campaign_->expect_nothing_lost();
        campaign_->run_to_the_end();
        campaign_->expect_same_as(undisturbed());
    }

    const SmallDisk disk_;
    std::unique_ptr<FaultCampaign> campaign_;
    std::unique_ptr<Program> program_;
};

TEST_F(WaitingForRoom, gives_the_worktrees_room_back_and_keeps_others_away) {
    EXPECT_EQ(shell(campaign_->toy().root(), "git worktree list | wc -l"), "1\n");
    const Ended other = ratchet(campaign_->toy().folder(), usual_run);
    EXPECT_EQ(other.status, 1);
    EXPECT_THAT(other.errors, HasSubstr("runs this campaign"));
    EXPECT_EQ(ratchet(campaign_->toy().folder(), {"status"}).status, 0) << "and can be read";
    disk_.make_room();
    expect_gone_on(*program_);
    campaign_->expect_same_as(undisturbed());
}

TEST_F(WaitingForRoom, ends_at_a_wish_to_stop) {
    program_->signal(SIGTERM);
    EXPECT_TRUE(program_->wait(std::chrono::seconds(60)));
    const Ended ended = program_->end();
    EXPECT_EQ(ended.status, 130) << ended.output << ended.errors;
    EXPECT_THAT(ended.output, HasSubstr("stopped by the user while the disk was full"));
    EXPECT_EQ(ended.errors, "");
    EXPECT_EQ(shell(campaign_->toy().root(), "git worktree list | wc -l"), "1\n");
    EXPECT_TRUE(control_groups_of(program_->pid()).empty());
    expect_usual_end();
}

TEST_F(WaitingForRoom, loses_nothing_when_it_is_killed) {
    program_->signal(SIGKILL);
    program_->end();
    expect_usual_end();
}

TEST_F(WaitingForRoom, waits_again_when_the_room_is_gone_again) {
    disk_.make_room();
    ASSERT_TRUE(eventually([&] { return times_in(program_->printed(), "the run goes on") == 1; }));
    disk_.fill();
    const State state = next_state(*program_, 1);
    if (state == State::waiting) disk_.make_room();
    EXPECT_EQ(state, State::waiting) << "it has some experiments to go";
    expect_gone_on(*program_);
    campaign_->expect_same_as(undisturbed());
}

TEST(FullDiskForLong, ends_the_run_with_a_sentence_when_its_time_is_up) {
    const SmallDisk disk;
    if (!disk.problem().empty()) GTEST_SKIP() << disk.problem();
    const fs::path told = fs::temp_directory_path() / (disk.folder().filename().string() + ".told");
    FaultSettings settings;
    settings.changes = {{"experiments = 100", "experiments = 100\nduration = \"1s\""},
                        {"scope =", "on_event = \"cat >> " + told.string() + "\"\nscope ="}};
    const auto campaign = campaign_on(disk, settings);
    disk.fill(std::size_t{8} << 20);
    const Ended ended = ratchet(campaign->toy().folder(), usual_run, campaign->environment());
    EXPECT_EQ(ended.status, 1) << ended.output;
    EXPECT_THAT(ended.errors,
                AllOf(HasSubstr("ratchet: the disk is full: "), HasSubstr("make room (16 MiB at least)"),
                      HasSubstr("nothing that was recorded is lost"), Not(HasSubstr("something broke"))));
    EXPECT_THAT(bytes_of_file(told), AllOf(HasSubstr("\"paused\""), Not(HasSubstr("\"resumed\""))));
    fs::remove(told);
}

TEST(FullDiskAtAnAnswer, costs_no_second_question) {
    const SmallDisk disk;
    if (!disk.problem().empty()) GTEST_SKIP() << disk.problem();
    const fs::path seen = fs::temp_directory_path() / (disk.folder().filename().string() + ".seen");
    fs::create_directory(seen);
    fs::permissions(seen, fs::perms(0777));  // the sandbox may be another user's
    FaultSettings settings;
    settings.more = "write = [\"" + seen.string() + "\"]\n";
    settings.changes = {{"use = \"replay\"\npatches = \"proposals\"",
                         "use = \"command\"\ncommand = \"echo asked >> " + (seen / "asked").string() +
                             "; echo 500 > src/cost.txt; echo done\""},
                        {"experiments = 100", "experiments = 1"},
                        {"scope =", "on_event = \"cat >> " + (seen / "told").string() + "\"\nscope ="}};
    const auto campaign = campaign_on(disk, settings);
    Program program(campaign->toy().folder(), usual_run,
                    campaign->environment("RATCHET_STOP_AT", {"proposal/take the notes away end", 1}));
    const bool stopped = has_stopped(program);
    disk.fill();
    program.signal(SIGCONT);
    const bool waited = waits_for_room(program);
    EXPECT_TRUE(stopped && waited) << program.end().errors;
    disk.make_room();
    expect_gone_on(program);
    EXPECT_EQ(bytes_of_file(seen / "asked"), "asked\n");
    EXPECT_THAT(bytes_of_file(seen / "told"), AllOf(HasSubstr("\"paused\""), HasSubstr("\"resumed\"")));
    EXPECT_THAT(words_of(campaign->toy().ledger()), ElementsAreArray({"kept"}));
    fs::remove_all(seen);
}

TEST(FullDiskAfterAVerdict, is_told_of_when_there_is_room_again) {
    const SmallDisk disk;
    if (!disk.problem().empty()) GTEST_SKIP() << disk.problem();
    const fs::path told = fs::temp_directory_path() / (disk.folder().filename().string() + ".told");
    FaultSettings settings;
    settings.changes = {{"scope =", "on_event = \"cat >> " + told.string() + "\"\nscope ="}};
    const auto campaign = campaign_on(disk, settings);
    Program program(campaign->toy().folder(), usual_run,
                    campaign->environment("RATCHET_STOP_AT", {"ledger/finish committed", 1}));
    const bool stopped = has_stopped(program);
    ASSERT_THAT(words_of(campaign->toy().ledger()), ElementsAreArray({"kept"}));
    disk.fill();
    program.signal(SIGCONT);
    const bool waited = waits_for_room(program);
    EXPECT_TRUE(stopped && waited) << program.end().errors;
    disk.make_room();
    expect_gone_on(program);
    const auto words = words_of(campaign->toy().ledger());
    EXPECT_EQ(times_in(bytes_of_file(told), "\"kept\""), std::count(words.begin(), words.end(), "kept"));
    fs::remove(told);
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
    ASSERT_TRUE(waits_for_room(program));
    EXPECT_THAT(words_of(campaign->toy().ledger()), ElementsAreArray({"unfinished"}));
    disk.make_room();
    expect_gone_on(program);
    campaign->expect_same_as(undisturbed());
}

}  // namespace
}  // namespace ratchet::test
