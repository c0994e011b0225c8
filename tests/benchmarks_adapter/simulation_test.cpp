#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "benchmarks_adapter/inference.hpp"
#include "benchmarks_adapter/metrics/median.hpp"
#include "benchmarks_adapter/simulation/nights.hpp"
#include "experiment_store/errors.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;

std::string traces() {
    return std::string(RATCHET_TEST_DATA) + "/noise/";
}

const RuleKind& rule(std::string_view name) {
    for (const RuleKind& kind : rule_kinds()) {
        if (kind.name == name) return kind;
    }
    throw std::runtime_error("no such rule");
}

NightsFigures nights(const std::string& noise, std::string_view kind, int count,
                     const std::string& prior = "mixed", int threads = 2) {
    NightsRequest request;
    request.prior = prior_named(prior);
    request.noise = noise_named(noise, 0.05);
    request.nights = count;
    request.threads = threads;
    return simulate_nights(request, rule(kind));
}

TEST(Simulation, keeps_nearly_nothing_that_is_no_better) {
    for (const std::string& noise : {std::string("normal:2%"), std::string("heavy:2%"),
                                     traces() + "quiet.csv", traces() + "contended.csv"}) {
        const NightsFigures figures = nights(noise, "ratchet", 4);
        EXPECT_LE(static_cast<double>(figures.false_keeps()), 0.05 * static_cast<double>(figures.keeps()))
            << noise;
        EXPECT_GT(figures.keeps(), 0) << noise;
    }
}

TEST(Simulation, reports_a_total_that_is_true) {
    const NightsFigures figures = nights("normal:1%", "ratchet", 10);
    EXPECT_NEAR(figures.reported_gain / figures.true_gain, 1, 0.1);
    EXPECT_GE(figures.totals_held, 8) << "of 10 intervals at 95 %";
}

TEST(Simulation, shows_what_one_run_against_the_best_so_far_comes_to) {
    // Nights of 120 at 2 % normal noise: about half of its keeps are false, and it reports far more than it
    // found.
    const NightsFigures figures = nights("normal:2%", "one-run", 200);
    const double false_share =
        static_cast<double>(figures.false_keeps()) / static_cast<double>(figures.keeps());
    EXPECT_NEAR(false_share, 0.55, 0.05);
    EXPECT_NEAR(std::expm1(figures.reported_gain / 200), 0.117, 0.04);
    EXPECT_NEAR(std::expm1(figures.true_gain / 200), 0.078, 0.03);
}

TEST(Simulation, finds_more_than_one_run_does_in_the_same_nights) {
    const NightsFigures ours = nights("normal:2%", "ratchet", 8);
    const NightsFigures other = nights("normal:2%", "one-run", 8);
    EXPECT_EQ(ours.proposals(), other.proposals());
    EXPECT_EQ(ours.possible_gain, other.possible_gain) << "the same proposals";
    EXPECT_GT(ours.true_gain, 1.25 * other.true_gain);
}

TEST(Simulation, does_not_depend_on_the_number_of_threads) {
    const NightsFigures one = nights("bursts:2%", "ratchet", 3, "rare", 1);
    const NightsFigures three = nights("bursts:2%", "ratchet", 3, "rare", 3);
    EXPECT_EQ(one.true_gain, three.true_gain);
    EXPECT_EQ(one.seconds, three.seconds);
    EXPECT_EQ(one.runs, three.runs);
}

TEST(Simulation, counts_runs_and_time_and_pairs) {
    const NightsFigures figures = nights("normal:1%", "mann-whitney", 2);
    EXPECT_EQ(figures.runs, 2 * 120 * 60);
    EXPECT_NEAR(figures.seconds / static_cast<double>(figures.runs), 0.05, 0.02);
    EXPECT_EQ(figures.gains.search_pairs, 30 * figures.gains.proposals);
}

TEST(Simulation, keeps_nothing_false_where_nothing_is_better) {
    const NightsFigures figures = nights("drift:2%", "ratchet", 3, "none");
    EXPECT_EQ(figures.gains.proposals, 0);
    EXPECT_LE(figures.keeps(), 1) << "one in twenty nights may keep one";
}

TEST(NoiseModels, have_the_scale_that_their_name_says) {
    for (const std::string kind : {"normal", "heavy", "bursts"}) {
        RandomNumbers random(1);
        const auto noise = noise_named(kind + ":3%", 2)();
        std::vector<double> logarithms;
        for (int i = 0; i < 20'000; ++i)
            logarithms.push_back(std::log(noise->run(random) / 2));
        EXPECT_NEAR(robust_scale(logarithms), 0.03, kind == "bursts" ? 0.012 : 0.001) << kind;
        EXPECT_NEAR(median(logarithms), 0, kind == "bursts" ? 0.01 : 0.001) << kind;
    }
}

TEST(NoiseModels, drift_over_many_runs) {
    RandomNumbers random(1);
    const auto noise = noise_named("drift:1%", 1)();
    std::vector<double> blocks;
    for (int block = 0; block < 100; ++block) {
        std::vector<double> runs;
        for (int i = 0; i < 100; ++i)
            runs.push_back(std::log(noise->run(random)));
        blocks.push_back(median(runs));
    }
    EXPECT_GT(robust_scale(blocks), 0.01) << "without drift: 0.00125";
}

TEST(Traces, are_read_on_from_where_they_stand) {
    EXPECT_EQ(read_trace(traces() + "quiet.csv").size(), 4400U);
    RandomNumbers random(1);
    std::vector<double> steps(200);
    for (std::size_t i = 0; i < steps.size(); ++i)
        steps[i] = static_cast<double>(i);
    const auto noise = recorded_noise(steps)();
    noise->pause(random);
    const double first = noise->run(random);
    EXPECT_EQ(noise->run(random), std::fmod(first + 1, 200));
}

TEST(Traces, are_made_of_pairs_in_the_order_in_which_they_ran) {
    std::vector<Pair> pairs(150);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        pairs[i].candidate_first = i % 3 == 0;
        const auto first = static_cast<double>(2 * i + 1);
        (pairs[i].candidate_first ? pairs[i].candidate : pairs[i].champion).value = first;
        (pairs[i].candidate_first ? pairs[i].champion : pairs[i].candidate).value = first + 1;
    }
    const test::TemporaryRepository folder;
    folder.write("trace.csv", trace_text(pairs));
    const std::vector<double> runs = read_trace(folder.root() / "trace.csv");
    ASSERT_EQ(runs.size(), 300U);
    for (std::size_t i = 0; i < runs.size(); ++i)
        EXPECT_DOUBLE_EQ(runs[i], static_cast<double>(i + 1) / 1000);
}

std::string refusal_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const UserError& error) {
        return std::string(error.what()) + "; " + error.hint();
    }
    return "nothing";
}

TEST(Traces, and_proposals_that_are_none_are_refused_with_a_reason) {
    const test::TemporaryRepository folder;
    const auto file = [&](const std::string& text) {
        folder.write("input", text);
        return (folder.root() / "input").string();
    };
    EXPECT_THAT(refusal_of([] { noise_named("loud:2%", 1); }), HasSubstr("say normal:2%"));
    EXPECT_THAT(refusal_of([] { noise_named("normal:0%", 1); }), HasSubstr("there is no noise"));
    EXPECT_THAT(refusal_of([&] { noise_named(file("a,b\n1,2\n"), 1); }),
                HasSubstr("no column `value` or `wall`"));
    EXPECT_THAT(refusal_of([&] { noise_named(file("t,wall\n1,-2\n"), 1); }), HasSubstr("line 2"));
    EXPECT_THAT(refusal_of([&] { noise_named(file("t,wall\n1,2\n"), 1); }), HasSubstr("1 runs only"));
    EXPECT_THAT(refusal_of([] { prior_named("all good"); }), HasSubstr("mixed, rare, none"));
    EXPECT_THAT(refusal_of([&] { prior_named(file("2.5\nmuch\n")); }), HasSubstr("line 2"));
    EXPECT_THAT(refusal_of([&] { prior_named(file("# nothing\n")); }), HasSubstr("holds no effects"));
    EXPECT_EQ(prior_named(file("2.5 # a gain\n\n-1%\n0\n")).experiments, 3);
}

}  // namespace
}  // namespace ratchet
