#include "orchestrator/memory_trial/trial_night.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiment_store/recall.hpp"
#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/prompt.hpp"

namespace ratchet {
namespace {

std::uint64_t hash_of_text(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char letter : text)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
    return hash;
}

/// 40 digits that stand for what git would have computed.
std::string object_id(std::uint64_t kind, std::string_view text) {
    const std::uint64_t one = scrambled(hash_of_text(text) + kind);
    const std::uint64_t two = scrambled(one + 1);
    return fmt::format("{:016x}{:016x}{:08x}", one, two, scrambled(two + 1) >> 32U);
}

TreeId tree_of(const CommitId& parent, const std::string& diff) {
    return {object_id(1, parent.hex + diff)};
}

Campaign campaign_of(const MemoryTrialRequest& request, const MemoryArm& arm) {
    Campaign campaign;
    campaign.name = "night";
    campaign.goal = "Make the program faster. Its results must not change.";
    campaign.scope = {"src/**"};
    campaign.protect = {"tests/**", "bench/**"};
    campaign.build.command = "make";
    Gate gate;
    gate.name = "unit tests";
    gate.command = "make check";
    campaign.gates = {gate};
    campaign.benchmark.command = "./bench/run";
    campaign.benchmark.metric = "time_ms";
    campaign.benchmark.unit = "ms";
    campaign.benchmark.min_effect = request.rules.min_effect;
    campaign.benchmark.min_pairs = request.rules.min_pairs;
    campaign.benchmark.max_pairs = request.rules.max_pairs;
    campaign.duplicates = arm.duplicates_checked ? DuplicatePolicy::reject : DuplicatePolicy::allow;
    campaign.proposer.use = "command";
    campaign.proposer.memory = arm.memory;
    campaign.budget.experiments = request.marks.back();
    return campaign;
}

Proposal proposal_of(const ModelledProposal& model, const std::string& diff) {
    Proposal proposal;
    proposal.diff = diff;
    proposal.notes.hypothesis = text_of(model.idea, model.wording);
    proposal.files = {{file_of(model.idea), 8, 1}};
    proposal.patch_id = object_id(2, diff);
    return proposal;
}

}  // namespace

TrialNight::TrialNight(const MemoryTrialRequest& request, const MemoryArm& arm, int night)
    : request_(request),
      arm_(arm),
      seed_(scrambled(scrambled(request.seed) + static_cast<std::uint64_t>(night))),
      pool_(request.prior, request.skew, request.broken_share, scrambled(seed_ + 1)),
      ledger_(":memory:", clock_),
      campaign_(campaign_of(request, arm)),
      times_(ideas_in_pool),
      is_in_(ideas_in_pool) {
    CampaignIdentity identity;
    identity.name = campaign_.name;
    identity.metric = campaign_.benchmark.metric;
    identity.unit = campaign_.benchmark.unit;
    identity.base = CommitId{object_id(3, "base")};
    identity.goal = campaign_.goal;
    ledger_.found(identity);
    ledger_.begin_epoch("harness", "", identity.base);
    Rules rules = request.rules;
    rules.budgeted = request.marks.back();
    rule_ = rule_kinds().front().make(rules);  // the judge of this program
    SimulatedBench bench(request.noise, scrambled(seed_ + 2));
    rule_->begin(bench);
    runs_ = bench.runs();
}

std::vector<NightAtMark> TrialNight::run() {
    std::vector<NightAtMark> marks;
    for (const int mark : request_.marks) {
        while (standing_.proposals < mark)
            experiment();
        marks.push_back(standing_);
    }
    return marks;
}

std::optional<Decision> TrialNight::duplicate(const std::string& diff, const CommitId& parent) const {
    if (!arm_.duplicates_checked) return std::nullopt;
    std::optional<ExperimentId> earlier = ledger_.with_tree(tree_of(parent, diff), ExperimentId{});
    const char* what = "the same resulting files";
    if (!earlier) {
        const std::vector<Repeat> repeated = ledger_.repeats(diff, ExperimentId{}, 1);
        if (repeated.empty()) return std::nullopt;
        earlier = repeated.front().of;
        what = "nearly the same patch";
    }
    Decision decision;
    decision.verdict = Verdict::rejected;
    decision.rejection = Rejection::duplicate;
    decision.reason = fmt::format("{} as #{}", what, earlier->value);
    decision.duplicate_of = earlier;
    return decision;
}

ModelledProposal TrialNight::admitted_proposal(ModelledProposer& proposer, const CommitId& parent,
                                               std::optional<Decision>& rejection) {
    ModelledProposal proposal = proposer.propose();
    rejection = duplicate(diff_of(proposal.idea, proposal.implementation), parent);
    if (!rejection) return proposal;
    ++standing_.returned;
    proposer.told_of(proposal.idea);
    proposal = proposer.propose();
    rejection = duplicate(diff_of(proposal.idea, proposal.implementation), parent);
    return proposal;
}

Decision TrialNight::measure(IdeaId idea) {
    // Each trial of an idea has noise of its own, which is the same in every arm.
    const auto trial_number = static_cast<std::uint64_t>(times_[place_of(idea)]);
    SimulatedBench bench(request_.noise,
                         scrambled(scrambled(seed_ + 3) + place_of(idea) * 65536 + trial_number));
    const double effect = is_in_[place_of(idea)] ? 0 : pool_.effect(idea);
    const Trial trial = rule_->judge(bench, standing_.true_gain, effect);
    runs_ += bench.runs();
    if (trial.kept) {
        is_in_[place_of(idea)] = true;
        standing_.true_gain += effect;
        ++standing_.kept;
    }
    return trial.decision;
}

Decision TrialNight::evaluate(ExperimentId id, IdeaId idea) {
    const auto breakage = pool_.breakage(idea, seed_ + static_cast<std::uint64_t>(id.value));
    if (!breakage) {
        ledger_.advance(id, Stage::measured);
        return measure(idea);
    }
    StageRun run;
    run.stage = Stage::gated;
    run.name = breakage->gate;
    run.exit_status = 1;
    run.tail = breakage->output;
    ledger_.advance(id, Stage::built, {run});
    Decision decision;
    decision.verdict = Verdict::gate_failed;
    decision.reason = fmt::format("gate {}: exit status 1", breakage->gate);
    return decision;
}

void TrialNight::look_at_prompt(const PromptReading& reading, std::size_t bytes) {
    int tried = 0;
    int told = 0;
    for (std::size_t place = 0; place < ideas_in_pool; ++place) {
        if (times_[place] == 0) continue;
        ++tried;
        told += reading.tells(idea_at(place)) ? 1 : 0;
    }
    standing_.prompt_bytes = static_cast<double>(bytes);
    standing_.told_share = tried == 0 ? 0 : static_cast<double>(told) / tried;
}

void TrialNight::count(IdeaId idea, bool was_held_back) {
    const bool repeats = times_[place_of(idea)]++ > 0;
    ++standing_.proposals;
    standing_.repeats += repeats ? 1 : 0;
    standing_.measured_repeats += repeats && !was_held_back ? 1 : 0;
    standing_.benchmark_hours = static_cast<double>(runs_) * request_.run_seconds / 3600;
}

void TrialNight::experiment() {
    const Brief brief = plan(campaign_, ledger_);
    const std::string prompt = write_prompt(campaign_, ledger_, brief);
    const auto number = static_cast<std::uint64_t>(standing_.proposals);
    const PromptReading reading(prompt, request_.attention, scrambled(seed_ + 4), number);
    look_at_prompt(reading, prompt.size());
    ModelledProposer proposer(pool_, reading, scrambled(scrambled(seed_ + 5) + number));
    std::optional<Decision> rejection;
    const ModelledProposal proposal = admitted_proposal(proposer, brief.parent, rejection);

    const std::string diff = diff_of(proposal.idea, proposal.implementation);
    const ExperimentId id = ledger_.begin(brief, {});
    ledger_.store_proposal(id, proposal_of(proposal, diff));
    ledger_.captured(id, CommitId{object_id(4, fmt::format("{}", id.value))}, tree_of(brief.parent, diff));
    Decision decision;
    if (rejection) {
        decision = *rejection;
    } else {
        ledger_.advance(id, Stage::admitted);
        decision = evaluate(id, proposal.idea);
    }
    ledger_.finish(id, decision, brief.parent);
    count(proposal.idea, rejection.has_value());
}

}  // namespace ratchet
