#include "orchestrator/memory_trial/memory_trial.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "experiment_store/likeness.hpp"
#include "orchestrator/briefing/prompt.hpp"
#include "orchestrator/memory_trial/trial_night.hpp"
#include "orchestrator/views/memory_trial_view.hpp"
#include "tests/orchestrator/golden.hpp"

namespace ratchet {
namespace {

constexpr IdeaId some_idea{3, 7};
constexpr Attention perfect{1, 0, false, 0};

PromptReading reading_of(const std::string& prompt, const Attention& attention = perfect) {
    return {prompt, attention, 1, 1};
}

std::vector<Wording> all_wordings() {
    std::vector<Wording> all;
    for (std::size_t number = 0; number < wordings * wordings * sentences; ++number)
        all.push_back({number % wordings, number / wordings % wordings, number / wordings / wordings});
    return all;
}

MemoryTrialRequest small_trial() {
    MemoryTrialRequest request;
    request.prior = prior_named("mixed");
    request.noise = noise_named("normal:2%", 5);
    request.marks = {20, 40};
    request.nights = 2;
    request.threads = 2;
    return request;
}

const MemoryArm& arm_of(std::string_view name) {
    for (const MemoryArm& arm : memory_arms()) {
        if (arm.name == name) return arm;
    }
    throw std::runtime_error("no such arm");
}

/// The share of these ideas that is recognised in a line in these words by a reader with these own words.
double recognised_share(const Attention& attention, const Wording& told, const Wording& own) {
    int count = 0;
    for (std::size_t place = 0; place < ideas_in_pool; ++place) {
        const IdeaId idea = idea_at(place);
        const std::string line =
            fmt::format("#{} no-gain | {} | why | where\n", place + 1, text_of(idea, told));
        count += reading_of(line, attention).recognises(idea, own) ? 1 : 0;
    }
    return count / static_cast<double>(ideas_in_pool);
}

TEST(PromptReading, TakesEachSentenceForTheIdeaThatItTellsAndForNoOther) {
    const std::vector<Wording> all = all_wordings();
    for (std::size_t number = 0; number < ideas_in_pool; ++number) {
        const IdeaId idea = idea_at(number);
        // All the ways to say some ideas, and one of each.
        const std::size_t first = number % 41 == 0 ? 0 : number % all.size();
        const std::size_t end = number % 41 == 0 ? all.size() : first + 1;
        for (std::size_t at = first; at < end; ++at) {
            const PromptReading reading = reading_of(text_of(idea, all[at]));
            for (std::size_t other = 0; other < ideas_in_pool; ++other)
                ASSERT_EQ(reading.tells(idea_at(other)), other == number) << text_of(idea, all[at]);
        }
    }
}

TEST(PromptReading, SeesNothingInAnEmptyPrompt) {
    const PromptReading reading = reading_of("", {1, 1, false});
    for (std::size_t place = 0; place < ideas_in_pool; ++place)
        ASSERT_FALSE(reading.recognises(idea_at(place), {}));
}

TEST(PromptReading, SeesNothingInWhatRatchetItselfWrites) {
    const MemoryTrialRequest request = small_trial();
    const TrialNight night(request, arm_of("digest"), 0);
    Campaign campaign;
    campaign.name = "night";
    const PromptReading reading = reading_of(write_prompt(campaign, night.ledger(), {}), {1, 1, false});
    for (std::size_t place = 0; place < ideas_in_pool; ++place)
        ASSERT_FALSE(reading.recognises(idea_at(place), {}));
}

TEST(PromptReading, DoesNotSeeAWordThatWasCutOff) {
    const std::string text = text_of(some_idea, {});
    const std::string thing = thing_words(some_idea.thing, 0).back();
    EXPECT_TRUE(reading_of(text.substr(0, text.find(thing) + thing.size())).tells(some_idea));
    EXPECT_FALSE(reading_of(text.substr(0, text.find(thing) + thing.size() - 1) + "…").tells(some_idea));
}

TEST(PromptReading, DoesNotMixIdeasThatStandOnOneLine) {
    const IdeaId other{some_idea.deed + 1, some_idea.thing + 1};
    const PromptReading reading = reading_of(text_of(some_idea, {}) + " #3; " + text_of(other, {}) + " #4");
    EXPECT_TRUE(reading.tells(some_idea));
    EXPECT_TRUE(reading.tells(other));
    EXPECT_FALSE(reading.tells({some_idea.deed, other.thing}));
}

TEST(PromptReading, RecognisesAsOftenAsItsAttentionSays) {
    const Attention attention{0.7, 0, false};
    EXPECT_EQ(recognised_share(attention, {0, 0, 0}, {0, 0, 1}), 1) << "its own words";
    EXPECT_NEAR(recognised_share(attention, {0, 0, 0}, {1, 0, 0}), 0.7, 0.03);
    EXPECT_NEAR(recognised_share(attention, {0, 0, 0}, {1, 1, 0}), 0.49, 0.03);
    EXPECT_EQ(recognised_share(perfect, {0, 0, 0}, {1, 1, 1}), 1);
}

TEST(PromptReading, OverlooksAsManyShortenedIdeasAsItsAttentionSays) {
    const Attention attention{1, 0, false, 0.2};
    int seen_whole = 0;
    int seen_shortened = 0;
    for (std::size_t place = 0; place < ideas_in_pool; ++place) {
        const IdeaId idea = idea_at(place);
        const std::string text = text_of(idea, {0, 0, 0});
        const std::string shortened = text.substr(0, text.find(" in fn_"));
        seen_whole += reading_of(fmt::format("#{} | {}", place + 1, text), attention).recognises(idea, {});
        seen_shortened +=
            reading_of(fmt::format("#{} {}", place + 1, shortened), attention).recognises(idea, {});
    }
    EXPECT_EQ(seen_whole, ideas_in_pool);
    EXPECT_NEAR(seen_shortened / static_cast<double>(ideas_in_pool), 0.8, 0.03);
}

TEST(PromptReading, TakesEachSentenceForAWholeOneAndNoneThatWasCutOff) {
    for (const Wording& wording : all_wordings()) {
        const std::string text = text_of(some_idea, wording);
        EXPECT_TRUE(holds_a_whole_sentence(text)) << text;
        const std::string thing = thing_words(some_idea.thing, wording.thing).back();
        const std::size_t end = text.find(thing) + thing.size();
        EXPECT_TRUE(end == text.size() || !holds_a_whole_sentence(text.substr(0, end))) << text;
    }
}

TEST(PromptReading, MistakesAsManyLinesAsItsAttentionSays) {
    int mistaken = 0;
    for (std::size_t place = 0; place < ideas_in_pool; ++place) {
        const IdeaId idea = idea_at(place);
        const IdeaId alike{idea.deed, (idea.thing + 1) % things};
        const std::string line = fmt::format("#{} | {}", place + 1, text_of(alike, {}));
        mistaken += reading_of(line, {1, 0.1, false}).recognises(idea, {}) ? 1 : 0;
    }
    EXPECT_NEAR(mistaken / static_cast<double>(ideas_in_pool), 0.1, 0.02);
}

TEST(PromptReading, StaysBlindToALineUnlessItIsDecidedAnew) {
    const std::string line = "#17 no-gain | " + text_of(some_idea, {}) + " | why";
    const auto seen = [&](const Attention& attention) {
        int count = 0;
        for (std::uint64_t experiment = 0; experiment < 200; ++experiment)
            count += PromptReading(line, attention, 5, experiment).recognises(some_idea, {1, 0, 0}) ? 1 : 0;
        return count;
    };
    EXPECT_THAT(seen({0.5, 0, false}), ::testing::AnyOf(0, 200));
    EXPECT_NEAR(seen({0.5, 0, true}), 100, 30);
}

TEST(PromptReading, SeesTheSameInALineThatIsLaidOutInAnotherWay) {
    const Attention half{0.5, 0, false};
    for (int number = 1; number < 50; ++number) {
        const std::string text = text_of(some_idea, {});
        const std::string line = fmt::format("#{} no-gain -0.1% | {} | why | where", number, text);
        const std::string folded = fmt::format("src/core.cpp: {} #{} (2 times)", text, number);
        EXPECT_EQ(reading_of(line, half).recognises(some_idea, {1, 0, 0}),
                  reading_of(folded, half).recognises(some_idea, {1, 0, 0}));
    }
}

TEST(ModelledProposer, ThinksOfIdeasByTheirPopularity) {
    const IdeaPool pool(prior_named("none"), 1, 0, 1);
    RandomNumbers random(1);
    std::vector<int> times(ideas_in_pool);
    constexpr int draws = 100'000;
    for (int i = 0; i < draws; ++i)
        ++times[place_of(pool.draw(random))];
    std::sort(times.rbegin(), times.rend());
    EXPECT_NEAR(times[0], draws / 8.18, 500) << "the most popular of 2,000: one in their harmonic number";
    EXPECT_NEAR(times[0] / static_cast<double>(times[1]), 2, 0.15);
}

TEST(ModelledProposer, HandsInTheFirstIdeaThatItDoesNotRecognise) {
    const IdeaPool pool(prior_named("none"), 1, 0, 1);
    const PromptReading nothing = reading_of("");
    const IdeaId first = ModelledProposer(pool, nothing, 9).propose().idea;
    const PromptReading told = reading_of("#1 | " + text_of(first, {}));

    ModelledProposer again(pool, nothing, 9);
    again.told_of(first);

    const IdeaId second = ModelledProposer(pool, told, 9).propose().idea;
    EXPECT_FALSE(second == first);
    EXPECT_EQ(again.propose().idea, second);
}

TEST(ModelledProposer, MakesTheSamePatchOfTheSameImplementationOnly) {
    const std::string diff = diff_of(some_idea, {0, 0});
    const std::string renamed = diff_of(some_idea, {0, 77});
    const std::string another_way = diff_of(some_idea, {1, 0});
    EXPECT_NE(diff, renamed);
    EXPECT_TRUE(likeness(read_diff(diff), read_diff(renamed)));
    EXPECT_FALSE(likeness(read_diff(diff), read_diff(another_way)));
}

TEST(TrialNight, NeverRepeatsWhatAPerfectReaderIsShown) {
    MemoryTrialRequest request = small_trial();
    request.attention = perfect;
    request.marks = {20};  // all of which the last 20 show, in full
    TrialNight night(request, arm_of("last-20"), 0);
    const NightAtMark end = night.run().back();
    EXPECT_EQ(end.repeats, 0);
    EXPECT_EQ(end.told_share, 1);
}

TEST(TrialNight, RepeatsWithoutAMemory) {
    MemoryTrialRequest request = small_trial();
    request.attention = perfect;
    request.marks = {60};
    const NightAtMark end = TrialNight(request, arm_of("none"), 0).run().back();
    EXPECT_GT(end.repeats, 10);
    EXPECT_EQ(end.measured_repeats, end.repeats);
    EXPECT_EQ(end.told_share, 0);
}

TEST(TrialNight, KeepsAnIdeaOnlyOnce) {
    MemoryTrialRequest request = small_trial();
    request.prior.draw = [](RandomNumbers&) { return 0.1; };
    request.broken_share = 0;
    TrialNight night(request, arm_of("none"), 0);
    const NightAtMark end = night.run().back();
    EXPECT_NEAR(end.true_gain, 0.1 * end.kept, 1e-9);
    EXPECT_LE(end.kept, end.proposals - end.repeats) << "a second time it changes nothing";
    EXPECT_EQ(night.ledger().error_budget().kept, end.kept);
}

TEST(TrialNight, BenchmarksNothingThatBreaksAGate) {
    MemoryTrialRequest request = small_trial();
    request.broken_share = 1;
    TrialNight night(request, arm_of("digest"), 0);
    const std::vector<NightAtMark> marks = night.run();
    EXPECT_EQ(marks[0].benchmark_hours, marks[1].benchmark_hours) << "calibration only";
    EXPECT_EQ(night.ledger().tally(), (std::vector<std::pair<Verdict, int>>{{Verdict::gate_failed, 40}}));
}

TEST(TrialNight, HoldsARepeatBackThatHasTheSamePatch) {
    MemoryTrialRequest request = small_trial();
    request.attention.recognition = 0;
    request.marks = {200};
    const NightAtMark end = TrialNight(request, arm_of("digest+check"), 0).run().back();
    EXPECT_GT(end.returned, 10);
    EXPECT_LT(end.measured_repeats, end.repeats);
}

TEST(MemoryTrial, IsTheSameOnEveryRunAndWithAnyNumberOfThreads) {
    MemoryTrialRequest request = small_trial();
    const auto table = [&](int threads) {
        request.threads = threads;
        return memory_trial_json(request, {try_memory(request, arm_of("digest+check"))}).dump();
    };
    const std::string once = table(1);
    EXPECT_EQ(table(2), once);
}

TEST(MemoryTrial, ShowsWhatCameOfEachArm) {
    const MemoryTrialRequest request = small_trial();
    std::vector<MemoryTrialFigures> figures;
    for (const MemoryArm& arm : memory_arms()) {
        NightAtMark one{20, 4, 3, 1, 2, 0.05, 1.5, 20000, 0.75};
        NightAtMark other{20, 6, 5, 1, 4, 0.07, 1.7, 21000, 0.25};
        if (arm.memory == PromptMemory::digest) one.true_gain += 0.01;
        figures.push_back({arm, {{one, other}, {other, other}}});
    }
    expect_golden("simulate_memory.txt", memory_trial_table(request, figures));
    expect_golden("simulate_memory.json", memory_trial_json(request, figures).dump(2) + "\n");
}

}  // namespace
}  // namespace ratchet
