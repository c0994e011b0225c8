#pragma once

#include <optional>
#include <set>
#include <string>

#include "benchmarks_adapter/evaluator.hpp"
#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/budget.hpp"
#include "orchestrator/events.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/prices.hpp"
#include "orchestrator/proposers/proposer.hpp"
#include "orchestrator/status/status.hpp"

namespace ratchet {

/// Where the evaluations of this campaign keep their things.
EvaluationFolders evaluation_folders(const OpenCampaign& opened);

/// The steps of an experiment's life. Each one is durable in the ledger when it returns, and each may be
/// repeated after a kill: the ledger is the truth, commits and refs are made anew from it.
class ExperimentSteps {
  public:
    ExperimentSteps(OpenCampaign& opened, Confinement& confinement, Status& status, const TimeBudget& time,
                    const Events& events, const StopSignal& stop);

    /// Fixes the number, the brief and the prompt, of somebody who is not passed over.
    Experiment plan(const PassedOver& passed_over);
    /// The same for a proposal that is there already: a person's (`ratchet try`), or one that is tried again.
    Experiment plan_given(const std::string& proposer, Move move = Move::explore);
    /// Leases a worktree at the parent, asks, and stores what came back. Where that repeats a failed
    /// experiment it is given back, once. False: the user asked to stop.
    bool ask(Experiment& experiment, Proposer& proposer);
    /// Makes the candidate commit of the stored proposal and pins it.
    void capture(Experiment& experiment);
    /// A decision where the proposal is not to be run at all.
    std::optional<Decision> admit(const Experiment& experiment);
    /// Builds, tests and measures against the champion. Nothing: the user asked to stop.
    std::optional<Decision> evaluate(Experiment& experiment);
    /// Writes the verdict and moves the champion. False where the champion has changed meanwhile.
    bool record(Experiment& experiment, const Decision& decision);
    /// Puts the candidate onto the champion of now and forgets its pairs. One that started elsewhere on
    /// purpose stays where it stands.
    void rebase(Experiment& experiment);

    /// When the proposer that was asked last wants to be asked again, where it said so.
    [[nodiscard]] std::optional<Seconds> retry_after() const { return retry_after_; }
    /// Waits, as long as there is time left and the user does not ask to stop, and says why.
    void wait(Seconds time, const std::string& why);
    /// Throws NoRoom, before anything is begun and paid, where the ledger's or the worktrees' disk is full.
    void require_room() const;
    /// Says that it is tried again.
    void tell_of_a_loss(const SandboxLost& loss);
    /// Makes again what git has lost of the champion and of the candidates from this one on, and says so.
    /// Returns whether anything was lost.
    bool restore_lost(ExperimentId first);
    /// Ends an experiment whose inputs are gone.
    void abandon(Experiment& experiment, const std::string& reason);
    /// A kept experiment that stood on one which was vetoed, and was not tried again since.
    [[nodiscard]] std::optional<Experiment> displaced() const;

    /// Base against champion, afresh, into the ledger. Nothing: the user asked to stop.
    std::optional<Verification> verify();
    /// The champion against itself without each of its kept steps, one after the other; each result is in the
    /// ledger as soon as it is known, and steps that this round has measured are not measured again. Says
    /// the cost first. False: the user asked to stop. Throws UserError where the champion itself fails.
    bool verify_each();
    /// Builds the champion and runs its gates. Throws UserError where one fails: then the environment is
    /// broken.
    void require_sound();
    /// The champion's noise, as of now; measured where it is not known. Nothing: the user asked to stop.
    std::optional<Calibration> calibration();
    /// Whether the benchmark shows the campaign's sabotage as worse; measured once an epoch. Nothing: there
    /// is no [canary], or the user asked to stop. Throws UserError where the sabotage cannot be carried out.
    std::optional<CanaryRecord> canary();
    /// Throws UserError where the sabotage is not seen: then the benchmark does not measure the code.
    void require_canary();
    /// So many pairs of the champion against itself, for a trace of this machine's noise. Fewer: the user
    /// asked to stop.
    std::vector<Pair> record_noise(int pairs);
    /// Makes refs and branch say what the ledger says.
    void project_champion();
    /// Takes the worktrees away.
    void release();
    /// What the worktrees take is the user's while the campaign waits for room; but not the one in which an
    /// answer stands that was paid for and could not be stored yet. Takes what it can.
    void give_room_back();
    [[nodiscard]] const EvaluationFolders& folders() const { return folders_; }

  private:
    class Observer;

    /// The champion less a step is pinned here while it is measured: one at a time, and gone with `release`.
    static constexpr const char* left_out_pin = "without";

    /// The commit that is the champion with this step's change taken back; nothing where later steps build on
    /// it.
    std::optional<CommitId> champion_without(Experiment& step);
    /// Measures the champion without this step. `place` ("2 of 7") is for the live line. Nothing: the user
    /// asked to stop.
    std::optional<LeaveOneOut> leave_out(Experiment& step, const std::string& place);
    /// Asks once, from a fresh worktree, unless an answer is in mind. Nothing: the user asked to stop.
    std::optional<Proposal> answer(Experiment& experiment, Proposer& proposer);
    /// What this proposal may use, and the price of what it used, with a word about models that have none.
    [[nodiscard]] Allowance allowance_for(const Experiment& experiment) const;
    void settle(ProposerAnswer& answer);
    /// Gives an answer back, durably, where the campaign wants that. False: it stands.
    bool give_back(Experiment& experiment, const Proposal& proposal, const Proposer& proposer);
    /// The decision on what was measured, with a word about the failed experiment that it repeats.
    [[nodiscard]] Decision with_history(const Experiment& experiment, Decision decision) const;
    void make_candidate(Experiment& experiment);
    /// Asks, and keeps the answer in mind. False: the user asked to stop.
    bool have_answered(Experiment& experiment, Proposer& proposer);
    /// Whether a candidate that did not even run is to blame for it itself. False: the user asked to stop.
    /// Throws UserError where the champion does not run either.
    bool is_to_blame(Experiment& experiment, const Decision& decision);
    /// The last one, where it is of this machine, this epoch and a champion like the one of now.
    [[nodiscard]] std::optional<Calibration> known_calibration() const;
    /// Pairs in flight count only by the side of the calibration that they were judged by: what was taken on
    /// another machine, or with another harness, goes before the champion is calibrated anew. No clock is
    /// asked: those of two machines do not agree, and one may be set.
    void discard_pairs_in_flight();
    [[nodiscard]] Rules rules_for(const Experiment& experiment) const;
    void restore_parent(const Brief& brief);
    /// What a proposal may change of the champion; read once a champion.
    const Places& places();
    [[nodiscard]] Progress progress_of(const Experiment& experiment) const;
    Worktree& proposal_tree();
    void remove_worktree(const char* name);
    void move_references();

    /// What came back, until it is stored: where the disk is full just then, nobody is asked and paid again.
    struct Answer {
        ExperimentId experiment;
        Proposal proposal;
    };

    OpenCampaign& opened_;
    const Campaign& campaign_;
    Repository& repository_;
    Ledger& ledger_;
    Confinement& confinement_;
    Status& status_;
    const TimeBudget& time_;
    const Events& events_;
    const StopSignal& stop_;
    EvaluationFolders folders_;
    std::string host_;
    Evaluator evaluator_;
    std::optional<Worktree> proposal_tree_;
    std::optional<Answer> answer_;
    Prices prices_;
    std::set<std::string> unpriced_;         ///< models of which it was said that they have no price
    std::optional<Experiment> untold_kept_;  ///< whose references are not moved yet
    std::optional<Seconds> retry_after_;     ///< as the proposer said that was asked last
    int broken_in_a_row_ = 0;                ///< candidates that did not even run
    CommitId champion_of_places_;
    Places places_;
};

}  // namespace ratchet
