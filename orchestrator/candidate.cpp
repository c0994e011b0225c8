#include "orchestrator/candidate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <vector>

#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

constexpr const char* fetch_it =
    "Fetch it from a clone that has it (`git fetch CLONE COMMIT`). The ledger has every experiment; "
    "nothing of it is lost.";

std::string commit_message(const Experiment& experiment, const std::string& campaign) {
    const std::string& idea = experiment.proposal->notes.hypothesis;
    const std::string first_line = clipped_to_bytes(one_line(idea.substr(0, idea.find('\n'))), 200);
    return fmt::format("ratchet {} #{}: {}\n", campaign, experiment.brief.id.value,
                       first_line.empty() ? "a proposal without a hypothesis" : first_line);
}

}  // namespace

const CommitId& ground_of(const Experiment& experiment) {
    return experiment.candidate_parent.empty() ? experiment.brief.parent : experiment.candidate_parent;
}

const CommitId& opponent_of(const Experiment& experiment) {
    if (experiment.brief.champion.empty()) return ground_of(experiment);
    return experiment.pairs.empty() ? experiment.brief.champion : experiment.pairs.back().champion_commit;
}

std::optional<CommitId> commit_of_proposal(Repository& repository, const std::string& campaign,
                                           const Experiment& experiment) {
    const Proposal& proposal = *experiment.proposal;
    if (proposal.diff.empty() || proposal.refused) return std::nullopt;
    return repository.commit_of(ground_of(experiment), proposal.diff, commit_message(experiment, campaign),
                                proposal.captured_at);
}

void restore_candidate(Repository& repository, const std::string& campaign, const Ledger& ledger,
                       const CandidateRecord& candidate) {
    // From the lost one down to what is there, then up again. A damaged ledger may go round in a circle.
    const std::vector<CandidateRecord> all = ledger.candidates();
    std::vector<CandidateRecord> lost = {candidate};
    while (!repository.exists(lost.back().parent)) {
        const CommitId& ground = lost.back().parent;
        const auto below = std::find_if(all.begin(), all.end(),
                                        [&](const CandidateRecord& other) { return other.commit == ground; });
        if (below == all.end() || lost.size() > all.size()) {
            throw UserError(fmt::format("it stands on {}, which is gone and which no row of the ledger makes",
                                        ground.abbreviated()));
        }
        lost.push_back(*below);
    }
    for (const CandidateRecord& next : std::ranges::reverse_view(lost)) {
        const auto made = commit_of_proposal(repository, campaign, *ledger.experiment(next.experiment));
        if (made != next.commit) {
            throw UserError(fmt::format("the diff that the ledger holds makes {} of #{}",
                                        made ? "another commit, " + made->abbreviated() : "no commit",
                                        next.experiment.value));
        }
        repository.pin(campaign, std::to_string(next.experiment.value), *made);
    }
}

int restore_lost(Repository& repository, const std::string& campaign, const Ledger& ledger,
                 ExperimentId first) {
    const CommitId base = ledger.identity()->base;
    if (!repository.exists(base))
        throw UserError(
            fmt::format("the commit {}, which the campaign began with, is not in git any more", base.hex),
            fetch_it);
    const Champion champion = ledger.champion();
    if (!champion.experiment && champion.commit != base)
        throw UserError(fmt::format("the champion {} is made by no row of the ledger", champion.commit.hex),
                        fetch_it);
    std::vector<CandidateRecord> wanted = ledger.candidates(first);
    if (champion.experiment && *champion.experiment < first) {
        const Experiment made = *ledger.experiment(*champion.experiment);
        wanted.insert(wanted.begin(), {made.brief.id, champion.commit, ground_of(made), made.tree, true});
    }
    int restored = 0;
    for (const CandidateRecord& candidate : wanted) {
        if (repository.holds(candidate.commit, candidate.parent)) continue;
        try {
            restore_candidate(repository, campaign, ledger, candidate);
        } catch (const UserError& error) {
            const bool is_champion = candidate.commit == champion.commit;
            throw UserError(fmt::format("the {} {} of #{} is not in git any more: {}",
                                        is_champion ? "champion" : "candidate", candidate.commit.hex,
                                        candidate.experiment.value, error.what()),
                            fetch_it);
        }
        ++restored;
    }
    return restored;
}

}  // namespace ratchet
