#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/errors.hpp"
#include "experiment_store/experiment.hpp"
#include "experiment_store/imported.hpp"
#include "experiment_store/ledger_records.hpp"
#include "experiment_store/spend.hpp"

namespace ratchet {

/// Time as the ledger sees it; a double in tests ticks by hand.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
};

/// What a campaign is for ever: fixed by its first run.
struct CampaignIdentity {
    std::string name;
    std::string metric;
    std::string unit;
    Direction direction = Direction::lower;
    Scale scale = Scale::ratio;
    std::uint64_t seed = 1;
    CommitId base;
    std::string goal;
    Timestamp created_at;
    TreeId base_tree = {};  ///< so that a candidate which changes nothing is known; empty: not known
    /// Over how many experiments the error budget is spread: what the campaign began with. To follow later
    /// edits of the budget would spend it twice.
    int budgeted = 200;
};

/// A stretch in which the harness does not change.
struct Epoch {
    std::int64_t id = 0;
    std::string harness_hash;   ///< of build, gates, benchmark, protected files, min_effect
    std::string campaign_file;  ///< the text of ratchet.toml as it was
    CommitId commit;            ///< whose protected files are the harness
    Timestamp started_at;
};

/// The champion against itself: what this benchmark's noise is on this machine.
struct CalibrationRecord {
    std::int64_t id = 0;
    std::int64_t epoch = 0;
    std::string host;  ///< fingerprint
    CommitId champion;
    bool deterministic = false;
    std::vector<double> differences;  ///< effects of the A/A pairs
    double champion_value = 0;        ///< median of the primary metric
    double run_seconds = 0;           ///< median wall time of one run
    Timestamp at;
};

/// Base against champion, measured afresh.
struct Verification {
    CommitId base;
    CommitId champion;
    Interval total;
    int pairs = 0;
    std::string host;
    Timestamp at;
};

/// What became of the champion without one of its kept steps.
enum class StepWorth {
    carries,       ///< evidence that the champion is better with the step
    not_any_more,  ///< evidence that the step gains less than min_effect by now
    undecided,     ///< neither, on these pairs
    built_on,      ///< cannot be taken out: later steps build on it
    needed,        ///< cannot be taken out: without it a build, a gate or the benchmark fails
};
template <>
struct Names<StepWorth> {
    static constexpr std::array<std::string_view, 5> names = {"carries", "not-any-more", "undecided",
                                                              "built-on", "needed"};
};

/// One kept step taken out of the champion, measured afresh (`ratchet verify --each`).
struct LeaveOneOut {
    std::int64_t epoch = 0;
    CommitId champion;
    ExperimentId experiment;  ///< the step that was taken out
    StepWorth worth = StepWorth::undecided;
    std::string reason;              ///< which command failed without it; else empty
    std::optional<Interval> effect;  ///< of having the step: positive where the champion is better with it
    int pairs = 0;
    std::string host;
    Timestamp at;
    bool operator==(const LeaveOneOut&) const = default;
};

/// A sabotage of the base, measured against the base.
struct CanaryRecord {
    std::int64_t epoch = 1;
    std::string host;
    CommitId base;
    std::string sabotage;  ///< a hash of the patch or the command
    Interval effect;
    int pairs = 0;
    bool seen = false;  ///< the benchmark showed it as worse
    Timestamp at;
};

/// A champion and the experiment that made it (none for the base).
struct Champion {
    CommitId commit;
    std::optional<ExperimentId> experiment;
    std::optional<Interval> effect;  ///< the confirmed gain of this step over the one before
};

/// The champion changed while an experiment was measured against the one before: rebase, then measure again.
struct ChampionMoved : MachineryError {
    using MachineryError::MachineryError;
};

/// Something in the ledger's own file that cannot be right.
struct LedgerProblem {
    std::string text;          ///< one line
    bool rebuildable = false;  ///< `rebuild` mends it: the facts are whole
};

class Transaction;

/// The typed interface of the ledger: the only source of truth about a campaign. Each writing call is one
/// durable transaction (WAL, synchronous=FULL) that maintains the derived tables with the facts. Throws
/// MachineryError where SQLite fails, or where a call does not fit the experiment's state (a second proposal,
/// a pair after the verdict), and UserError where the file is no ledger, is newer than this program, or
/// cannot be written.
class Ledger {
  public:
    enum class Mode { read_write, read_only };

    /// Opens (and in read_write mode creates or migrates) the ledger in this file. ":memory:" for tests. The
    /// clock must outlive the ledger. A reader sees what was committed, also while another process writes.
    Ledger(const std::filesystem::path& file, const Clock& clock, Mode mode = Mode::read_write);
    ~Ledger();
    Ledger(Ledger&&) noexcept;
    Ledger& operator=(Ledger&&) noexcept;

    /// While it lives all is read from one state, that of the first reading, whoever writes meanwhile. A
    /// hundred small readings also take less time, because the file is locked once for all of them. The
    /// Ledger must outlive it, and throws MachineryError where it is to write then.
    class Snapshot {
      public:
        explicit Snapshot(const Ledger& ledger);
        ~Snapshot();

      private:
        std::unique_ptr<Transaction> transaction_;
    };

    // The campaign.

    [[nodiscard]] std::optional<CampaignIdentity> identity() const;
    /// Writes the identity (once) and makes the base the first champion.
    void found(const CampaignIdentity& identity);
    [[nodiscard]] std::optional<Epoch> epoch() const;
    /// Begins a new epoch and returns its number (from 1).
    std::int64_t begin_epoch(const std::string& harness_hash, const std::string& campaign_file,
                             const CommitId& commit);
    /// One `ratchet run`: begin returns its number; end says why it ended.
    std::int64_t begin_session(const std::string& host, int process_id);
    void end_session(std::int64_t session, const std::string& reason);
    /// Why the last session ended; empty where it did not end by itself (killed) or none was.
    [[nodiscard]] std::string last_session_end() const;

    // The life of an experiment, in its durable order.

    /// planned: fixes the number (brief.id is ignored), stores the brief and the prompt (compressed).
    ExperimentId begin(const Brief& brief, const std::string& prompt);
    /// Still planned: the first answer as a fact, given back. From here on the proposer is asked the second
    /// time only.
    void store_returned(ExperimentId id, const Returned& returned);
    /// proposed (transaction A): the proposal as a fact. Never asked for again from here on.
    void store_proposal(ExperimentId id, const Proposal& proposal);
    /// captured (transaction B): the candidate commit that was made of it exists and is pinned. May be called
    /// again, with the commit's new parent, where it was rebased; an empty parent means the brief's.
    void captured(ExperimentId id, const CommitId& candidate, const TreeId& tree,
                  const CommitId& parent = {});
    /// Any stage from admitted to confirmed, with the runs that led there. The stage that it stands at
    /// already: stores runs that led no further (a build or a gate that failed). Reaching `measured` for
    /// the first time assigns test_number. An earlier stage than before is what a resumed or rebased
    /// experiment goes through again. `margin`: a test of "not worse" begins here, once an experiment.
    void advance(ExperimentId id, Stage stage, const std::vector<StageRun>& runs = {},
                 std::optional<double> margin = {});
    void add_pair(ExperimentId id, const Pair& pair);
    /// Forgets the pairs of an experiment that were taken against another champion (before it is measured
    /// again). They stay as facts, but are not read any more, and their indexes are free again.
    void discard_pairs(ExperimentId id, const std::string& reason);
    /// finished: verdict, aggregates and, for `kept`, the new champion, in one transaction. A `kept` throws
    /// ChampionMoved, and writes nothing, where the champion is not `expected_champion` any more.
    void finish(ExperimentId id, const Decision& decision, const CommitId& expected_champion);
    /// Takes a kept experiment back. The champion becomes the newest kept one without a vetoed ancestor;
    /// returns it. From then on the decision of #id reads `vetoed`, with this reason. Throws UserError where
    /// #id was not kept or is vetoed already.
    Champion veto(ExperimentId id, const std::string& reason);

    // Measurement that belongs to no experiment.

    void add_calibration(const CalibrationRecord& record);
    [[nodiscard]] std::optional<CalibrationRecord> latest_calibration() const;
    void add_canary(const CanaryRecord& record);
    [[nodiscard]] std::optional<CanaryRecord> latest_canary() const;
    void add_verification(const Verification& verification);
    [[nodiscard]] std::optional<Verification> latest_verification() const;
    void add_leave_one_out(const LeaveOneOut& left_out);
    /// All that were measured on this champion in the current epoch, oldest first.
    [[nodiscard]] std::vector<LeaveOneOut> leave_one_out(const CommitId& champion) const;

    // What is known.

    [[nodiscard]] Champion champion() const;
    /// From the base (first) to the champion (last); vetoed ones are not in it.
    [[nodiscard]] std::vector<Champion> lineage() const;
    /// The end of the lineage without the base, newest first; at most so many, where that is said.
    [[nodiscard]] std::vector<Champion> newest_steps(std::optional<int> most) const;
    /// Over the whole lineage, without walking along it.
    [[nodiscard]] StepSum step_sum() const;
    /// Experiments that were begun and have no verdict, oldest first.
    [[nodiscard]] std::vector<Experiment> unfinished() const;
    [[nodiscard]] std::optional<Experiment> experiment(ExperimentId id) const;
    [[nodiscard]] std::string prompt(ExperimentId id) const;
    /// What discard_pairs has put away, oldest first.
    [[nodiscard]] std::vector<DiscardedPairs> discarded_pairs(ExperimentId id) const;
    [[nodiscard]] std::vector<Summary> summaries(const SummaryQuery& query) const;
    [[nodiscard]] std::int64_t experiment_count() const;
    /// Finished experiments since the last kept one.
    [[nodiscard]] std::int64_t since_last_kept() const;
    /// Every verdict that occurred, in enum order. A vetoed experiment counts as vetoed, not as kept.
    [[nodiscard]] std::vector<std::pair<Verdict, int>> tally() const;
    /// Keeps ever made are counted: a veto gives no error budget back, but what was given away with it.
    [[nodiscard]] ErrorBudget error_budget() const;
    [[nodiscard]] Usage total_usage() const;
    /// By proposer, model and verdict, in this order; finished experiments only.
    [[nodiscard]] std::vector<Spend> spend() const;
    /// By model, in the order of their names; only requests that ratchet saw itself.
    [[nodiscard]] std::vector<ModelSpend> model_spend() const;
    /// The newest finished experiments, newest first.
    [[nodiscard]] std::vector<FinishedExperiment> newest_finished(int most) const;
    /// The experiment that was to mend this one, whatever became of it.
    [[nodiscard]] std::optional<ExperimentId> repaired_by(ExperimentId id) const;
    /// The origins (Notes::origin) and decisions of this proposer's experiments, oldest first; unfinished
    /// ones too.
    [[nodiscard]] std::vector<Summary> proposals_of(const std::string& proposer) const;
    [[nodiscard]] std::map<std::string, std::string> origin(ExperimentId id) const;

    // Memory, for digest and admission.

    [[nodiscard]] std::vector<FileRecord> map(int limit) const;  ///< most attempts first
    /// Nothing where no experiment that was run touched it.
    [[nodiscard]] std::optional<FileRecord> file_record(const std::string& path) const;
    /// Most attempts first, then the newest place; only those with an attempt.
    [[nodiscard]] std::vector<FunctionRecord> functions(int limit) const;
    /// Those of one file, in the same order.
    [[nodiscard]] std::vector<FunctionRecord> functions_of(const std::string& path, int limit) const;
    /// Of each of these the newest kept experiment after it that changed a function which it touched: what
    /// failed may be worth another try. Those whose code is as it was have none.
    [[nodiscard]] std::map<ExperimentId, ExperimentId> changed_since(
        const std::vector<ExperimentId>& ids) const;
    /// Those with a count of 2 or more, most first.
    [[nodiscard]] std::vector<FailureSignature> recurring_failures(int limit) const;
    /// Of finished experiments: those that nobody tried first, then the others; each newest first.
    [[nodiscard]] std::vector<IdeaFate> ideas(int limit) const;
    void add_note(const std::string& text);
    [[nodiscard]] std::vector<Note> notes() const;  ///< newest first
    [[nodiscard]] std::vector<Note> newest_notes(int most) const;
    [[nodiscard]] std::int64_t note_count() const;
    /// An earlier experiment with this resulting tree that was evaluated to a verdict (or the base, id 0),
    /// not counting `except`. Only of the current epoch, but for the base and the champion; never a vetoed
    /// one.
    [[nodiscard]] std::optional<ExperimentId> with_tree(const TreeId& tree, ExperimentId except) const;
    /// An earlier evaluated experiment with this patch id on the same parent, not counting `except`; of the
    /// current epoch, and never a vetoed one.
    [[nodiscard]] std::optional<ExperimentId> with_patch(const std::string& patch_id, const CommitId& parent,
                                                         ExperimentId except) const;
    /// Full text over ideas, notes, reasons, file names and outputs; best match first. See recall.hpp.
    [[nodiscard]] std::vector<Summary> search(std::string_view text, int limit) const;
    /// Experiments whose diff has a fingerprint (see recall.hpp) within this many bits, nearest first, then
    /// newest.
    [[nodiscard]] std::vector<Near> near(std::uint64_t fingerprint, int max_distance, int limit) const;

    /// Failed experiments of the current epoch that this diff repeats (see likeness.hpp), not counting
    /// `except`: re-formatted ones first, then the nearest, then the newest; at most `limit`. Failed: it was
    /// run and is not kept, or was vetoed. A near miss is only repeated by what is the same but for its form:
    /// it is there to be taken up.
    [[nodiscard]] std::vector<Repeat> repeats(std::string_view diff, ExperimentId except, int limit) const;

    // Who belongs to whom.

    /// In the given order; numbers that there are not are left out.
    [[nodiscard]] std::vector<Summary> summaries_of(const std::vector<ExperimentId>& ids) const;
    /// The experiment whose candidate is this commit; nothing for the base and for any other commit.
    [[nodiscard]] std::optional<Summary> maker_of(const CommitId& candidate) const;
    /// Those whose candidates stand on this commit: first what was kept (or vetoed later), then the others,
    /// each newest first.
    [[nodiscard]] std::vector<Summary> standing_on(const CommitId& commit, int limit) const;
    [[nodiscard]] std::int64_t count_standing_on(const CommitId& commit) const;
    /// Those that were rejected as duplicates of this one (0: of the base), oldest first.
    [[nodiscard]] std::vector<Summary> duplicates_of(ExperimentId id, int limit) const;

    // From elsewhere.

    /// Takes over what other tools recorded and gives the numbers; returns how many were new. A record that
    /// stands here already (the same line) is not taken again, so that a log may be imported while it grows.
    std::int64_t add_imported(const std::vector<ImportedExperiment>& experiments);
    /// The newest, newest first.
    [[nodiscard]] std::vector<ImportedExperiment> imported(int limit) const;
    [[nodiscard]] std::int64_t imported_count() const;
    void add_replay(const Replay& replay);
    [[nodiscard]] std::vector<Replay> replays() const;                    ///< oldest first
    [[nodiscard]] std::vector<Replay> replays_of(ExperimentId id) const;  ///< oldest first
    /// The newest one of this imported experiment.
    [[nodiscard]] std::optional<Replay> latest_replay(ImportedId id) const;

    /// All candidates, in the order of their experiments; those from this number on, where that is said.
    [[nodiscard]] std::vector<CandidateRecord> candidates(ExperimentId from = {}) const;
    /// All logs that the ledger names.
    [[nodiscard]] std::vector<LogRecord> logs() const;

    // The file itself.

    /// Recreates every derived table and every index from the facts, in one transaction. A campaign may not
    /// run meanwhile (its runner's lock is the caller's).
    void rebuild();

    /// All that is wrong with the file: SQLite's own checks, facts that cannot be read, derived tables that
    /// are not what the facts give. Looks at a copy, as of one moment: nothing is changed, nobody is held up.
    [[nodiscard]] std::vector<LedgerProblem> problems() const;

    /// Writes a copy as of one moment, also while a campaign writes; whole and on the disk when it returns,
    /// or not there at all. `replace`: an older backup of the same campaign gives way to it, and nothing else
    /// does. Throws UserError where something stands there, or the folder cannot be written.
    void backup(const std::filesystem::path& file, bool replace) const;

    /// True where PRAGMA integrity_check and foreign_key_check find nothing.
    [[nodiscard]] bool intact() const;

  private:
    friend class LookupCopy;
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ratchet
