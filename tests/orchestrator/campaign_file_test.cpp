#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/orchestrator/campaign_file_fixture.hpp"

namespace ratchet {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(CampaignFile, TheShortestFileHasDefaultsThatSuit) {
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

TEST_F(CampaignFile, EveryKeyIsRead) {
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

TEST_F(CampaignFile, SeveralProposersEachHaveTheirOwnKeys) {
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

TEST_F(CampaignFile, EachProposerHasItsOwnName) {
    const auto refused = [](const std::string& tables) { return refusal(with_proposers(tables)); };
    EXPECT_EQ(refused("[[proposer]]\nuse = \"tune\"\n[[proposer]]\nuse = \"tune\""),
              "ratchet.toml:9: proposer.name: \"tune\" is taken by an earlier proposer");
    EXPECT_EQ(refused("[proposer]\nuse = \"tune\"\nname = \"again\""),
              "ratchet.toml:9: proposer.name: \"again\" is what `ratchet` itself proposes");
    EXPECT_EQ(refused("[proposer]\nuse = \"tune\"\nname = \"a b\""),
              "ratchet.toml:9: proposer.name: \"a b\" cannot name a proposer");
}

TEST_F(CampaignFile, BudgetsAndPricesAreChecked) {
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

TEST_F(CampaignFile, WithoutAPriceOfItsOwnCachedInputCostsWhatInputDoes) {
    const Campaign campaign = read(smallest + one_knob + "[[price]]\nmodel = \"a\"\ninput = 3\noutput = 9\n");
    EXPECT_EQ(campaign.prices.at(0).cached, 3);
}

TEST_F(CampaignFile, OnlyWhoIsAskedCanMend) {
    EXPECT_EQ(refusal(with_proposers("[proposer]\nuse = \"tune\"\nrepair = 1")),
              "ratchet.toml:9: proposer.repair: \"tune\" mends nothing");
}

TEST_F(CampaignFile, MetricsOfTheSandboxNeedNoSource) {
    std::string text = smallest + one_knob;
    text.replace(text.find("time_ms"), 7, "peak_memory");
    EXPECT_EQ(read(text).benchmark.source, MetricSource::peak_memory);
    text.replace(text.find("peak_memory"), 11, "instructions");
    EXPECT_EQ(read(text).benchmark.source, MetricSource::instructions);
    text = smallest + one_knob;
    text.replace(text.find("metric = \"time_ms\""), 18, "source = \"user+sys\"");
    EXPECT_EQ(read(text).benchmark.metric, "user+sys");
}

TEST_F(CampaignFile, ACanaryIsAPatchOrACommand) {
    EXPECT_EQ(read(smallest + one_knob + "[canary]\ncommand = \"slow.sh\"\n").canary,
              (Canary{"", "slow.sh"}));
    EXPECT_EQ(refusal_of_more("[canary]"), "ratchet.toml:15: canary.patch: is missing");
    EXPECT_EQ(refusal_of_more("[canary]\npatch = \"a\"\ncommand = \"b\""),
              "ratchet.toml:17: canary.command: cannot be given next to canary.patch");
}

TEST_F(CampaignFile, TheDefaultTimeoutHoldsForCommandsWithoutTheirOwn) {
    const Campaign campaign =
        read(smallest + one_knob + "[sandbox]\ntimeout = \"7s\"\n[[gate]]\ncommand = \"a\"\n");
    EXPECT_EQ(campaign.build.timeout, seconds(7));
    EXPECT_EQ(campaign.gates.at(0).timeout, seconds(7));
    EXPECT_EQ(campaign.benchmark.timeout, seconds(7));
    EXPECT_EQ(campaign.proposer.timeout, minutes(20));
}

/// The text of a file of the project.
std::string project_file(const std::string& path) {
    const std::filesystem::path root = RATCHET_SOURCE;
    std::ifstream stream(root / path, std::ios::binary);
    EXPECT_TRUE(stream) << path;
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_F(CampaignFile, TheExampleOfThePageAndTheExamplesAreRead) {
    const std::string page = project_file("docs/campaign-file.md");
    const std::size_t begin = page.find("```toml\n") + 8;
    EXPECT_EQ(read(page.substr(begin, page.find("```", begin) - begin)).name, "matmul");
    EXPECT_EQ(read(project_file("examples/matmul/ratchet.toml")).proposer.use, "tune");
    EXPECT_EQ(read(project_file("examples/text_processor/ratchet.toml")).proposer.use, "replay");
}

TEST_F(CampaignFile, TheHarnessTextChangesWithWhatJudgesAndWithNothingElse) {
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

}  // namespace
}  // namespace ratchet
