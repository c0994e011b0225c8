#pragma once

// What the ledger tells over all experiments: the rows of its lists, sums and look-ups.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// One line about an experiment, for lists; cheap to get for many.
struct Summary {
    ExperimentId id;
    std::int64_t epoch = 1;
    Stage stage = Stage::planned;
    std::string proposer;
    Move move = Move::explore;
    std::string focus;
    CommitId parent;
    CommitId candidate;
    std::string idea;  ///< the first line of the hypothesis, or of what stands for it
    std::vector<std::string> files;
    std::optional<Decision> decision;
    bool vetoed = false;
    std::uint64_t fingerprint = 0;  ///< SimHash of the diff's tokens; 0 where there is no diff
    Timestamp started_at;
    std::optional<Timestamp> finished_at;
    std::optional<ExperimentId> repair_of = {};  ///< the failed experiment that it was to mend
};

/// Which experiments a list shows. Everything that is set must hold.
struct SummaryQuery {
    std::optional<Verdict> verdict;
    std::optional<std::string> file;  ///< a path that the diff touches
    std::optional<Timestamp> since;
    std::optional<ExperimentId> after;  ///< numbers greater than this one
    /// With an estimate above zero, and among so many of the newest with this verdict, which must be set.
    std::optional<int> better_among;
    bool failures_only = false;  ///< finished, and neither kept nor interrupted
    bool newest_first = true;
    int limit = 50;
};

/// What was tried where: an aggregate that is kept in the same transaction as the facts.
struct FileRecord {
    std::string path;
    int attempts = 0;
    int failures = 0;
    int kept = 0;
    std::optional<double> best_effect;
};

/// What was tried in one function, or in one class outside of its functions: FileRecord, a level below. Only
/// for the languages that touched_functions.hpp knows.
struct FunctionRecord {
    std::string path;
    std::string function;  ///< qualified as its language does, without namespaces: "Matrix::multiply"
    int attempts = 0;
    int failures = 0;
    int kept = 0;
    std::optional<double> best_effect;
    std::optional<ExperimentId> last_kept;  ///< the newest kept experiment that changed it
};

/// Where a recurring failure happens: a place that nearly all experiments with this failure touched, while
/// others mostly did not.
struct FailurePlace {
    std::string path;
    std::string function;  ///< empty: anywhere in the file
    int failures = 0;      ///< experiments with this failure that touched it
    int attempts = 0;      ///< all experiments that touched it
};

/// A failure that recurs: stage, name and a normalised line of the output.
struct FailureSignature {
    std::string stage;
    std::string name;
    std::string line;
    int count = 0;
    ExperimentId last;
    std::optional<FailurePlace> place;
};

/// Pairs that count no more: they were taken against another champion, or before the noise was known.
struct DiscardedPairs {
    std::string reason;
    std::vector<Pair> pairs;
};

/// What an earlier proposal left to be tried, and what became of it.
struct IdeaFate {
    ExperimentId from;
    std::string text;
    int times = 1;  ///< it was left, in words; this is the last time
    /// The experiment that tried the same in words (idea_words.hpp), if one did.
    std::optional<ExperimentId> tried_as;
    std::optional<Verdict> verdict;  ///< of that one
};

struct Note {
    std::int64_t id = 0;
    std::string text;
    Timestamp at;
};

/// An experiment whose diff is nearly the same.
struct Near {
    ExperimentId experiment;
    int distance = 0;  ///< of the fingerprints, in bits
};

/// A failed experiment that a diff repeats.
struct Repeat {
    ExperimentId of;
    Likeness likeness = Likeness::near;
};

/// The state of LOND, for gains and, apart from these, for what is kept because it is not worse.
struct ErrorBudget {
    int tests = 0;         ///< of gains, begun
    int kept = 0;          ///< for their gain
    int margin_tests = 0;  ///< of "not worse", begun
    int kept_not_worse = 0;
    /// By how much the champion may be worse for what was kept as not worse since it was last verified: the
    /// sum of how far their intervals reach below zero.
    double given_away = 0;
};

/// What the kept steps from the base to the champion gain together, each as it was confirmed.
struct StepSum {
    std::int64_t steps = 0;
    double estimate = 0;  ///< the sum of the effects
    double below = 0;     ///< the sum of the squares of how far each interval reaches below its estimate
    double above = 0;     ///< likewise above it
};

/// The commit that a proposal became last, for comparing the ledger with git.
struct CandidateRecord {
    ExperimentId experiment;
    CommitId commit;
    CommitId parent;
    TreeId tree;
    bool finished = false;
};

/// The full output of a command, as the ledger names it.
struct LogRecord {
    ExperimentId experiment;
    std::string file;  ///< relative to the campaign's log folder
};

}  // namespace ratchet
