// The steps of an experiment that lead to its proposal.

#include <fmt/format.h>

#include <utility>

#include "experiment_store/functions/touched_functions.hpp"
#include "orchestrator/admission.hpp"
#include "orchestrator/briefing/returned_part.hpp"
#include "orchestrator/experiment_observer.hpp"
#include "orchestrator/experiment_steps.hpp"
#include "orchestrator/proposers/notes_file.hpp"
#include "orchestrator/repetition.hpp"
#include "sandbox/safe_text.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace {

Usage sum_of(const Usage& one, const Usage& other) {
    Usage sum = one;
    sum.requests += other.requests;
    sum.input_tokens += other.input_tokens;
    sum.output_tokens += other.output_tokens;
    if (other.cost) sum.cost = sum.cost.value_or(0) + *other.cost;
    sum.wall_seconds += other.wall_seconds;
    return sum;
}

CapturePolicy capture_policy(const Campaign& campaign) {
    CapturePolicy policy;
    policy.ignored = {std::string(notes_file_name)};
    policy.hunk_headers = names_of_hunks;
    if (!campaign.prepare) return policy;
    for (const auto& output : campaign.prepare->outputs)
        policy.ignored.push_back(campaign.folder.empty() ? output : campaign.folder + "/" + output);
    return policy;
}

}  // namespace

bool ExperimentSteps::ask(Experiment& experiment, Proposer& proposer) {
    std::optional<Proposal> proposal;
    if (!experiment.returned) {
        proposal = answer(experiment, proposer);
        if (!proposal) return false;
        if (give_back(experiment, *proposal, proposer)) proposal.reset();
    }
    if (!proposal) {
        proposal = answer(experiment, proposer);
        if (!proposal) return false;
        proposal->usage = sum_of(experiment.returned->usage, proposal->usage);
    }
    ledger_.store_proposal(experiment.brief.id, *proposal);
    answer_.reset();
    experiment.proposal = std::move(proposal);
    experiment.stage = Stage::proposed;
    return true;
}

std::optional<Proposal> ExperimentSteps::answer(Experiment& experiment, Proposer& proposer) {
    const bool answered = answer_ && answer_->experiment == experiment.brief.id;
    if (!answered && !have_answered(experiment, proposer)) return std::nullopt;
    Proposal proposal = answer_->proposal;
    CapturedDiff captured = proposal_tree().capture(experiment.brief.parent, capture_policy(campaign_));
    proposal.diff = std::move(captured.diff);
    proposal.files = std::move(captured.files);
    proposal.patch_id = std::move(captured.patch_id);
    if (captured.refused) {
        proposal.refused = captured.refused;
        proposal.failure = captured.reason;
    }
    proposal.captured_at = opened_.clock->now();
    return proposal;
}

bool ExperimentSteps::have_answered(Experiment& experiment, Proposer& proposer) {
    answer_.reset();
    const bool again = experiment.returned.has_value();
    Observer(*this, &experiment).stage("ask " + experiment.brief.proposer + (again ? " again" : ""));
    Worktree& tree = proposal_tree();
    restore_parent(experiment.brief);
    tree.reset(experiment.brief.parent);
    confinement_.give(tree.path());

    Assignment assignment;
    assignment.brief = experiment.brief;
    assignment.prompt = ledger_.prompt(experiment.brief.id) + (again ? experiment.returned->told : "");
    const std::filesystem::path logs = folders_.logs / log_folder_name(experiment.brief.id);
    make_folders(logs);
    assignment.log_file = logs / (again ? "proposer-again.zst" : "proposer.zst");
    assignment.allowance = allowance_for(experiment);
    assignment.cost_of = [this](const ModelRequest& request) { return prices_.cost(request); };
    const auto start = std::chrono::steady_clock::now();
    ProposerAnswer answer = proposer.propose(assignment, tree, stop_);
    if (answer.stopped) return false;
    retry_after_ = answer.retry_after;
    settle(answer);

    Proposal proposal;
    proposal.model = std::move(answer.model);
    proposal.model_requests = std::move(answer.model_requests);
    proposal.notes = std::move(answer.notes);
    proposal.usage = answer.usage;
    proposal.usage.wall_seconds = Seconds(std::chrono::steady_clock::now() - start).count();
    proposal.failure = std::move(answer.failure);
    proposal.refused = answer.refused;
    answer_ = Answer{experiment.brief.id, std::move(proposal)};
    return true;
}

bool ExperimentSteps::give_back(Experiment& experiment, const Proposal& proposal, const Proposer& proposer) {
    if (campaign_.duplicates != DuplicatePolicy::give_back || !proposer.can_be_asked_again()) return false;
    // What is not admitted for another reason is not worth a second answer.
    if (proposal.diff.empty() || proposal.refused || admit_files(proposal.files, campaign_)) return false;
    const ExperimentId id = experiment.brief.id;
    const CommitId& ground = experiment.brief.parent;
    const auto repetition = repetition_of(proposal, ground, id, ledger_, repository_);
    // A mended change is like the broken one: that is what was asked for.
    if (repetition && repetition->of == experiment.brief.repair_of) return false;
    if (!repetition || repetition->same_patch || !repetition->rewritten.empty()) return false;
    const auto tree = repository_.tree_with(ground, proposal.diff);
    if (!tree || same_result(proposal, *tree, ground, id, ledger_)) return false;

    Returned returned{proposal.diff,
                      proposal.notes,
                      proposal.usage,
                      proposal.failure,
                      repetition->of,
                      repetition->likeness,
                      {},
                      opened_.clock->now(),
                      proposal.model_requests};
    returned.told = write_returned(campaign_, ledger_, returned);
    ledger_.store_returned(id, returned);
    answer_.reset();
    experiment.returned = std::move(returned);
    status_.message(fmt::format("#{}: given back to {}, once: it is {}", id.value, experiment.brief.proposer,
                                sentence_of(*repetition, ledger_)));
    return true;
}

Decision ExperimentSteps::with_history(const Experiment& experiment, Decision decision) const {
    if (campaign_.duplicates == DuplicatePolicy::allow) return decision;
    const auto repetition = repetition_of(*experiment.proposal, experiment.brief.parent, experiment.brief.id,
                                          ledger_, repository_);
    if (!repetition || repetition->of == experiment.brief.repair_of) return decision;
    decision.reason += "; " + sentence_of(*repetition, ledger_);
    if (!repetition->rewritten.empty()) {
        decision.reason +=
            fmt::format(", worth trying again since {} was rewritten", shown_path(repetition->rewritten));
    } else if (experiment.returned) {
        decision.reason += ", left again after it was given back";
    }
    return decision;
}

}  // namespace ratchet
