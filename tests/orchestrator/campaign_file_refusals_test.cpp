#include <rapidcheck/gtest.h>

#include <array>

#include "tests/orchestrator/campaign_file_fixture.hpp"

namespace ratchet {
namespace {

TEST_F(CampaignFile, UnknownKeysAreRefusedWithTheNearestKnownOne) {
    EXPECT_EQ(refusal("[campaign]\nnmae = \"x\"\n"),
              "ratchet.toml:2: campaign.nmae: unknown key; did you mean \"name\"?");
    EXPECT_EQ(benchmark_refusal("max_pair = 4"),
              "ratchet.toml:7: benchmark.max_pair: unknown key; did you mean \"max_pairs\"?");
    EXPECT_EQ(benchmark_refusal("colour = 4"), "ratchet.toml:7: benchmark.colour: unknown key");
    EXPECT_EQ(refusal_of_more("[benchmrk]"),
              "ratchet.toml:15: benchmrk: unknown key; did you mean \"benchmark\"?");
    EXPECT_EQ(refusal_of_more("[budget]\n\"a b\\n\" = 1"), "ratchet.toml:16: budget.\"a b\\n\": unknown key");
}

TEST_F(CampaignFile, WrongTypesAndRangesNameLineKeyAndWhatWasExpected) {
    EXPECT_EQ(benchmark_refusal("min_effect = true"),
              "ratchet.toml:7: benchmark.min_effect: expected a percentage such as \"0.5%\", found the "
              "boolean true");
    EXPECT_EQ(
        benchmark_refusal("min_effect = 0.5"),
        "ratchet.toml:7: benchmark.min_effect: expected a percentage such as \"0.5%\", found the number 0.5");
    EXPECT_EQ(
        benchmark_refusal("direction = \"down\""),
        "ratchet.toml:7: benchmark.direction: expected \"lower\" or \"higher\", found the text \"down\"");
    EXPECT_EQ(
        benchmark_refusal("source = \"hyperfyne\""),
        "ratchet.toml:7: benchmark.source: expected \"metric-lines\", \"google-benchmark\", \"hyperfine\", "
        "\"pytest-benchmark\", \"go-bench\", \"criterion\", \"jmh\", \"catch2\", \"json\", \"regex\", "
        "\"wall\", \"user+sys\", \"peak_memory\" or \"instructions\", found the text \"hyperfyne\"; did you "
        "mean "
        "\"hyperfine\"?");
    EXPECT_EQ(
        benchmark_refusal("min_pairs = 0"),
        "ratchet.toml:7: benchmark.min_pairs: expected a whole number from 1 to 10000, found the number 0");
    EXPECT_EQ(benchmark_refusal("cores = \"some\""),
              "ratchet.toml:7: benchmark.cores: expected a whole number from 1 on, or \"all\", found the "
              "text \"some\"");
    EXPECT_EQ(benchmark_refusal("timeout = \"90\""),
              "ratchet.toml:7: benchmark.timeout: expected a duration such as \"90s\" or \"1h30m\", found "
              "the text \"90\"");
    EXPECT_EQ(benchmark_refusal("timeout = 0"),
              "ratchet.toml:7: benchmark.timeout: expected a duration such as \"90s\" or \"1h30m\", found "
              "the number 0");
    EXPECT_EQ(
        benchmark_refusal("plausible = [5, 1]"),
        "ratchet.toml:7: benchmark.plausible: expected the lowest and the highest plausible value, such as "
        "[0.1, 1e5]");
    EXPECT_EQ(benchmark_refusal("unit = 2020-01-01"),
              "ratchet.toml:7: benchmark.unit: expected a text in quotes, found the date or time 2020-01-01");
    EXPECT_EQ(refusal_of_more("[budget]\nexperiments = -1"),
              "ratchet.toml:16: budget.experiments: expected a whole number from 1 on, found the number -1");
    EXPECT_EQ(
        refusal_of_more("[budget]\nuntil = \"7\""),
        "ratchet.toml:16: budget.until: expected a time of day such as \"07:00\", found the text \"7\"");
    EXPECT_EQ(refusal_of_more("[sandbox]\nmemory = \"2 gigs\""),
              "ratchet.toml:16: sandbox.memory: expected a size such as \"2GiB\" or \"512MB\", found the "
              "text \"2 gigs\"");
    EXPECT_EQ(refusal_of_more("[sandbox]\nnetwork = \"yes\""),
              "ratchet.toml:16: sandbox.network: expected \"on\" or \"off\", found the text \"yes\"");
    EXPECT_EQ(refusal_of_more("[sandbox]\nread = [\"/opt\", 1]"),
              "ratchet.toml:16: sandbox.read: expected an array of texts that are not empty, found the "
              "number 1 in it");
    EXPECT_EQ(
        refusal_of_more("[[constraint]]\nmetric = \"m\"\nlimit = \"5%\""),
        "ratchet.toml:17: constraint.limit: expected \"+5%\" (may rise by that much at most) or \"-5%\" (may "
        "fall by that much), found the text \"5%\"");
    EXPECT_EQ(refusal_of_more("[gate]\ncommand = \"a\""),
              "ratchet.toml:15: gate: expected an array of tables, each written [[gate]]");
    EXPECT_EQ(refusal_of_more("[[build]]"), "ratchet.toml:15: build: expected one table, written [build]");
}

TEST_F(CampaignFile, WhatIsMissingIsNamed) {
    EXPECT_EQ(refusal(""), "ratchet.toml: the table [campaign] is missing");
    EXPECT_EQ(refusal("[campaign]\ngoal = \"x\""), "ratchet.toml:1: campaign.name: is missing");
    EXPECT_EQ(refusal("[campaign]\nname = \"a\"\ngoal = \"\""),
              "ratchet.toml:3: campaign.goal: must not be empty");
    EXPECT_EQ(refusal("[campaign]\nname = \"a\"\ngoal = \"b\""),
              "ratchet.toml: the table [benchmark] is missing");
    EXPECT_EQ(refusal("[campaign]\nname = \"a\"\ngoal = \"b\"\n[benchmark]\ncommand = \"c\""),
              "ratchet.toml:4: benchmark.metric: is missing");
    EXPECT_EQ(benchmark_refusal("source = \"regex\""),
              "ratchet.toml:4: benchmark.pattern: is missing: how the number is found in the output");
    EXPECT_EQ(benchmark_refusal("scale = \"difference\""),
              "ratchet.toml:4: benchmark.min_effect: is missing: with scale = \"difference\" it is in the "
              "metric's own "
              "unit");
}

TEST_F(CampaignFile, WhatDoesNotFitTogetherIsRefused) {
    EXPECT_EQ(refusal(smallest), "ratchet.toml:8: proposer.use: \"tune\" needs at least one [[knob]]");
    std::string text = smallest;
    text.replace(text.find("\"tune\""), 6, "\"replay\"");
    EXPECT_EQ(refusal(text),
              "ratchet.toml:7: proposer.patches: is missing: \"replay\" needs the folder of its patches");
    text.replace(text.find("\"replay\""), 8, "\"command\"");
    EXPECT_EQ(
        refusal(text),
        "ratchet.toml:7: proposer.command: is missing: \"command\" needs the command line of the agent");
    EXPECT_EQ(benchmark_refusal("min_pairs = 9\nmax_pairs = 5"),
              "ratchet.toml:8: benchmark.max_pairs: 5 is below min_pairs, which is 9");
    EXPECT_EQ(benchmark_refusal("pointer = \"/a\""),
              "ratchet.toml:7: benchmark.pointer: belongs to source = \"json\"");
    EXPECT_EQ(benchmark_refusal("source = \"json\"\npointer = \"a\""),
              "ratchet.toml:8: benchmark.pointer: expected a JSON pointer such as \"/results/0/mean\", found "
              "the text "
              "\"a\"");
    EXPECT_EQ(benchmark_refusal("source = \"regex\"\npattern = 'time: [0-9]+'"),
              "ratchet.toml:8: benchmark.pattern: must have exactly one group ( ), found 0");
    EXPECT_EQ(benchmark_refusal("source = \"wall\""),
              "ratchet.toml:6: benchmark.metric: with source = \"wall\" the metric is \"wall\"");
    EXPECT_EQ(benchmark_refusal("plausible = [-5, -1]"),
              "ratchet.toml:7: benchmark.plausible: with scale = \"ratio\" a value must be positive");
    EXPECT_EQ(refusal_of_more("[[constraint]]\nmetric = \"time_ms\"\nlimit = \"+5%\""),
              "ratchet.toml:16: constraint.metric: the benchmark's own metric cannot be constrained as well");
    EXPECT_EQ(
        refusal_of_more("[[gate]]\nname = \"a\"\ncommand = \"b\"\n[[gate]]\nname = \"a\"\ncommand = \"c\""),
        "ratchet.toml:19: gate.name: \"a\" is taken by an earlier gate");
    EXPECT_EQ(refusal_of_more("[build]\ncache = [\"build\"]"),
              "ratchet.toml:16: build.cache: there is no build.command that could use it");
}

TEST_F(CampaignFile, KnobsMustBeSearchable) {
    const auto knob = [](const std::string& pattern, const std::string& rest) {
        return refusal(smallest + "[[knob]]\nname = \"n\"\nfile = \"f\"\npattern = '" + pattern + "'\n" +
                       rest + "\n");
    };
    EXPECT_EQ(knob("a(b)", "values = [\"x\"]"),
              "ratchet.toml:13: knob.values: leaves nothing to choose: at least two values are needed");
    EXPECT_EQ(knob("a(b)", "values = [\"1\", 1]"), "ratchet.toml:13: knob.values: has the same value twice");
    EXPECT_EQ(knob("a(b)", "values = [1.5, 2.5]"),
              "ratchet.toml:13: knob.values: expected texts, whole numbers or booleans, found the number 1.5 "
              "in it");
    EXPECT_EQ(knob("a(b)(c)", "values = [1, 2]"),
              "ratchet.toml:12: knob.pattern: must have exactly one group ( ), found 2");
    EXPECT_EQ(knob("a(b)", ""), "ratchet.toml:9: knob.range: is missing (or values)");
    const std::string scoped = "scope = [\"src/**\"]\nprotect = [\"src/b.c\"]\n";
    std::string text = smallest + one_knob;
    text.replace(text.find("src/a.c"), 7, "other.c");
    text.insert(text.find("[benchmark]"), scoped);
    EXPECT_EQ(refusal(text),
              "ratchet.toml:13: knob.file: \"other.c\" is not in campaign.scope, so that no proposal may "
              "change it");
    text.replace(text.find("other.c"), 7, "src/b.c");
    EXPECT_EQ(
        refusal(text),
        "ratchet.toml:13: knob.file: \"src/b.c\" is under campaign.protect, so that no proposal may change "
        "it");
    EXPECT_EQ(knob("a(b)", "values = [1, 2]\nrange = [1, 2]"),
              "ratchet.toml:13: knob.values: a knob has values or a range, not both");
    EXPECT_EQ(knob("a(b)", "range = [0, 8]\nstep = \"log2\""),
              "ratchet.toml:13: knob.range: with step = \"log2\" it must begin above 0");
    EXPECT_EQ(knob("a(b)", "range = [1, 1000000]"),
              "ratchet.toml:13: knob.range: makes more than 10000 values");
    EXPECT_EQ(knob("a(b)", "range = [8, 1]"),
              "ratchet.toml:13: knob.range: expected the lowest and the highest value, such as [16, 256]");
    EXPECT_EQ(knob("a(b)", "range = [1, 8]\nstep = \"log2\"\nby = 2"),
              "ratchet.toml:15: knob.by: belongs to step = \"linear\"");
    EXPECT_EQ(knob("a(b)", "range = [1, 8]\nby = 0"),
              "ratchet.toml:14: knob.by: expected a number above 0, found the number 0");
    EXPECT_EQ(refusal(smallest + one_knob + one_knob),
              "ratchet.toml:16: knob.name: \"block\" is taken by an earlier knob");
    EXPECT_TRUE(knob("a(b", "values = [1, 2]")
                    .starts_with("ratchet.toml:12: knob.pattern: is no regular expression: "));
}

TEST_F(CampaignFile, NamesAndPathsStayWithinBounds) {
    for (const char* name : {"a b", "a/b", "..", ".a", "a..b", "-a", "a.lock", "a.", "é"}) {
        EXPECT_EQ(refusal("[campaign]\nname = \"" + std::string(name) + "\"\ngoal = \"x\""),
                  "ratchet.toml:2: campaign.name: \"" + std::string(name) + "\" cannot name a git branch");
    }
    EXPECT_EQ(refusal("[campaign]\nname = \"a\"\ngoal = \"x\"\nscope = [\"/src\"]"),
              "ratchet.toml:4: campaign.scope: \"/src\" must be relative to the folder of ratchet.toml");
    EXPECT_EQ(refusal("[campaign]\nname = \"a\"\ngoal = \"x\"\nprotect = [\"a/../../b\"]"),
              "ratchet.toml:4: campaign.protect: \"a/../../b\" must not lead out of its folder with \"..\"");
    EXPECT_EQ(refusal("[campaign]\nname = \"a\"\ngoal = \"x\"\nscope = []"),
              "ratchet.toml:4: campaign.scope: is empty: nothing could be changed");
    EXPECT_EQ(refusal_of_more("[sandbox]\nread = [\"~/\"]"),
              "ratchet.toml:16: sandbox.read: \"~/\" shows too much");
    EXPECT_EQ(refusal_of_more("[sandbox]\nread = \"/\""),
              "ratchet.toml:16: sandbox.read: \"/\" shows too much");
    EXPECT_EQ(refusal_of_more("[sandbox]\nread = \"data\""),
              "ratchet.toml:16: sandbox.read: \"data\" must be an absolute path, or begin with ~/");
    EXPECT_EQ(refusal_of_more("[sandbox]\ndevices = \"/etc\""),
              "ratchet.toml:16: sandbox.devices: \"/etc\" must be a path below /dev");
    EXPECT_EQ(refusal_of_more("[sandbox]\nenv = \"9A\""),
              "ratchet.toml:16: sandbox.env: \"9A\" must be NAME or NAME=VALUE");
}

TEST_F(CampaignFile, SyntaxErrorsGiveLineAndColumn) {
    EXPECT_EQ(refusal("[campaign]\nname = = 1\n").substr(0, 19), "ratchet.toml:2:8: E");
    EXPECT_EQ(refusal("[campaign]\nname = \"a\"\nname = \"b\"\n").substr(0, 15), "ratchet.toml:3:");
}

RC_GTEST_FIXTURE_PROP(CampaignFile, RandomBytesAreReadOrRefused, (const std::string& text)) {
    read_or_refuse(text);
}

RC_GTEST_FIXTURE_PROP(CampaignFile, AFileWithRandomDamageIsReadOrRefused, ()) {
    std::string text = smallest + one_knob + "[budget]\nduration = \"8h\"\n[sandbox]\nmemory = \"2GiB\"\n";
    const auto times = *rc::gen::inRange(1, 6);
    for (int i = 0; i < times; ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
        const auto length = *rc::gen::inRange<std::size_t>(0, 12);
        text.replace(
            at, length,
            *rc::gen::container<std::string>(rc::gen::elementOf(std::string("[]{}\"'=,.#\n \\0x9-é\t"))));
    }
    read_or_refuse(text);
}

RC_GTEST_FIXTURE_PROP(CampaignFile, AnyValueForAnyKeyIsReadOrRefused, ()) {
    static const std::array<const char*, 18> keys = {"campaign.seed",
                                                     "campaign.scope",
                                                     "benchmark.plausible",
                                                     "benchmark.min_effect",
                                                     "benchmark.cores",
                                                     "benchmark.pattern",
                                                     "benchmark.timeout",
                                                     "knob",
                                                     "gate",
                                                     "constraint",
                                                     "budget.until",
                                                     "budget.duration",
                                                     "sandbox.memory",
                                                     "sandbox.read",
                                                     "sandbox.env",
                                                     "holdout",
                                                     "canary",
                                                     "prepare.inputs"};
    static const std::array<const char*, 16> values = {"0",         "-1",       "9223372036854775807",
                                                       "1e308",     "nan",      "inf",
                                                       "true",      "\"\"",     "\"\\u0000\"",
                                                       "[]",        "[[]]",     "{}",
                                                       "[{}]",      "07:00:00", "\"99999999999999999d\"",
                                                       "[nan, inf]"};
    const std::string head =
        std::string(*rc::gen::elementOf(keys)) + " = " + *rc::gen::elementOf(values) + "\n";
    read_or_refuse(head + smallest + one_knob);
    // As the keys of a document in dotted form, so that the tables above do not stand in the way.
    read_or_refuse(
        "campaign.name = \"a\"\ncampaign.goal = \"b\"\nbenchmark.command = \"c\"\nbenchmark.metric = \"d\"\n"
        "proposer.use = \"replay\"\nproposer.patches = \"e\"\n" +
        head);
}

TEST_F(CampaignFile, DeepNestingIsRefused) {
    EXPECT_NE(refusal("a = " + std::string(100'000, '[')), "it was read");
    EXPECT_NE(refusal(std::string(2'000'000, '#')), "it was read");
}

}  // namespace
}  // namespace ratchet
