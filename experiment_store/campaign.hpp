#pragma once

// A campaign as it was declared: ratchet.toml as values. Part of the shared vocabulary; std only.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/agent_preset.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

enum class Direction { lower, higher };
template <>
struct Names<Direction> {
    static constexpr std::array<std::string_view, 2> names = {"lower", "higher"};
};

/// ratio: effects are log ratios. difference: for metrics that can be zero or negative.
enum class Scale { ratio, difference };
template <>
struct Names<Scale> {
    static constexpr std::array<std::string_view, 2> names = {"ratio", "difference"};
};

/// paired: side by side on a drifting machine. independent: the noise is the seed's (a loss, an accuracy).
enum class Design { paired, independent };
template <>
struct Names<Design> {
    static constexpr std::array<std::string_view, 2> names = {"paired", "independent"};
};

enum class MetricSource {
    metric_lines,
    google_benchmark,
    hyperfine,
    pytest_benchmark,
    go_bench,
    criterion,
    jmh,
    catch2,
    json,
    regex,
    wall,
    cpu,
    peak_memory,
    instructions
};
template <>
struct Names<MetricSource> {
    static constexpr std::array<std::string_view, 14> names = {"metric-lines", "google-benchmark",
                                                               "hyperfine",    "pytest-benchmark",
                                                               "go-bench",     "criterion",
                                                               "jmh",          "catch2",
                                                               "json",         "regex",
                                                               "wall",         "user+sys",
                                                               "peak_memory",  "instructions"};
};

enum class Requirement { strong, weak, none };
template <>
struct Names<Requirement> {
    static constexpr std::array<std::string_view, 3> names = {"strong", "weak", "none"};
};

/// What becomes of a proposal that repeats a failed experiment, but for its form: it is rejected, or given
/// back once to a proposer that can be asked again. What is the same to the last bit is rejected either way.
enum class DuplicatePolicy { reject, give_back, allow };
template <>
struct Names<DuplicatePolicy> {
    static constexpr std::array<std::string_view, 3> names = {"reject", "return", "allow"};
};

/// What proposals start from. champion: the best code so far. tree: now and then another promising commit.
enum class ParentPolicy { champion, tree };
template <>
struct Names<ParentPolicy> {
    static constexpr std::array<std::string_view, 2> names = {"champion", "tree"};
};

using Milliseconds = std::chrono::milliseconds;

/// Run with the network, once for each state of its inputs; the outputs are mounted read-only into every
/// tree.
struct Prepare {
    std::string command;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    Milliseconds timeout = std::chrono::minutes(30);
    bool operator==(const Prepare&) const = default;
};

struct Build {
    std::string command;             ///< empty: nothing to build
    std::vector<std::string> cache;  ///< folders that a candidate's build takes over from the champion's
    Milliseconds timeout = std::chrono::minutes(10);
    bool operator==(const Build&) const = default;
};

struct Gate {
    std::string name;
    std::string command;
    Milliseconds timeout = std::chrono::minutes(10);
    int attempts = 1;  ///< passes when one attempt passes: a flaky gate is never a finding
    bool operator==(const Gate&) const = default;
};

/// A command that yields the metric, and how it is to be read.
struct Benchmark {
    std::string command;
    std::string metric;
    std::string unit;  ///< as shown; empty: as the benchmark prints it
    Direction direction = Direction::lower;
    MetricSource source = MetricSource::metric_lines;
    std::string locator;  ///< the JSON pointer or the regular expression (one group) of the source
    Scale scale = Scale::ratio;
    Design design = Design::paired;
    double min_effect = 0.005;  ///< ratio scale: a fraction; difference scale: in the metric's unit
    int min_pairs = 3;
    int max_pairs = 40;
    std::optional<double> plausible_low;
    std::optional<double> plausible_high;
    int cores = 0;  ///< 0: all
    Milliseconds timeout = std::chrono::minutes(10);
    bool operator==(const Benchmark&) const = default;
};

/// A sabotage that must make the metric worse: one of the two is set.
struct Canary {
    std::string patch;    ///< a patch file, relative to the campaign's folder
    std::string command;  ///< run in the tree before the build, with its writes kept
    bool operator==(const Canary&) const = default;
};

/// A metric that may not get worse than this, relative to the champion.
struct Constraint {
    std::string metric;
    double limit = 0;  ///< +0.05: may rise by 5 % at most; -0.05: may fall by 5 % at most
    bool operator==(const Constraint&) const = default;
};

/// Something in a file that `tune` may set.
struct Knob {
    std::string name;
    std::string file;
    std::string pattern;              ///< ECMAScript, one group; the group's text is replaced
    std::vector<std::string> values;  ///< in order; of a range: written out
    bool ordered = false;             ///< made from a range: neighbours are near in effect
    bool operator==(const Knob&) const = default;
};

/// How much of the ledger a prompt tells. digest: all that the size limit allows. The others are for
/// comparisons with it: the kept changes, the newest 20 experiments, nothing.
enum class PromptMemory { digest, kept, last_20, none };
template <>
struct Names<PromptMemory> {
    static constexpr std::array<std::string_view, 4> names = {"digest", "kept", "last-20", "none"};
};

/// How the next proposer is chosen among several. weights: by lot, each with its weight. bandit: by what each
/// has gained for what it cost.
enum class ProposerPolicy { weights, bandit };
template <>
struct Names<ProposerPolicy> {
    static constexpr std::array<std::string_view, 2> names = {"weights", "bandit"};
};

/// How a proposer that has no network reaches its model by way of ratchet.
struct GatewayAccess {
    std::string endpoint;   ///< base URL
    std::string key;        ///< the variable of the caller's environment that holds it; empty: none is needed
    std::string key_value;  ///< taken from there; empty: not set. Stands in no file and no message
    std::string proxy;      ///< the caller's, for this endpoint; empty: none
    std::string no_proxy;   ///< the hosts for which it is not, with commas
    std::string certificates;  ///< the caller's file of those that it trusts; empty: the machine's
    bool operator==(const GatewayAccess&) const = default;
};

struct ProposerSettings {
    std::string use;       ///< "tune", "replay", "command", or the name of a preset
    std::string model;     ///< as the endpoint calls it; empty: the agent's own choice
    std::string protocol;  ///< ModelRequest::protocol, of an agent that speaks several; empty: its own choice
    std::string name;      ///< as it stands in the ledger; empty: what it uses (declared.hpp)
    double weight = 1;
    int repair = 0;       ///< how often a build or a gate that failed goes back to it: 0 or 1
    Allowance allowance;  ///< of one proposal
    ParentPolicy policy = ParentPolicy::champion;
    std::string command;  ///< of `command`
    std::string patches;  ///< of `replay`: a folder, relative to the campaign file
    Milliseconds timeout = std::chrono::minutes(20);
    Milliseconds backoff = std::chrono::seconds(10);  ///< of `command`: after its first failure in a row
    std::vector<Knob> knobs;
    PromptMemory memory = PromptMemory::digest;
    bool lookup = true;                    ///< of `command`: a read-only `ratchet` is in its sandbox
    std::optional<GatewayAccess> gateway;  ///< of `command`; none: it has what sandbox.network says
    bool operator==(const ProposerSettings&) const = default;
};

/// What ends a campaign. What is not set does not.
struct Budget {
    std::optional<std::int64_t> experiments;
    Allowance allowance;                   ///< of all proposals together
    std::optional<double> target;          ///< the metric's value from which on the champion is good enough
    std::optional<Milliseconds> duration;  ///< of one `ratchet run`
    std::optional<std::chrono::minutes> until;  ///< local time of day
    std::optional<std::int64_t> plateau;        ///< experiments since the last kept one
    bool operator==(const Budget&) const = default;
};

/// What a model costs: US dollars for a million tokens.
struct Price {
    std::string model;
    double input = 0;
    double output = 0;
    double cached = 0;  ///< input that comes from the provider's cache
    std::string dated;  ///< year-month-day; empty: not said
    bool operator==(const Price&) const = default;
};

/// Which full outputs of the commands stay on the disk. The ledger has all that counts of them.
struct LogRetention {
    std::optional<Milliseconds> keep;  ///< since they were written; not set: for ever
    std::optional<std::int64_t> most;  ///< bytes, of the whole campaign; the oldest go first
    bool operator==(const LogRetention&) const = default;
};

struct SandboxSettings {
    Requirement require = Requirement::strong;
    std::vector<std::string> read;     ///< paths outside of the tree, shown read-only
    std::vector<std::string> write;    ///< shown writable, to proposers only
    std::vector<std::string> devices;  ///< device nodes
    std::string home;                  ///< the caller's; empty: not known
    std::string search_path;           ///< the caller's PATH
    std::vector<std::string> env;      ///< NAME (taken over) or NAME=VALUE
    bool network = false;              ///< for proposers; an evaluation never has one
    bool nested = false;               ///< proposers may make sandboxes within their own
    bool git = false;                  ///< git metadata visible (read-only) to evaluations as well
    std::int64_t memory_bytes = 0;     ///< 0: half of the machine's
    std::int64_t processes = 512;
    std::int64_t disk_bytes = std::int64_t{4} << 30;
    bool operator==(const SandboxSettings&) const = default;
};

struct Campaign {
    std::string name;
    std::string goal;
    std::vector<std::string> scope = {"**"};
    std::vector<std::string> protect;
    std::uint64_t seed = 1;
    DuplicatePolicy duplicates = DuplicatePolicy::give_back;
    std::optional<Prepare> prepare;
    Build build;
    std::vector<Gate> gates;
    Benchmark benchmark;
    std::vector<Constraint> constraints;
    std::optional<Canary> canary;
    std::optional<Benchmark> holdout;
    ProposerSettings proposer;  ///< of several the first, or the one that this is about (declared.hpp)
    std::vector<ProposerSettings> further_proposers;
    ProposerPolicy proposer_policy = ProposerPolicy::weights;
    std::vector<AgentPreset> presets;  ///< ratchet's own as the file changes them, and those that it adds
    Budget budget;
    std::vector<Price> prices;  ///< before those that ratchet knows by itself
    LogRetention logs;
    SandboxSettings sandbox;
    std::string workspace;  ///< where worktrees live; empty: in the campaign's folder
    std::string on_event;   ///< a command of the user's that gets a JSON line on standard input
    std::string folder;     ///< of the campaign file, relative to the repository's root; "" is the root
    std::string file_name = "ratchet.toml";
    bool operator==(const Campaign&) const = default;
};

}  // namespace ratchet
