#include "orchestrator/open_campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <system_error>
#include <utility>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_file.hpp"
#include "orchestrator/candidate.hpp"
#include "orchestrator/earlier_ledger.hpp"
#include "orchestrator/proposers/presets.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/scope.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr const char* default_file = "ratchet.toml";

/// The campaign file: --file, or ratchet.toml in the working directory or the nearest folder above it.
fs::path find_campaign_file(const CommandLine& line, const fs::path& root) {
    const fs::path start = line.surroundings.working_directory;
    if (!line.file.empty()) {
        const fs::path file = start / line.file;
        if (!fs::exists(file))
            throw UserError(fmt::format("there is no {}", file.string()),
                            "without --file, ratchet.toml here or above is used; `ratchet init` writes one");
        return file;
    }
    for (fs::path folder = start;; folder = folder.parent_path()) {
        if (fs::exists(folder / default_file)) return folder / default_file;
        if (folder == root || folder == folder.parent_path()) break;
    }
    throw UserError(fmt::format("there is no {} in {} or above", default_file, start.string()),
                    "`ratchet init` writes one, `--file PATH` names one");
}

/// `~/` in paths of the machine means the caller's home; from here on paths are absolute. And where the
/// caller's programs are.
void resolve_home(Campaign& campaign, const std::vector<std::string>& environment) {
    const auto home = std::find_if(environment.begin(), environment.end(), [](const std::string& variable) {
        return variable.starts_with("HOME=/");
    });
    if (home != environment.end()) campaign.sandbox.home = home->substr(5);
    const auto resolve = [&](std::string& path) {
        if (!path.starts_with("~/")) return;
        if (home == environment.end()) {
            throw UserError(fmt::format("{} needs a home directory, and HOME is not set", path));
        }
        path = (fs::path(campaign.sandbox.home) / path.substr(2)).string();
    };
    std::for_each(campaign.sandbox.read.begin(), campaign.sandbox.read.end(), resolve);
    std::for_each(campaign.sandbox.write.begin(), campaign.sandbox.write.end(), resolve);
    for (AgentPreset& preset : campaign.presets) {
        std::for_each(preset.read.begin(), preset.read.end(), resolve);
        resolve(preset.path);
    }
    const auto path = std::find_if(environment.begin(), environment.end(),
                                   [](const std::string& variable) { return variable.starts_with("PATH="); });
    if (path != environment.end()) campaign.sandbox.search_path = path->substr(5);
}

/// Paths that are shown read-only, each with the key that declares it.
std::vector<std::pair<std::string, std::string>> paths_to_read(const Campaign& campaign) {
    std::vector<std::pair<std::string, std::string>> paths;
    for (const std::string& path : campaign.sandbox.read)
        paths.emplace_back("sandbox.read", path);
    for (const AgentPreset& preset : campaign.presets) {
        for (const std::string& path : preset.read)
            paths.emplace_back(fmt::format("preset.{}.read", preset.name), path);
    }
    return paths;
}

bool is_at_or_below(const fs::path& path, const fs::path& folder) {
    const fs::path relative = path.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

bool overlap(const fs::path& one, const fs::path& other) {
    return is_at_or_below(one, other) || is_at_or_below(other, one);
}

/// Every step from / to what a path names, through at most so many symlinks as the kernel follows.
std::vector<fs::path> steps_on_the_way(const fs::path& path) {
    constexpr int most = 40;
    int links = 0;
    std::vector<fs::path> steps;
    fs::path rest = fs::absolute(path).relative_path();
    fs::path here = "/";
    while (!rest.empty() && links < most) {
        const fs::path component = *rest.begin();
        const fs::path next = component == ".." ? here.parent_path() : here / component;
        rest = rest.lexically_relative(component);
        if (rest == ".") rest.clear();
        if (component == "." || component.empty()) continue;
        steps.push_back(next);
        std::error_code ignored;
        if (!fs::is_symlink(fs::symlink_status(next, ignored))) {
            here = next;
            continue;
        }
        ++links;
        const fs::path target = fs::read_symlink(next, ignored);
        if (target.is_absolute()) here = "/";
        rest = rest.empty() ? target.relative_path() : target.relative_path() / rest;
    }
    return steps;
}

/// Whoever may write to a folder can lay a link in it, which the next run would follow to what is declared
/// below or beyond: also where a folder of theirs is only passed, and left again by `..`.
void require_unnested(const std::vector<std::string>& written, const std::string& key,
                      const std::string& text) {
    const std::vector<fs::path> steps = steps_on_the_way(text);
    for (const std::string& folder : written) {
        const fs::path open = fs::weakly_canonical(folder);
        const bool nested = &folder != &text && is_at_or_below(fs::weakly_canonical(text), open);
        const bool leads_through = std::any_of(steps.begin(), steps.end(), [&](const fs::path& step) {
            return step != open && is_at_or_below(step, open);
        });
        if (!nested && !leads_through) continue;
        throw UserError(fmt::format("{} names {}, which {} {}, where proposers may write", key, text,
                                    nested ? "lies in" : "leads through", folder),
                        "they could make it lead elsewhere; declare folders that lie apart");
    }
}

/// What is shown must not be the repository itself by another way (its ledger, its hooks, the user's
/// checkout), nor the trees that are measured.
void require_apart(const Campaign& campaign, const Repository& repository, const fs::path& folder) {
    const fs::path checkout = fs::weakly_canonical(repository.root());
    const fs::path git = fs::weakly_canonical(repository.common_directory());
    const fs::path trees =
        campaign.workspace.empty() ? git : fs::weakly_canonical(folder / campaign.workspace);
    for (const auto& [key, text] : paths_to_read(campaign)) {
        require_unnested(campaign.sandbox.write, key, text);
        const fs::path path = fs::weakly_canonical(text);
        if (overlap(path, git))
            throw UserError(
                fmt::format("{} shows {}, which holds this repository's git directory", key, text),
                "name the folders that are needed; sandbox.git = \"read-only\" shows git metadata "
                "without the ledger");
        if (overlap(path, trees))
            throw UserError(
                fmt::format("{} shows {}, which holds the worktrees (campaign.workspace)", key, text),
                "name folders apart from the workspace");
    }
    for (const std::string& text : campaign.sandbox.write) {
        require_unnested(campaign.sandbox.write, "sandbox.write", text);
        const fs::path path = fs::weakly_canonical(text);
        if (overlap(path, git) || overlap(path, checkout))
            throw UserError(
                fmt::format("sandbox.write opens {}, which is a part of this repository or holds it", text),
                "proposers write to a worktree of their own; name a folder outside of the repository");
        if (overlap(path, trees))
            throw UserError(
                fmt::format("sandbox.write opens {}, which holds the worktrees (campaign.workspace)", text),
                "name folders apart from the workspace");
    }
}

/// `NAME` in sandbox.env means the caller's value; from here on only NAME=VALUE stands there.
void resolve_environment(Campaign& campaign, const std::vector<std::string>& environment) {
    std::vector<std::string> resolved;
    for (const auto& wanted : campaign.sandbox.env) {
        if (wanted.find('=') != std::string::npos) {
            resolved.push_back(wanted);
            continue;
        }
        const auto found =
            std::find_if(environment.begin(), environment.end(),
                         [&](const std::string& variable) { return variable.starts_with(wanted + "="); });
        if (found != environment.end()) resolved.push_back(*found);
    }
    campaign.sandbox.env = std::move(resolved);
}

/// What the caller's environment holds under this name; empty: nothing.
std::string value_of(const std::string& name, const std::vector<std::string>& environment) {
    for (const std::string& variable : environment) {
        if (variable.starts_with(name + "=")) return variable.substr(name.size() + 1);
    }
    return {};
}

/// The gateway's key and the proxy that leads to its endpoint, as programs agree to name it.
void resolve_gateway(ProposerSettings& proposer, const std::vector<std::string>& environment) {
    if (!proposer.gateway) return;
    GatewayAccess& gateway = *proposer.gateway;
    if (!gateway.key.empty()) gateway.key_value = value_of(gateway.key, environment);
    // curl's own order; HTTP_PROXY in capitals is no variable of this kind, since a CGI program's caller may
    // set it.
    std::vector<std::string> names = {"http_proxy", "all_proxy", "ALL_PROXY"};
    if (gateway.endpoint.starts_with("https:"))
        names = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (const std::string& name : names) {
        if (gateway.proxy.empty()) gateway.proxy = value_of(name, environment);
    }
    gateway.no_proxy = value_of("no_proxy", environment);
    if (gateway.no_proxy.empty()) gateway.no_proxy = value_of("NO_PROXY", environment);
    gateway.certificates = value_of("SSL_CERT_FILE", environment);
}

/// With the names of the folders on the disk: a ledger in a folder that a power failure takes away is lost.
void make_state_folder(const fs::path& state) {
    std::error_code error;
    if (fs::is_directory(state, error)) return;
    const DurableStep step("ledger/make its folder");
    fs::create_directories(state, error);
    if (error && means_no_room(error.value())) throw NoRoom(fmt::format("cannot make {}", state.string()));
    if (error) throw UserError(fmt::format("cannot make {}: {}", state.string(), error.message()));
    sync_folder(state.parent_path());
    sync_folder(state.parent_path().parent_path());
}

}  // namespace

std::string read_text(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw UserError(fmt::format("cannot read {}", file.string()), "check the path and its permissions");
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::string hash_of(const std::string& text) {
    // FNV-1a.
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return fmt::format("{:016x}", hash);
}

Timestamp SystemClock::now() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::vector<CommitId> OpenCampaign::champions_ever() const {
    return ratchet::champions_ever(ledger);
}

std::vector<CommitId> champions_ever(const Ledger& ledger) {
    std::vector<CommitId> commits{ledger.identity()->base};
    for (const Verdict verdict : {Verdict::kept, Verdict::vetoed}) {
        SummaryQuery query;
        query.verdict = verdict;
        query.limit = std::numeric_limits<int>::max();
        for (Summary& summary : ledger.summaries(query))
            commits.push_back(std::move(summary.candidate));
    }
    return commits;
}

fs::path state_folder(const Repository& repository, const std::string& campaign) {
    return repository.common_directory() / "ratchet" / campaign;
}

fs::path ledger_file(const fs::path& state_folder) {
    return state_folder / "ledger.sqlite";
}

fs::path worktree_folder(const FoundCampaign& found) {
    if (found.campaign.workspace.empty()) return found.state_folder / "worktrees";
    return found.campaign_folder / found.campaign.workspace / ("ratchet-" + found.campaign.name);
}

fs::path prepared_folder(const FoundCampaign& found) {
    const bool elsewhere = !found.campaign.workspace.empty();
    return (elsewhere ? worktree_folder(found) : found.state_folder) / "prepared";
}

FoundCampaign find_campaign(const CommandLine& line) {
    Repository repository = Repository::open(line.surroundings.working_directory);
    const fs::path root = repository.root();
    const fs::path file = find_campaign_file(line, root);
    std::string text = read_text(file);
    Campaign campaign = read_campaign(text, file);
    campaign.file_name = file.filename().string();
    const fs::path folder = fs::canonical(file).parent_path();
    campaign.folder = fs::relative(folder, fs::canonical(root)).string();
    if (campaign.folder == ".") campaign.folder.clear();
    if (campaign.folder.starts_with("..")) {
        throw UserError(fmt::format("{} is not in the repository {}", file.string(), root.string()));
    }
    campaign.protect.push_back(campaign.file_name);
    resolve_home(campaign, line.surroundings.environment);
    for (AgentPreset& preset : campaign.presets) {
        if (preset.program == own_program && preset.path.empty())
            preset.path = line.surroundings.executable.string();
    }
    require_apart(campaign, repository, folder);
    resolve_environment(campaign, line.surroundings.environment);
    resolve_gateway(campaign.proposer, line.surroundings.environment);
    for (ProposerSettings& proposer : campaign.further_proposers)
        resolve_gateway(proposer, line.surroundings.environment);
    if (!line.campaign.empty() && line.campaign != campaign.name) {
        throw UserError(fmt::format("{} declares the campaign \"{}\", not \"{}\"", file.string(),
                                    campaign.name, line.campaign),
                        "--file PATH names another campaign file");
    }
    const fs::path state = state_folder(repository, campaign.name);
    return {std::move(repository),           std::move(campaign), std::move(text), folder, state,
            line.surroundings.benchmark_lock};
}

Ledger open_ledger(const FoundCampaign& found, const Clock& clock, Ledger::Mode mode) {
    const fs::path& state = found.state_folder;
    expect_no_earlier_ledger(found);
    if (mode == Ledger::Mode::read_only && !fs::exists(ledger_file(state))) {
        throw UserError(fmt::format("campaign \"{}\" has no ledger yet", found.campaign.name),
                        "`ratchet run` starts it");
    }
    if (mode == Ledger::Mode::read_write) make_state_folder(state);
    return Ledger(ledger_file(state), clock, mode);
}

OpenCampaign open_campaign(const CommandLine& line, Ledger::Mode mode) {
    FoundCampaign found = find_campaign(line);
    auto clock = std::make_unique<SystemClock>();
    Ledger ledger = open_ledger(found, *clock, mode);
    return {std::move(found), std::move(clock), std::move(ledger)};
}

}  // namespace ratchet
