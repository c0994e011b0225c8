#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_file.hpp"
#include "orchestrator/candidate.hpp"
#include "orchestrator/open_campaign.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/scope.hpp"

// Where the campaign file and the ledger have to agree, before anything runs.

namespace ratchet {

namespace fs = std::filesystem;

namespace {

void require_same_question(const CampaignIdentity& identity, const Campaign& campaign) {
    const Benchmark& benchmark = campaign.benchmark;
    if (identity.metric == benchmark.metric && identity.direction == benchmark.direction &&
        identity.scale == benchmark.scale) {
        return;
    }
    throw UserError(
        fmt::format("campaign \"{}\" measures {} ({} is better, as a {}), the campaign file asks for {} ({} "
                    "is better, as a {})",
                    campaign.name, identity.metric, name_of(identity.direction), name_of(identity.scale),
                    benchmark.metric, name_of(benchmark.direction), name_of(benchmark.scale)),
        "another metric, direction or scale is another campaign: give it another campaign.name");
}

std::string harness_hash(const OpenCampaign& opened, const CommitId& base) {
    const Scope scope{opened.campaign.scope, opened.campaign.protect, opened.campaign.folder};
    std::vector<std::string> guarded;
    for (auto& path : opened.repository.paths(base)) {
        // The campaign file itself may change within an epoch (its goal, its budget); what counts of it is in
        // the text.
        const bool is_campaign_file =
            path == (fs::path(opened.campaign.folder) / opened.campaign.file_name).string();
        if (!is_campaign_file && admit(scope, path) == Admission::protected_path)
            guarded.push_back(std::move(path));
    }
    const std::string text = harness_text(opened.campaign) + opened.repository.hash_of(base, guarded);
    return hash_of(text);
}

/// While nothing was asked, nothing depends on the base: a ledger of another HEAD (a first `ratchet check`,
/// say) gives way to one of this HEAD, and its base is returned. What people noted and imported stays.
std::optional<CommitId> follow_head_until_the_first_experiment(OpenCampaign& opened) {
    const auto identity = opened.ledger.identity();
    const bool measured = opened.ledger.experiment_count() > 0 || !opened.ledger.replays().empty();
    if (!identity || measured || identity->base == opened.repository.head()) return std::nullopt;
    std::vector<Note> notes = opened.ledger.notes();
    std::reverse(notes.begin(), notes.end());  // in the order in which they were written
    std::vector<ImportedExperiment> imported = opened.ledger.imported(std::numeric_limits<int>::max());
    std::reverse(imported.begin(), imported.end());
    // The new one is whole before it takes the old one's place: a kill loses no note. Whoever is the last to
    // close a ledger moves its log into the file.
    const fs::path file = ledger_file(opened.state_folder);
    const fs::path fresh = file.string() + ".new";
    for (const char* suffix : {"", "-wal", "-shm"})
        fs::remove(fresh.string() + suffix);
    {
        Ledger next(fresh, *opened.clock);
        for (const Note& note : notes)
            next.add_note(note.text);
        next.add_imported(imported);
    }
    const DurableStep step("ledger/follow HEAD");
    opened.ledger = Ledger(":memory:", *opened.clock);
    for (const char* suffix : {"-wal", "-shm"})
        fs::remove(file.string() + suffix);
    crash_point("ledger/follow HEAD", "old one closed");
    fs::rename(fresh, file);
    sync_folder(opened.state_folder);
    opened.ledger = Ledger(file, *opened.clock);
    return identity->base;
}

/// What a run needs of git before its first step. The other candidates are looked at by its last one, and by
/// `ratchet doctor`.
bool champion_is_restored(OpenCampaign& opened) {
    const Ledger& ledger = opened.ledger;
    const Repository& repository = opened.repository;
    if (repository.exists(ledger.identity()->base) && repository.exists(ledger.champion().commit))
        return false;
    const ExperimentId none{ledger.experiment_count() + 1};
    return restore_lost(opened.repository, opened.campaign.name, ledger, none) > 0;
}

}  // namespace

std::vector<std::string> settle(OpenCampaign& opened) {
    std::vector<std::string> lines;
    const Campaign& campaign = opened.campaign;
    const std::optional<CommitId> former_base = follow_head_until_the_first_experiment(opened);
    if (const auto identity = opened.ledger.identity()) {
        require_same_question(*identity, campaign);
        if (champion_is_restored(opened)) {
            lines.emplace_back(
                "the champion was not in git any more and was made again from the ledger; `ratchet doctor` "
                "looks for the others");
        }
        if (const CommitId head = opened.repository.head(); head != identity->base) {
            lines.push_back(
                fmt::format("the base stays {}; HEAD is {} by now (another campaign.name begins at HEAD)",
                            identity->base.abbreviated(), head.abbreviated()));
        }
    } else {
        CampaignIdentity founded;
        founded.name = campaign.name;
        founded.metric = campaign.benchmark.metric;
        founded.unit = campaign.benchmark.unit;
        founded.direction = campaign.benchmark.direction;
        founded.scale = campaign.benchmark.scale;
        founded.seed = campaign.seed;
        founded.base = opened.repository.head();
        founded.base_tree = opened.repository.tree_of(founded.base);
        if (campaign.budget.experiments) founded.budgeted = static_cast<int>(*campaign.budget.experiments);
        founded.goal = campaign.goal;
        founded.created_at = opened.clock->now();
        opened.ledger.found(founded);
        // Where the branch was left by the ledger that gave way, it would pass for the user's.
        if (former_base) opened.repository.move_branch(campaign.name, founded.base, {*former_base});
        lines.push_back(
            fmt::format("campaign {}: base is HEAD, {}", campaign.name, founded.base.abbreviated()));
        if (opened.repository.has_local_changes()) {
            lines.emplace_back("the checkout has uncommitted changes: they are not part of the base");
        }
    }
    const CommitId base = opened.ledger.identity()->base;
    const std::string hash = harness_hash(opened, base);
    const auto epoch = opened.ledger.epoch();
    if (!epoch || epoch->harness_hash != hash) {
        const std::int64_t number = opened.ledger.begin_epoch(hash, opened.campaign_text, base);
        if (number > 1) {
            lines.push_back(fmt::format(
                "the harness has changed: epoch {} begins, the champion is calibrated again", number));
        }
    }
    return lines;
}

}  // namespace ratchet
