#pragma once

// The shared vocabulary of all rooms: what an experiment is and all that can be known of it. Plain values,
// std only.

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ratchet {

/// The number of an experiment in its campaign: #1, #2, … for ever.
struct ExperimentId {
    std::int64_t value = 0;
    auto operator<=>(const ExperimentId&) const = default;
};

/// The name of the folder of its logs below the campaign's: "000007".
inline std::string log_folder_name(ExperimentId id) {
    constexpr std::size_t digits = 6;
    const std::string number = std::to_string(id.value);
    return std::string(digits - (number.size() < digits ? number.size() : digits), '0') + number;
}

/// A git commit, as 40 hexadecimal digits; empty means none.
struct CommitId {
    std::string hex;
    auto operator<=>(const CommitId&) const = default;
    [[nodiscard]] bool empty() const { return hex.empty(); }
    [[nodiscard]] std::string abbreviated() const { return hex.substr(0, 10); }
};

/// A git tree, as 40 hexadecimal digits; empty means none.
struct TreeId {
    std::string hex;
    auto operator<=>(const TreeId&) const = default;
};

/// Milliseconds since 1970, UTC.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Seconds = std::chrono::duration<double>;

/// Names of an enumeration's values, in order, as they stand in the ledger, in JSON and on the screen.
/// Specialised below for each enumeration; `name_of` and `named` read it.
template <typename Enum>
struct Names;

template <typename Enum>
constexpr std::string_view name_of(Enum value) {
    return Names<Enum>::names.at(static_cast<std::size_t>(value));
}

/// The value with this name, or nothing.
template <typename Enum>
constexpr std::optional<Enum> named(std::string_view name) {
    for (std::size_t i = 0; i < Names<Enum>::names.size(); ++i) {
        if (Names<Enum>::names[i] == name) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

/// How an experiment ended. See docs/verdicts.md.
enum class Verdict {
    kept,
    no_gain,
    regressed,
    inconclusive,
    constraint_violated,
    gate_failed,
    build_failed,
    benchmark_failed,
    timed_out,
    rejected,
    no_proposal,
    holdout_failed,
    interrupted,
    vetoed,
};
template <>
struct Names<Verdict> {
    static constexpr std::array<std::string_view, 14> names = {
        "kept",        "no-gain",        "regressed",        "inconclusive", "constraint-violated",
        "gate-failed", "build-failed",   "benchmark-failed", "timed-out",    "rejected",
        "no-proposal", "holdout-failed", "interrupted",      "vetoed"};
};

/// Why a proposal was never run.
enum class Rejection { empty, out_of_scope, protected_path, duplicate, too_large, unsafe, conflict };
template <>
struct Names<Rejection> {
    static constexpr std::array<std::string_view, 7> names = {
        "empty", "out-of-scope", "protected", "duplicate", "too-large", "unsafe", "conflict"};
};

/// What a verdict rests on: evidence, a screen that claims nothing, one exact (deterministic) sample, or, of
/// what was kept because it is simpler, the proof that it is not worse.
enum class Basis { none, evidence, screen, exact, not_worse };
template <>
struct Names<Basis> {
    static constexpr std::array<std::string_view, 5> names = {"none", "evidence", "screen", "exact",
                                                              "not-worse"};
};

/// The kind of move that a brief asks for.
enum class Move { explore, exploit, combine, simplify, repair, radical };
template <>
struct Names<Move> {
    static constexpr std::array<std::string_view, 6> names = {"explore",  "exploit", "combine",
                                                              "simplify", "repair",  "radical"};
};

/// How far an experiment has come; each is reached by one transaction of the ledger.
enum class Stage { planned, proposed, captured, admitted, built, gated, measured, confirmed, finished };
template <>
struct Names<Stage> {
    static constexpr std::array<std::string_view, 9> names = {
        "planned", "proposed", "captured", "admitted", "built", "gated", "measured", "confirmed", "finished"};
};

/// What a pair was taken for.
enum class Phase { calibration, search, confirmation, verification, holdout };
template <>
struct Names<Phase> {
    static constexpr std::array<std::string_view, 5> names = {"calibration", "search", "confirmation",
                                                              "verification", "holdout"};
};

/// The assignment of one experiment.
struct Brief {
    ExperimentId id;
    CommitId parent;
    std::string proposer;
    Move move = Move::explore;
    std::string focus;       ///< a file, a function, earlier experiments ("#3 + #7"); may be empty
    std::uint64_t seed = 0;  ///< of this experiment; derived from the campaign's seed
    std::string reason;      ///< why this move, in one line for a person; may be empty
    /// The champion, where the parent is another commit on purpose; empty: the parent is the champion.
    CommitId champion = {};
    std::string choice = {};  ///< why this proposer, in one line; empty: there was no choice
    /// The failed experiment whose change is to be mended; nothing: it is no repair of one.
    std::optional<ExperimentId> repair_of = {};
    bool operator==(const Brief&) const = default;
};

/// What a proposer said about its proposal. Never trusted, always optional.
struct Notes {
    std::string hypothesis;
    std::string expected_effect;
    std::string risk;
    std::string learned;
    std::vector<std::string> next_ideas;
    /// What the proposer needs to find its own place again: the knob settings of `tune`, the file name of
    /// `replay`.
    std::map<std::string, std::string> origin;
    bool operator==(const Notes&) const = default;
};

/// What a proposal cost.
struct Usage {
    std::int64_t requests = 0;
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::optional<double> cost;  ///< US dollars, where known
    double wall_seconds = 0;
    bool operator==(const Usage&) const = default;
};

/// One request to a model, as ratchet itself saw it go by: the gateway and `api` do, other proposers do not.
struct ModelRequest {
    std::string protocol;  ///< "openai-chat", "openai-responses", "anthropic" or "gemini"
    std::string model;
    int status = 0;  ///< of HTTP; 0: there was no answer
    bool streamed = false;
    double wall_seconds = 0;         ///< to the last byte of the answer
    std::int64_t input_tokens = 0;   ///< those that came from the provider's cache included
    std::int64_t cached_tokens = 0;  ///< those that came from it
    std::int64_t output_tokens = 0;  ///< reasoning included
    Timestamp at;                    ///< when it was sent
    /// US dollars, by the prices of the time; nothing where the model has none.
    std::optional<double> cost = {};
    bool operator==(const ModelRequest&) const = default;
};

/// What may still be used of a budget. What is not set has no limit.
struct Allowance {
    std::optional<std::int64_t> requests;
    std::optional<std::int64_t> input_tokens;
    std::optional<std::int64_t> output_tokens;
    std::optional<double> cost;  ///< US dollars
    bool operator==(const Allowance&) const = default;
};

struct TouchedFile {
    std::string path;  ///< relative to the repository's root, any bytes but NUL
    int added = 0;     ///< lines
    int removed = 0;
    bool operator==(const TouchedFile&) const = default;
};

/// The diff and the notes that came back.
struct Proposal {
    std::string diff;  ///< a git patch (binary-safe) from the parent; empty: nothing was changed
    Notes notes;
    Usage usage;
    std::string
        failure;  ///< why the proposer failed, else empty. A diff that it left is evaluated all the same
    std::optional<Rejection> refused;  ///< set where the capture itself refused (unsafe, too-large, conflict)
    std::vector<TouchedFile> files;
    std::string patch_id;  ///< git's stable patch id; empty where there is no diff
    Timestamp captured_at;
    std::string model = {};  ///< that made it, of several the one that wrote most; empty: not known
    /// As ratchet saw them, in order. Those of an answer that was given back are with that one, while `usage`
    /// has the sum of both.
    std::vector<ModelRequest> model_requests = {};
    bool operator==(const Proposal&) const = default;
};

/// What was measured from outside of the process.
struct RunFigures {
    double wall_seconds = 0;
    double user_seconds = 0;
    double system_seconds = 0;
    std::int64_t peak_memory_bytes = 0;
    std::int64_t involuntary_switches = 0;
    std::int64_t read_bytes = 0;     ///< from the disk, not from its cache
    std::int64_t written_bytes = 0;  ///< to the disk or its cache; not to a tmpfs
    /// Processes and threads that it started; nothing where they share their numbers with the machine's.
    std::optional<std::int64_t> processes;
    std::int64_t steal_ticks = 0;  ///< of the whole machine during the run
    double pressure_seconds = 0;   ///< CPU pressure ("some") during the run
    /// Of user space, in all processes of the run; nothing where the machine counts none.
    std::optional<std::int64_t> instructions;
    /// The highest frequency among the processors that a sample may use, at its end; nothing where the kernel
    /// does not say.
    std::optional<std::int64_t> processor_khz;
    bool operator==(const RunFigures&) const = default;
};

/// One command of an evaluation that is not a sample: prepare, build, gate, or a benchmark run that failed.
struct StageRun {
    Stage stage = Stage::built;
    std::string name;  ///< "build", or the gate's name
    bool succeeded = false;
    bool timed_out = false;
    int exit_status = 0;  ///< of the command; 128 + signal where a signal ended it
    RunFigures figures;
    std::string tail;      ///< the end of its output (bounded)
    std::string log_file;  ///< relative to the campaign's log folder; empty: no log
    bool operator==(const StageRun&) const = default;
};

/// One run of the benchmark command on one commit.
struct Sample {
    double value = 0;                       ///< the primary metric
    std::map<std::string, double> metrics;  ///< the constrained metrics, by name
    RunFigures figures;
    bool operator==(const Sample&) const = default;
};

/// Champion and candidate, one run each, back to back.
struct Pair {
    Phase phase = Phase::search;
    int index = 0;  ///< from 0 within its experiment and phase
    bool candidate_first = false;
    CommitId champion_commit;
    CommitId candidate_commit;
    Sample champion;
    Sample candidate;
    std::string set_aside;  ///< why the pair does not count (for what the machine did), else empty
    Timestamp at;
    /// CPU pressure just before the pair: the share of time in which somebody waited for a processor. Nothing
    /// where it was not read, or the kernel does not say.
    std::optional<double> pressure_before;
    double waited_seconds = 0;  ///< for that pressure to fall
    bool operator==(const Pair&) const = default;
};

/// An estimate with its 95 % interval. An effect: a log ratio, positive is better.
struct Interval {
    double low = 0;
    double estimate = 0;
    double high = 0;
    bool operator==(const Interval&) const = default;
};

/// The end of an experiment.
struct Decision {
    Verdict verdict = Verdict::interrupted;
    std::optional<Rejection> rejection;
    Basis basis = Basis::none;
    std::string reason;  ///< one line for a person
    std::optional<Interval> effect;
    double e_value = 0;  ///< of the claim "kept"; 0 where nothing was measured
    int pairs = 0;       ///< of search and confirmation together
    std::optional<ExperimentId> duplicate_of;
    bool operator==(const Decision&) const = default;
};

/// In which way a diff repeats another one. reformatted: the same tokens of the same files, but for white
/// space and comments. near: nearly the same tokens (moved, reordered, with other names for what it
/// declares).
enum class Likeness { reformatted, near };
template <>
struct Names<Likeness> {
    static constexpr std::array<std::string_view, 2> names = {"reformatted", "near"};
};

/// A first answer that was given back to its proposer, because it repeats a failed experiment. It was paid
/// for, so it is a fact.
struct Returned {
    std::string diff;
    Notes notes;
    Usage usage;
    std::string failure;  ///< why the proposer failed, though it left a diff; else empty
    ExperimentId duplicate_of;
    Likeness likeness = Likeness::near;
    std::string told;  ///< what stood below the prompt when the proposer was asked again
    Timestamp at;
    std::vector<ModelRequest> model_requests = {};  ///< as ratchet saw them, in order
    bool operator==(const Returned&) const = default;
};

/// A test of "not worse than -margin", which a simplification is kept by.
struct MarginTest {
    int number = 0;     ///< 1, 2, … among these tests, which have an error control of their own
    double margin = 0;  ///< an effect, > 0
    bool operator==(const MarginTest&) const = default;
};

/// One proposal and all that was learnt of it.
struct Experiment {
    Brief brief;
    std::int64_t epoch = 1;
    Stage stage = Stage::planned;
    std::optional<Proposal> proposal;
    CommitId candidate;
    TreeId tree;
    int test_number = 0;  ///< the t of LOND: 1, 2, … among those whose gain was tested; 0: not tested
    std::vector<StageRun> runs;
    std::vector<Pair> pairs;
    std::optional<Decision> decision;
    Timestamp started_at;
    std::optional<Timestamp> finished_at;
    bool vetoed = false;
    CommitId candidate_parent = {};  ///< what the candidate stands on: brief.parent, unless it was rebased
    std::optional<Returned> returned;
    /// The test of "not worse" that was begun of it; nothing where there was none.
    std::optional<MarginTest> margin_test;
};

}  // namespace ratchet
