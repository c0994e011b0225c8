#include "orchestrator/proposers/tune.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/proposers/declared.hpp"
#include "orchestrator/proposers/knob_file.hpp"

namespace ratchet {

namespace {

std::string earlier(const std::string& knob) {
    return "was " + knob;
}

bool is_failure(Verdict verdict) {
    switch (verdict) {
        case Verdict::gate_failed:
        case Verdict::build_failed:
        case Verdict::benchmark_failed:
        case Verdict::timed_out:
        case Verdict::constraint_violated:
        case Verdict::holdout_failed:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::map<std::string, std::string> origin_of(const std::vector<Knob>& knobs, const Setting& setting,
                                             const Setting& parent) {
    std::map<std::string, std::string> origin;
    for (std::size_t k = 0; k < knobs.size(); ++k) {
        origin[knobs[k].name] = setting[k];
        if (setting[k] != parent[k]) origin.emplace(earlier(knobs[k].name), parent[k]);
    }
    return origin;
}

std::optional<KnobTrial> trial_of(const std::vector<Knob>& knobs,
                                  const std::map<std::string, std::string>& origin) {
    KnobTrial trial;
    std::size_t used = 0;
    for (const Knob& knob : knobs) {
        const auto value = origin.find(knob.name);
        if (value == origin.end()) return std::nullopt;
        const auto before = origin.find(earlier(knob.name));
        used += before == origin.end() ? 1 : 2;
        trial.setting.push_back(value->second);
        trial.parent.push_back(before == origin.end() ? value->second : before->second);
    }
    if (used != origin.size()) return std::nullopt;
    return trial;
}

TuneProposer::TuneProposer(const Campaign& campaign, const Ledger& ledger)
    : name_(name_of(campaign.proposer)),
      knobs_(campaign.proposer.knobs),
      folder_(campaign.folder),
      ledger_(ledger) {}

std::vector<KnobTrial> TuneProposer::trials() const {
    std::vector<KnobTrial> trials;
    for (const Summary& summary : ledger_.proposals_of(name_)) {
        auto known = origins_.find(summary.id);
        if (known == origins_.end()) {
            std::map<std::string, std::string> origin = ledger_.origin(summary.id);
            if (origin.empty()) continue;  // planned, not proposed yet
            known = origins_.emplace(summary.id, std::move(origin)).first;
        }
        std::optional<KnobTrial> trial = trial_of(knobs_, known->second);
        if (!trial) continue;
        if (summary.decision) {
            trial->failed = is_failure(summary.decision->verdict);
            if (summary.decision->effect) trial->effect = summary.decision->effect->estimate;
        }
        trials.push_back(std::move(*trial));
    }
    return trials;
}

bool TuneProposer::exhausted() const {
    return all_tried(knobs_, trials());
}

ProposerAnswer TuneProposer::propose(const Assignment& assignment, Worktree& worktree, const StopSignal&) {
    const std::filesystem::path tree = worktree.path() / folder_;
    const Setting current = read_knobs(tree, knobs_);
    const std::optional<Setting> next = next_setting(knobs_, trials(), current, assignment.brief.seed);
    ProposerAnswer answer;
    if (!next) {
        // Stored, this origin tells the ledger that the parent's setting is no untried one.
        answer.notes.origin = origin_of(knobs_, current, current);
        answer.failure = "every setting of the knobs has been tried";
        answer.exhausted = true;
        return answer;
    }
    std::vector<KnobSetting> settings;
    std::string idea;
    for (std::size_t k = 0; k < knobs_.size(); ++k) {
        if ((*next)[k] == current[k]) continue;
        settings.push_back({&knobs_[k], (*next)[k]});
        idea += fmt::format("{}{} = {} (was {})", idea.empty() ? "set " : ", ", knobs_[k].name, (*next)[k],
                            current[k]);
    }
    write_knobs(tree, settings);
    answer.notes.hypothesis = idea;
    answer.notes.origin = origin_of(knobs_, *next, current);
    return answer;
}

}  // namespace ratchet
