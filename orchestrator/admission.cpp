#include "orchestrator/admission.hpp"

#include <fmt/format.h>

#include "orchestrator/candidate.hpp"
#include "orchestrator/proposers/given.hpp"
#include "orchestrator/repetition.hpp"
#include "sandbox/safe_text.hpp"
#include "sandbox/workspace/scope.hpp"

namespace ratchet {
namespace {

Decision rejected(Rejection why, std::string reason) {
    Decision decision;
    decision.verdict = Verdict::rejected;
    decision.rejection = why;
    decision.reason = std::move(reason);
    return decision;
}

/// Whether a simplification came to the files of an earlier champion, or of the base. It was never measured
/// against the champion of now, and to take the newest steps back is what a simplification may come to.
bool takes_steps_back(const Experiment& experiment, ExperimentId earlier, const Ledger& ledger) {
    if (experiment.brief.move != Move::simplify || earlier == ledger.champion().experiment) return false;
    if (earlier.value == 0) return true;
    const auto twin = ledger.experiment(earlier);
    return twin && twin->decision && twin->decision->verdict == Verdict::kept;
}

/// Whether it repeats what was evaluated before, as far as the campaign minds.
std::optional<Decision> check_novelty(const Experiment& experiment, const Campaign& campaign,
                                      const Ledger& ledger, const Repository& repository) {
    const ExperimentId id = experiment.brief.id;
    const Proposal& proposal = *experiment.proposal;
    const CommitId& ground = ground_of(experiment);
    if (auto decision = same_result(proposal, experiment.tree, ground, id, ledger)) {
        if (takes_steps_back(experiment, *decision->duplicate_of, ledger)) return std::nullopt;
        return decision;
    }
    // A person knows what they want to be judged.
    if (experiment.brief.proposer == try_proposer || experiment.brief.proposer == again_proposer)
        return std::nullopt;
    const std::optional<Repetition> repetition = repetition_of(proposal, ground, id, ledger, repository);
    if (!repetition) return std::nullopt;
    // A mended change is like the broken one: that is what was asked for.
    if (repetition->of == experiment.brief.repair_of && !repetition->same_patch) return std::nullopt;
    const bool rejects = campaign.duplicates == DuplicatePolicy::reject && repetition->rewritten.empty();
    if (!rejects && !repetition->same_patch) return std::nullopt;
    return rejected_as(repetition->of, sentence_of(*repetition, ledger));
}

}  // namespace

std::optional<Decision> admit_files(const std::vector<TouchedFile>& files, const Campaign& campaign) {
    const Scope scope{campaign.scope, campaign.protect, campaign.folder};
    std::optional<Decision> out_of_scope;
    for (const TouchedFile& file : files) {
        switch (admit(scope, file.path)) {
            case Admission::in_scope:
                break;
            case Admission::protected_path:
                return rejected(Rejection::protected_path,
                                fmt::format("it changes {}, which is protected", shown_path(file.path)));
            case Admission::out_of_scope:
                out_of_scope = rejected(
                    Rejection::out_of_scope,
                    fmt::format("it changes {}, which campaign.scope does not name", shown_path(file.path)));
                break;
        }
    }
    return out_of_scope;
}

std::optional<Decision> admit(const Experiment& experiment, const Campaign& campaign, const Ledger& ledger,
                              const Repository& repository) {
    const Proposal& proposal = *experiment.proposal;
    if (proposal.refused) {
        return rejected(*proposal.refused, proposal.failure.empty() ? std::string(name_of(*proposal.refused))
                                                                    : proposal.failure);
    }
    if (proposal.diff.empty() && !proposal.failure.empty()) {
        Decision decision;
        decision.verdict = Verdict::no_proposal;
        decision.reason = proposal.failure;
        return decision;
    }
    if (proposal.diff.empty() && experiment.returned) {
        return rejected_as(experiment.returned->duplicate_of,
                           fmt::format("given back as a repetition of #{}, and nothing else came",
                                       experiment.returned->duplicate_of.value));
    }
    if (proposal.diff.empty()) return rejected(Rejection::empty, "it changes nothing");
    if (auto decision = admit_files(proposal.files, campaign)) return decision;
    if (experiment.candidate.empty()) {
        return rejected(Rejection::conflict, "it does not apply to the champion any more");
    }
    if (campaign.duplicates == DuplicatePolicy::allow) return std::nullopt;
    return check_novelty(experiment, campaign, ledger, repository);
}

}  // namespace ratchet
