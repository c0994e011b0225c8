#include "orchestrator/measure_again.hpp"

#include <fmt/format.h>

#include <limits>

#include "benchmarks_adapter/machine.hpp"
#include "orchestrator/admission.hpp"
#include "orchestrator/experiment_steps.hpp"
#include "orchestrator/simplification.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {
namespace {

/// Shows where it stands; what it measures is nobody's fact before there is a verdict.
class ReplayObserver final : public EvaluationObserver {
  public:
    ReplayObserver(Status& status, std::string about) : status_(status), about_(std::move(about)) {}

    void stage(const std::string& what) override {
        progress_.stage = about_ + what;
        progress_.pairs = 0;
        status_.progress(progress_);
    }
    void reached(Stage, const std::vector<StageRun>&) override {}
    void pair(const Pair&) override {}
    void judged(const Judgement& judgement, int pairs) override {
        progress_.pairs = pairs;
        progress_.pairs_wanted = judgement.pairs_wanted;
        progress_.evidence = judgement.evidence.gain;
        progress_.threshold = judgement.evidence.threshold;
        status_.progress(progress_);
    }

  private:
    Status& status_;
    std::string about_;
    Progress progress_;
};

/// How many were kept for their gain before this one: by as much its test was stricter.
int keeps_before(const Ledger& ledger, ExperimentId id) {
    int keeps = 0;
    for (const Verdict verdict : {Verdict::kept, Verdict::vetoed}) {
        SummaryQuery query;
        query.verdict = verdict;
        query.limit = std::numeric_limits<int>::max();
        for (const Summary& summary : ledger.summaries(query))
            keeps += summary.id < id && summary.decision->basis != Basis::not_worse ? 1 : 0;
    }
    return keeps;
}

}  // namespace

MeasuringAgain::MeasuringAgain(OpenCampaign& opened, Confinement& confinement, Status& status,
                               const StopSignal& stop)
    : opened_(opened),
      confinement_(confinement),
      status_(status),
      stop_(stop),
      folders_(evaluation_folders(opened)),
      host_(host_fingerprint(opened.campaign.benchmark.cores, confinement.tier())) {}

Evaluator& MeasuringAgain::evaluator_for(const ReplayItem& item) {
    // Numbers of the two kinds overlap, and the logs of the experiment itself are not to be written over.
    const std::string logs = item.experiment ? "replay" : "replay-imported";
    if (!evaluator_ || logs_ != logs) {
        release();
        EvaluationFolders folders = folders_;
        folders.logs /= logs;
        make_folders(folders.logs);
        evaluator_ = std::make_unique<Evaluator>(opened_.repository, confinement_, opened_.campaign,
                                                 std::move(folders));
        logs_ = logs;
    }
    return *evaluator_;
}

std::optional<Calibration> MeasuringAgain::calibration_of(const ReplayItem& item,
                                                          EvaluationObserver& observer) {
    if (const auto known = known_.find(item.champion); known != known_.end()) return known->second;
    const auto recorded = opened_.ledger.latest_calibration();
    const auto epoch = opened_.ledger.epoch();
    std::optional<Calibration> calibration;
    if (recorded && epoch && recorded->champion == item.champion && recorded->epoch == epoch->id &&
        recorded->host == host_) {
        calibration = Calibration{recorded->deterministic, recorded->differences, recorded->champion_value,
                                  recorded->run_seconds};
    } else {
        status_.message(fmt::format("calibrating: {} against itself, which {} stands on",
                                    item.champion.abbreviated(), item.number()));
        calibration = evaluator_for(item).calibrate(item.champion, observer, stop_);
    }
    if (calibration) known_[item.champion] = *calibration;
    return calibration;
}

std::optional<Decision> MeasuringAgain::judge(const ReplayItem& item) {
    // A commit of another tool may have changed what judges it.
    std::vector<TouchedFile> files;
    for (std::string& path : opened_.repository.changed_paths(item.champion, item.candidate))
        files.push_back({std::move(path), 0, 0});
    if (auto rejected = admit_files(files, opened_.campaign)) return rejected;

    ReplayObserver observer(status_, item.number() + " again: ");
    Evaluator& evaluator = evaluator_for(item);
    const std::optional<Calibration> noise = calibration_of(item, observer);
    if (!noise) return std::nullopt;
    const std::int64_t number = item.experiment ? item.experiment->value : item.imported->value;
    EvaluationRequest request;
    request.experiment = ExperimentId{number};
    request.champion = item.champion;
    request.candidate = item.candidate;
    request.campaign = opened_.campaign;
    request.calibration = *noise;
    request.rules = rules_of(opened_.campaign);
    request.rules.test = std::max(item.test_number, 1);
    request.rules.keeps = item.experiment ? keeps_before(opened_.ledger, *item.experiment) : 0;
    request.rules.budgeted = opened_.ledger.identity()->budgeted;
    request.rules.seed = opened_.campaign.seed ^ static_cast<std::uint64_t>(number);
    if (item.experiment) {
        const auto recorded = opened_.ledger.experiment(*item.experiment);
        // By the claim that it was judged by; what another replay gave away is nobody's loss.
        if (recorded && may_be_kept_as_not_worse(*recorded)) allow_margin(request.rules, *recorded, {});
    }
    const EvaluationResult result = evaluator.evaluate(request, observer, stop_);
    if (result.stopped) return std::nullopt;
    return result.decision;
}

void MeasuringAgain::release() {
    if (evaluator_) evaluator_->release();
    evaluator_.reset();
}

}  // namespace ratchet
