#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>

#include "experiment_store/errors.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/log_retention.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/runner_lock.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/worktree.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

std::int64_t size_of(const fs::path& path) {
    return static_cast<std::int64_t>(bytes_below(open_trusted_folder(path).get()));
}

std::int64_t remove_prepared(const fs::path& prepared) {
    if (!fs::exists(prepared)) return 0;
    const std::int64_t bytes = size_of(prepared);
    remove_tree(prepared);
    return bytes;
}

/// `age`, which stands on the command line, or what [logs] says; where both say nothing, a month.
LogRetention retention_of(const Campaign& campaign, const std::string& age) {
    constexpr auto usual = std::chrono::hours(24 * 30);
    if (age.empty()) return campaign.logs == LogRetention{} ? LogRetention{usual, {}} : campaign.logs;
    const auto keep = parse_duration(age);
    if (!keep)
        throw UserError(fmt::format("--logs-older-than {}: no duration", age), "for example 30d or 12h");
    return {keep, {}};
}

int collect(const CommandLine& line, const std::string& age) {
    OpenCampaign opened = open_campaign(line, Ledger::Mode::read_write);
    const LogRetention retention = retention_of(opened.campaign, age);
    const RunnerLock lock(opened.state_folder);
    std::int64_t bytes = remove_old_logs(opened.state_folder / "logs", retention);
    bytes += remove_prepared(prepared_folder(opened));
    for (const char* name : worktree_names) {
        if (!fs::exists(worktree_folder(opened) / name)) continue;
        Worktree::lease(opened.repository, worktree_folder(opened), opened.campaign.name, name).remove();
    }
    if (line.json) {
        *line.surroundings.out << nlohmann::json{{"freed_bytes", bytes}}.dump() << '\n';
    } else {
        *line.surroundings.out << fmt::format(
            "{} of logs and prepared files removed; the ledger is untouched\n", format_bytes(bytes));
    }
    return exit_done;
}

}  // namespace

void add_gc(CLI::App& app, CommandLine& line) {
    auto age = std::make_shared<std::string>();
    auto* verb = app.add_subcommand("gc", "Remove old logs, prepared files and worktrees; never facts");
    verb->add_option("--logs-older-than", *age,
                     "Logs of experiments older than this are removed; otherwise [logs] of the campaign "
                     "file says which, or 30d")
        ->type_name("DURATION");
    verb->footer(
        "Everything that the ledger knows stays. What is removed is made again when it is needed, but for "
        "logs.");
    verb->callback([&line, age] { line.chosen = [&line, age] { return collect(line, *age); }; });
}

}  // namespace ratchet
