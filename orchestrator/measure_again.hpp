#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks_adapter/evaluator.hpp"
#include "experiment_store/imported.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/status/status.hpp"
#include "sandbox/confinement.hpp"

namespace ratchet {

/// An experiment that may be judged once more: one of this campaign, or an imported one.
struct ReplayItem {
    std::optional<ExperimentId> experiment;
    std::optional<ImportedId> imported;
    CommitId champion;  ///< what the candidate stands on
    CommitId candidate;
    std::string idea;
    std::string then;                     ///< how it ended then: a verdict, or a word of the other tool
    std::optional<Interval> effect_then;  ///< of an experiment of this campaign
    int test_number = 0;                  ///< the t of LOND that it was tested with; 0: it was not
    std::string cannot;                   ///< why it cannot be measured again; empty: it can

    /// "#17" or "i17".
    [[nodiscard]] std::string number() const;
    [[nodiscard]] bool is_of(const Replay& replay) const;
};

/// How the verdict of now stands to that of then.
enum class Agreement {
    same,
    similar,  ///< measured and not kept both times, but for another reason
    differs,
};
template <>
struct Names<Agreement> {
    static constexpr std::array<std::string_view, 3> names = {"same", "similar", "differs"};
};

ReplayItem replay_item(const Experiment& experiment, const Repository& repository);
ReplayItem replay_item(const ImportedExperiment& imported, const Repository& repository);

/// For an imported experiment: keep is the same as kept; discard as any verdict that was measured and is not
/// kept; crash and checks_failed as any failure of a build, a gate or the benchmark.
Agreement agreement(const ReplayItem& item, const Decision& now);

/// Those that a round of `ratchet replay` has yet to measure: the ones that were judged less often than
/// others on this host in this epoch; all of them where the last round is complete.
std::vector<ReplayItem> items_left(std::vector<ReplayItem> items, const std::vector<Replay>& replays,
                                   const std::string& host, std::int64_t epoch);

/// Judges candidates once more against what they stand on, with the harness, the rules and the machine of
/// now. Writes its logs beside the campaign's and nothing to the ledger.
class MeasuringAgain {
  public:
    MeasuringAgain(OpenCampaign& opened, Confinement& confinement, Status& status, const StopSignal& stop);

    /// From the check-out to the verdict. Nothing: the user asked to stop. Throws UserError where what the
    /// candidate stands on does not build or run here.
    std::optional<Decision> judge(const ReplayItem& item);
    /// The machine as the ledger knows it.
    [[nodiscard]] const std::string& host() const { return host_; }
    /// Takes the worktrees away.
    void release();

  private:
    Evaluator& evaluator_for(const ReplayItem& item);
    std::optional<Calibration> calibration_of(const ReplayItem& item, EvaluationObserver& observer);

    OpenCampaign& opened_;
    Confinement& confinement_;
    Status& status_;
    const StopSignal& stop_;
    EvaluationFolders folders_;
    std::string host_;
    std::string logs_;  ///< of the evaluator that is there
    std::unique_ptr<Evaluator> evaluator_;
    std::map<CommitId, Calibration> known_;
};

}  // namespace ratchet
