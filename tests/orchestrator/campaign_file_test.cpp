#include "orchestrator/campaign_file.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// The shortest campaign file, from which the tests below differ by a line or two. Eight lines.
const std::string smallest = R"([campaign]
name = "small"
goal = "Be faster."
[benchmark]
command = "./bench"
metric = "time_ms"
[proposer]
use = "tune"
)";

const std::string one_knob = R"([[knob]]
name = "block"
file = "src/a.c"
pattern = 'BLOCK = ([0-9]+)'
range = [1, 8]
step = "log2"
)";

/// The message that this file is refused with.
std::string refusal(const std::string& text) {
    try {
        (void)read_campaign(text, "ratchet.toml");
    } catch (const UserError& error) {
        return error.what();
    }
    return "it was read";
}

/// The message for the shortest file with these lines after its benchmark's metric (from line 7 on).
std::string benchmark_refusal(const std::string& lines) {
    std::string text = smallest + one_knob;
    text.insert(text.find("[proposer]"), lines + "\n");
    return refusal(text);
}

/// The message for the shortest file with these lines at its end (from line 15 on).
std::string refusal_of_more(const std::string& lines) {
    return refusal(smallest + one_knob + lines + "\n");
}

Campaign read(const std::string& text) {
    return read_campaign(text, "ratchet.toml");
}

TEST(CampaignFile, TheShortestFileHasDefaultsThatSuit) {
    const Campaign campaign = read(smallest + one_knob);
    EXPECT_EQ(campaign.name, "small");
    EXPECT_EQ(campaign.scope, std::vector<std::string>{"**"});
    EXPECT_EQ(campaign.benchmark.direction, Direction::lower);
    EXPECT_EQ(campaign.benchmark.source, MetricSource::metric_lines);
    EXPECT_DOUBLE_EQ(campaign.benchmark.min_effect, 0.005);
    EXPECT_EQ(campaign.build.timeout, minutes(10));
    EXPECT_EQ(campaign.proposer.timeout, minutes(20));
    EXPECT_EQ(campaign.proposer.memory, PromptMemory::digest);
    EXPECT_EQ(campaign.sandbox, SandboxSettings{});
    EXPECT_EQ(campaign.budget, Budget{});
    EXPECT_EQ(campaign.proposer.knobs.at(0).values, (std::vector<std::string>{"1", "2", "4", "8"}));
    EXPECT_TRUE(campaign.proposer.knobs.at(0).ordered);
    EXPECT_EQ(campaign.file_name, "ratchet.toml");
}

TEST(CampaignFile, EveryKeyIsRead) {
    const Campaign campaign = read(R"toml(
[campaign]
name = "every-key.1"
goal = "Go."
scope = ["src/**", "Makefile"]
protect = "tests/**"
seed = 7
duplicates = "allow"
workspace = "/fast/disk"
on_event = "notify"
[prepare]
command = "npm ci"
inputs = ["package-lock.json"]
outputs = ["node_modules"]
timeout = "1h"
[build]
command = "make -j2"
cache = ["build"]
timeout = 90
[[gate]]
name = "unit tests"
command = "make check"
timeout = "1m30s"
attempts = 3
[[gate]]
command = "lint"
[benchmark]
command = "./bench"
metric = "score"
unit = "points"
direction = "higher"
source = "json"
pointer = "/a/0"
scale = "difference"
design = "independent"
min_effect = 0.25
min_pairs = 4
max_pairs = 30
plausible = [-1, "1e5"]
cores = 2
timeout = "45s"
[[constraint]]
metric = "peak_memory"
limit = "+5%"
[[constraint]]
metric = "accuracy"
limit = "-0.1%"
[canary]
patch = "canary.patch"
[holdout]
command = "./bench --other"
pointer = "/b"
cores = "all"
[proposer]
use = "command"
command = "agent --headless"
patches = "proposals"
timeout = "30m"
memory = "last-20"
[[knob]]
name = "order"
file = "src/a.c"
pattern = 'order = "([a-z]+)"'
values = ["ijk", "kij"]
[[knob]]
name = "share"
file = "src/a.c"
pattern = 'share = ([0-9.]+)'
range = [0.1, 0.5]
step = "linear"
by = 0.2
[budget]
experiments = 200
duration = "8h"
until = "07:00"
plateau = 40
requests = 500
input_tokens = 20_000_000
output_tokens = 400_000
cost = "$12.50"
target = 7.5
[[price]]
model = "own"
input = 0.5
output = 2
cached = 0.1
dated = 2026-11-26
[proposers]
policy = "bandit"
[logs]
keep = "7d"
most = "1GiB"
[sandbox]
require = "weak"
read = ["~/.cargo", "/opt/venv"]
write = ["/var/agent"]
devices = ["/dev/nvidia0"]
env = ["TOKEN", "MODE=fast"]
network = "on"
git = "read-only"
memory = "2GiB"
processes = 64
disk = "1GB"
timeout = "5m"
)toml");
    EXPECT_EQ(campaign.name, "every-key.1");
    EXPECT_EQ(campaign.scope, (std::vector<std::string>{"src/**", "Makefile"}));
    EXPECT_EQ(campaign.protect, std::vector<std::string>{"tests/**"});
    EXPECT_EQ(campaign.seed, 7U);
    EXPECT_EQ(campaign.duplicates, DuplicatePolicy::allow);
    EXPECT_EQ(campaign.workspace, "/fast/disk");
    EXPECT_EQ(campaign.on_event, "notify");
    EXPECT_EQ(campaign.prepare,
              (Prepare{"npm ci", {"package-lock.json"}, {"node_modules"}, std::chrono::hours(1)}));
    EXPECT_EQ(campaign.build, (Build{"make -j2", {"build"}, seconds(90)}));
    EXPECT_EQ(campaign.gates, (std::vector<Gate>{{"unit tests", "make check", seconds(90), 3},
                                                 {"gate 2", "lint", minutes(5), 1}}));
    Benchmark benchmark{.command = "./bench",
                        .metric = "score",
                        .unit = "points",
                        .direction = Direction::higher,
                        .source = MetricSource::json,
                        .locator = "/a/0",
                        .scale = Scale::difference,
                        .design = Design::independent,
                        .min_effect = 0.25,
                        .min_pairs = 4,
                        .max_pairs = 30,
                        .plausible_low = -1.0,
                        .plausible_high = 1e5,
                        .cores = 2,
                        .timeout = seconds(45)};
    EXPECT_EQ(campaign.benchmark, benchmark);
    EXPECT_EQ(campaign.constraints, (std::vector<Constraint>{{"peak_memory", 0.05}, {"accuracy", -0.001}}));
    EXPECT_EQ(campaign.canary, (Canary{"canary.patch", ""}));
    benchmark.command = "./bench --other";
    benchmark.locator = "/b";
    benchmark.cores = 0;
    EXPECT_EQ(campaign.holdout, benchmark);
    EXPECT_EQ(campaign.proposer.use, "command");
    EXPECT_EQ(campaign.proposer.command, "agent --headless");
    EXPECT_EQ(campaign.proposer.patches, "proposals");
    EXPECT_EQ(campaign.proposer.timeout, minutes(30));
    EXPECT_EQ(campaign.proposer.memory, PromptMemory::last_20);
    ASSERT_EQ(campaign.proposer.knobs.size(), 2U);
    EXPECT_EQ(campaign.proposer.knobs[0],
              (Knob{"order", "src/a.c", "order = \"([a-z]+)\"", {"ijk", "kij"}, false}));
    EXPECT_EQ(campaign.proposer.knobs[1].values, (std::vector<std::string>{"0.1", "0.3", "0.5"}));
    EXPECT_EQ(campaign.budget.experiments, 200);
    EXPECT_EQ(campaign.budget.duration, std::chrono::hours(8));
    EXPECT_EQ(campaign.budget.until, minutes(420));
    EXPECT_EQ(campaign.budget.plateau, 40);
    EXPECT_EQ(campaign.budget.allowance, (Allowance{500, 20'000'000, 400'000, 12.5}));
    EXPECT_EQ(campaign.budget.target, 7.5);
    EXPECT_EQ(campaign.prices, (std::vector<Price>{{"own", 0.5, 2, 0.1, "2026-11-26"}}));
    EXPECT_EQ(campaign.proposer_policy, ProposerPolicy::bandit);
    EXPECT_EQ(campaign.logs, (LogRetention{std::chrono::hours(7 * 24), std::int64_t{1} << 30}));
    const SandboxSettings sandbox{.require = Requirement::weak,
                                  .read = {"~/.cargo", "/opt/venv"},
                                  .write = {"/var/agent"},
                                  .devices = {"/dev/nvidia0"},
                                  .env = {"TOKEN", "MODE=fast"},
                                  .network = true,
                                  .git = true,
                                  .memory_bytes = std::int64_t{2} << 30,
                                  .processes = 64,
                                  .disk_bytes = 1'000'000'000};
    EXPECT_EQ(campaign.sandbox, sandbox);
}

/// The shortest file with these tables in the place of its [proposer].
std::string with_proposers(const std::string& tables) {
    std::string text = smallest;
    return text.replace(text.find("[proposer]"), std::string::npos, tables + "\n") + one_knob;
}

TEST(CampaignFile, SeveralProposersEachHaveTheirOwnKeys) {
    const Campaign campaign = read(
        with_proposers("[[proposer]]\nuse = \"command\"\ncommand = \"a\"\nname = \"careful\"\nweight = 2.5\n"
                       "repair = 1\nmax_requests = 40\nmax_input_tokens = 100\nmax_output_tokens = 50\n"
                       "max_cost = 0.75\n[[proposer]]\nuse = \"tune\"\n"));
    EXPECT_EQ(campaign.proposer.name, "careful");
    EXPECT_EQ(campaign.proposer.weight, 2.5);
    EXPECT_EQ(campaign.proposer.repair, 1);
    EXPECT_EQ(campaign.proposer.allowance, (Allowance{40, 100, 50, 0.75}));
    ASSERT_EQ(campaign.further_proposers.size(), 1U);
    EXPECT_EQ(campaign.further_proposers[0].name, "tune") << "what it uses";
    EXPECT_EQ(campaign.further_proposers[0].weight, 1);
    EXPECT_EQ(campaign.further_proposers[0].allowance, Allowance{});
    EXPECT_EQ(campaign.proposer_policy, ProposerPolicy::weights);
}

TEST(CampaignFile, EachProposerHasItsOwnName) {
    const auto refused = [](const std::string& tables) { return refusal(with_proposers(tables)); };
    EXPECT_EQ(refused("[[proposer]]\nuse = \"tune\"\n[[proposer]]\nuse = \"tune\""),
              "ratchet.toml:9: proposer.name: \"tune\" is taken by an earlier proposer");
    EXPECT_EQ(refused("[proposer]\nuse = \"tune\"\nname = \"again\""),
              "ratchet.toml:9: proposer.name: \"again\" is what `ratchet` itself proposes");
    EXPECT_EQ(refused("[proposer]\nuse = \"tune\"\nname = \"a b\""),
              "ratchet.toml:9: proposer.name: \"a b\" cannot name a proposer");
}

TEST(CampaignFile, BudgetsAndPricesAreChecked) {
    EXPECT_EQ(refusal_of_more("[budget]\ncost = \"5 euros\""),
              "ratchet.toml:16: budget.cost: expected US dollars such as \"$5\" or \"$0.50\", found the text "
              "\"5 euros\"");
    EXPECT_EQ(refusal_of_more("[budget]\nrequests = 0"),
              "ratchet.toml:16: budget.requests: expected a whole number from 1 on, found the number 0");
    EXPECT_EQ(refusal_of_more("[budget]\ntokens = 5").substr(0, 41),
              "ratchet.toml:16: budget.tokens: unknown k");
    EXPECT_EQ(refusal_of_more("[[price]]\nmodel = \"a\"\ninput = 1"),
              "ratchet.toml:15: price.output: expected US dollars for a million tokens, such as 2.5, found "
              "nothing");
    EXPECT_EQ(refusal_of_more("[[price]]\nmodel = \"a\"\ninput = -1\noutput = 1"),
              "ratchet.toml:17: price.input: expected US dollars for a million tokens, such as 2.5, found "
              "the number -1");
    EXPECT_EQ(refusal_of_more("[[price]]\nmodel = \"a\"\ninput = 1\noutput = 1\ndated = \"May\""),
              "ratchet.toml:19: price.dated: expected a date such as \"2026-11-26\", found the text \"May\"");
    EXPECT_EQ(refusal_of_more("[proposers]\npolicy = \"tree\"").substr(0, 70),
              "ratchet.toml:16: proposers.policy: expected \"weights\" or \"bandit\", fou");
}

TEST(CampaignFile, WithoutAPriceOfItsOwnCachedInputCostsWhatInputDoes) {
    const Campaign campaign = read(smallest + one_knob + "[[price]]\nmodel = \"a\"\ninput = 3\noutput = 9\n");
    EXPECT_EQ(campaign.prices.at(0).cached, 3);
}

TEST(CampaignFile, OnlyWhoIsAskedCanMend) {
    EXPECT_EQ(refusal(with_proposers("[proposer]\nuse = \"tune\"\nrepair = 1")),
              "ratchet.toml:9: proposer.repair: \"tune\" mends nothing");
}

TEST(CampaignFile, MetricsOfTheSandboxNeedNoSource) {
    std::string text = smallest + one_knob;
    text.replace(text.find("time_ms"), 7, "peak_memory");
    EXPECT_EQ(read(text).benchmark.source, MetricSource::peak_memory);
    text.replace(text.find("peak_memory"), 11, "instructions");
    EXPECT_EQ(read(text).benchmark.source, MetricSource::instructions);
    text = smallest + one_knob;
    text.replace(text.find("metric = \"time_ms\""), 18, "source = \"user+sys\"");
    EXPECT_EQ(read(text).benchmark.metric, "user+sys");
}

TEST(CampaignFile, ACanaryIsAPatchOrACommand) {
    EXPECT_EQ(read(smallest + one_knob + "[canary]\ncommand = \"slow.sh\"\n").canary,
              (Canary{"", "slow.sh"}));
    EXPECT_EQ(refusal_of_more("[canary]"), "ratchet.toml:15: canary.patch: is missing");
    EXPECT_EQ(refusal_of_more("[canary]\npatch = \"a\"\ncommand = \"b\""),
              "ratchet.toml:17: canary.command: cannot be given next to canary.patch");
}

TEST(CampaignFile, TheDefaultTimeoutHoldsForCommandsWithoutTheirOwn) {
    const Campaign campaign =
        read(smallest + one_knob + "[sandbox]\ntimeout = \"7s\"\n[[gate]]\ncommand = \"a\"\n");
    EXPECT_EQ(campaign.build.timeout, seconds(7));
    EXPECT_EQ(campaign.gates.at(0).timeout, seconds(7));
    EXPECT_EQ(campaign.benchmark.timeout, seconds(7));
    EXPECT_EQ(campaign.proposer.timeout, minutes(20));
}

TEST(CampaignFile, UnknownKeysAreRefusedWithTheNearestKnownOne) {
    EXPECT_EQ(refusal("[campaign]\nnmae = \"x\"\n"),
              "ratchet.toml:2: campaign.nmae: unknown key; did you mean \"name\"?");
    EXPECT_EQ(benchmark_refusal("max_pair = 4"),
              "ratchet.toml:7: benchmark.max_pair: unknown key; did you mean \"max_pairs\"?");
    EXPECT_EQ(benchmark_refusal("colour = 4"), "ratchet.toml:7: benchmark.colour: unknown key");
    EXPECT_EQ(refusal_of_more("[benchmrk]"),
              "ratchet.toml:15: benchmrk: unknown key; did you mean \"benchmark\"?");
    EXPECT_EQ(refusal_of_more("[budget]\n\"a b\\n\" = 1"), "ratchet.toml:16: budget.\"a b\\n\": unknown key");
}

TEST(CampaignFile, WrongTypesAndRangesNameLineKeyAndWhatWasExpected) {
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

TEST(CampaignFile, WhatIsMissingIsNamed) {
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

TEST(CampaignFile, WhatDoesNotFitTogetherIsRefused) {
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

TEST(CampaignFile, KnobsMustBeSearchable) {
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

TEST(CampaignFile, NamesAndPathsStayWithinBounds) {
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

TEST(CampaignFile, SyntaxErrorsGiveLineAndColumn) {
    EXPECT_EQ(refusal("[campaign]\nname = = 1\n").substr(0, 19), "ratchet.toml:2:8: E");
    EXPECT_EQ(refusal("[campaign]\nname = \"a\"\nname = \"b\"\n").substr(0, 15), "ratchet.toml:3:");
}

/// The text of a file of the project.
std::string project_file(const std::string& path) {
    const std::filesystem::path root = RATCHET_SOURCE;
    std::ifstream stream(root / path, std::ios::binary);
    EXPECT_TRUE(stream) << path;
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(CampaignFile, TheExampleOfThePageAndTheExamplesAreRead) {
    const std::string page = project_file("docs/campaign-file.md");
    const std::size_t begin = page.find("```toml\n") + 8;
    EXPECT_EQ(read(page.substr(begin, page.find("```", begin) - begin)).name, "matmul");
    EXPECT_EQ(read(project_file("examples/matmul/ratchet.toml")).proposer.use, "tune");
    EXPECT_EQ(read(project_file("examples/text_processor/ratchet.toml")).proposer.use, "replay");
}

TEST(CampaignFile, TheHarnessTextChangesWithWhatJudgesAndWithNothingElse) {
    const Campaign campaign = read(smallest + one_knob);
    const auto changed = [&](auto change) {
        Campaign other = campaign;
        change(other);
        return harness_text(other) != harness_text(campaign);
    };
    EXPECT_TRUE(changed([](Campaign& c) { c.build.command = "make"; }));
    EXPECT_TRUE(changed([](Campaign& c) { c.gates.push_back({"a", "b"}); }));
    EXPECT_TRUE(changed([](Campaign& c) { c.benchmark.min_effect = 0.01; }));
    EXPECT_TRUE(changed([](Campaign& c) { c.benchmark.plausible_low = 1; }));
    EXPECT_TRUE(changed([](Campaign& c) { c.protect = {"tests/**"}; }));
    EXPECT_TRUE(changed([](Campaign& c) { c.constraints.push_back({"m", 0.05}); }));
    EXPECT_TRUE(changed([](Campaign& c) { c.holdout = c.benchmark; }));
    EXPECT_TRUE(changed([](Campaign& c) { c.prepare = Prepare{"npm ci", {}, {}}; }));
    EXPECT_FALSE(changed([](Campaign& c) { c.goal = "Another goal."; }));
    EXPECT_FALSE(changed([](Campaign& c) { c.scope = {"src/**"}; }));
    EXPECT_FALSE(changed([](Campaign& c) { c.budget.experiments = 3; }));
    EXPECT_FALSE(changed([](Campaign& c) { c.proposer.use = "replay"; }));
    EXPECT_FALSE(changed([](Campaign& c) { c.benchmark.unit = "ms"; }));
}

/// Reads it or refuses it with a UserError; anything else would end the test.
void read_or_refuse(const std::string& text) {
    try {
        (void)harness_text(read(text));
    } catch (const UserError&) {
    }
}

RC_GTEST_PROP(CampaignFile, RandomBytesAreReadOrRefused, (const std::string& text)) {
    read_or_refuse(text);
}

RC_GTEST_PROP(CampaignFile, AFileWithRandomDamageIsReadOrRefused, ()) {
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

RC_GTEST_PROP(CampaignFile, AnyValueForAnyKeyIsReadOrRefused, ()) {
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

TEST(CampaignFile, DeepNestingIsRefused) {
    EXPECT_NE(refusal("a = " + std::string(100'000, '[')), "it was read");
    EXPECT_NE(refusal(std::string(2'000'000, '#')), "it was read");
}

}  // namespace
}  // namespace ratchet
