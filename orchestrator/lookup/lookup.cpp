#include "orchestrator/lookup/lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "experiment_store/errors.hpp"
#include "orchestrator/lookup/lookup_folder.hpp"
#include "orchestrator/open_campaign.hpp"
#include "sandbox/workspace/scope.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 6> verbs_that_look_up = {"log", "show",  "search",
                                                                "map", "ideas", "mcp"};

Campaign campaign_of(const Ledger& ledger) {
    const std::optional<CampaignIdentity> identity = ledger.identity();
    if (!identity) throw UserError("nothing was tried yet: the copy of the ledger is empty");
    Campaign campaign;
    campaign.name = identity->name;
    campaign.goal = identity->goal;
    campaign.benchmark.metric = identity->metric;
    campaign.benchmark.unit = identity->unit;
    campaign.benchmark.direction = identity->direction;
    campaign.benchmark.scale = identity->scale;
    return campaign;
}

/// Texts that are each ended by a NUL.
std::vector<std::string> split_at_nul(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\0', at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

Lookup open_copy(const CommandLine& line) {
    const fs::path folder = line.surroundings.lookup;
    auto clock = std::make_unique<SystemClock>();
    Ledger ledger(folder / lookup_ledger, *clock, Ledger::Mode::read_only);
    Campaign campaign = campaign_of(ledger);
    return {std::move(campaign), {}, std::move(clock), std::move(ledger), [folder] {
                return split_at_nul(read_text(folder / lookup_files));
            }};
}

}  // namespace

Lookup open_lookup(const CommandLine& line) {
    if (!line.surroundings.lookup.empty()) return open_copy(line);
    OpenCampaign opened = open_campaign(line, Ledger::Mode::read_only);
    const auto repository = std::make_shared<Repository>(std::move(opened.repository));
    const Campaign& campaign = opened.campaign;
    const auto identity = opened.ledger.identity();
    const CommitId champion = identity ? opened.ledger.champion().commit : repository->head();
    auto files = [repository, campaign, champion] { return files_in_scope(*repository, campaign, champion); };
    return {std::move(opened.campaign), opened.state_folder / "logs", std::move(opened.clock),
            std::move(opened.ledger), std::move(files)};
}

std::vector<std::string> files_in_scope(const Repository& repository, const Campaign& campaign,
                                        const CommitId& commit) {
    const Scope scope{campaign.scope, campaign.protect, campaign.folder};
    std::vector<std::string> paths = repository.paths(commit);
    std::erase_if(paths, [&](const std::string& path) { return admit(scope, path) != Admission::in_scope; });
    return paths;
}

UserError no_such_experiment(const Ledger& ledger, ExperimentId id) {
    return UserError(fmt::format("there is no experiment #{}", id.value),
                     fmt::format("the newest is #{}; `ratchet log` lists them", ledger.experiment_count()));
}

void require_usable_in_lookup(const std::string& verb) {
    // The agent itself is what looks up here.
    if (verb == "agent" ||
        std::find(verbs_that_look_up.begin(), verbs_that_look_up.end(), verb) != verbs_that_look_up.end())
        return;
    throw UserError(
        fmt::format("`ratchet {}` is not to be had here: this is a copy of the ledger, for reading", verb),
        "log, show, search, map, ideas and mcp look into it");
}

}  // namespace ratchet
