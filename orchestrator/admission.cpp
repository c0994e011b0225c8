#include "orchestrator/admission.hpp"

#include <fmt/format.h>

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

std::optional<Decision> check_novelty(const Experiment& experiment, const Ledger& ledger) {
    // The tree decides. Git's patch id ignores white space, and in Python that is the program.
    const ExperimentId id = experiment.brief.id;
    const std::optional<ExperimentId> earlier = ledger.with_tree(experiment.tree, id);
    if (!earlier) return std::nullopt;
    const bool same_patch =
        ledger.with_patch(experiment.proposal->patch_id, experiment.brief.parent, id) == earlier;
    const char* what = same_patch ? "the same patch" : "the same resulting files";
    const auto twin = ledger.experiment(*earlier);
    const std::string ended =
        twin && twin->decision ? std::string(name_of(twin->decision->verdict)) : "the base";
    Decision decision =
        rejected(Rejection::duplicate, fmt::format("{} as #{} ({})", what, earlier->value, ended));
    if (earlier->value == 0) decision.reason = "the same files as the base";
    decision.duplicate_of = earlier;
    return decision;
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

std::optional<Decision> admit(const Experiment& experiment, const Campaign& campaign, const Ledger& ledger) {
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
    if (proposal.diff.empty()) return rejected(Rejection::empty, "it changes nothing");
    if (auto decision = admit_files(proposal.files, campaign)) return decision;
    if (experiment.candidate.empty()) {
        return rejected(Rejection::conflict, "it does not apply to the champion any more");
    }
    if (campaign.duplicates == DuplicatePolicy::allow) return std::nullopt;
    return check_novelty(experiment, ledger);
}

}  // namespace ratchet
