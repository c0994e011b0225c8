#include "orchestrator/exchange/own_commits.hpp"

#include <limits>
#include <map>

namespace ratchet {

namespace {

/// Who a commit belongs to, by the line of the record.
std::map<CommitId, std::string> owners_known(const Ledger& ledger) {
    std::map<CommitId, std::string> owners;
    for (const ImportedExperiment& imported : ledger.imported(std::numeric_limits<int>::max())) {
        if (!imported.commit.empty()) owners[imported.commit] = imported.record;
    }
    return owners;
}

}  // namespace

void find_own_commits(std::vector<ImportedExperiment>& experiments, const OpenCampaign& opened) {
    const Repository& repository = opened.repository;
    std::map<CommitId, std::string> owners = owners_known(opened.ledger);
    for (const bool kept : {true, false}) {
        for (ImportedExperiment& imported : experiments) {
            if ((imported.status == ImportedStatus::keep) != kept) continue;
            const auto commit = repository.abbreviated_commit(imported.commit_name);
            if (!commit) continue;
            const auto [owner, first] = owners.emplace(*commit, imported.record);
            if (!first && owner->second != imported.record) continue;
            imported.commit = *commit;
            const CommitId parent = repository.parent_of(*commit);
            if (!parent.empty()) imported.files = repository.changed_paths(parent, *commit);
        }
    }
}

}  // namespace ratchet
