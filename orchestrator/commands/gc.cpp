#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>

#include "experiment_store/errors.hpp"
#include "orchestrator/commands/command_line.hpp"
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

/// Removes the logs of experiments that were last written before the limit; returns the bytes.
std::int64_t remove_old_logs(const fs::path& logs, fs::file_time_type limit) {
    std::int64_t bytes = 0;
    if (!fs::exists(logs)) return 0;
    for (const auto& entry : fs::directory_iterator(logs)) {
        if (!entry.is_directory() || entry.last_write_time() >= limit) continue;
        bytes += size_of(entry.path());
        remove_tree(entry.path());
    }
    return bytes;
}

std::int64_t remove_prepared(const fs::path& prepared) {
    if (!fs::exists(prepared)) return 0;
    const std::int64_t bytes = size_of(prepared);
    remove_tree(prepared);
    return bytes;
}

int collect(const CommandLine& line, const std::string& age) {
    const auto limit = parse_duration(age);
    if (!limit)
        throw UserError(fmt::format("--logs-older-than {}: no duration", age), "for example 30d or 12h");
    OpenCampaign opened = open_campaign(line, Ledger::Mode::read_write);
    const RunnerLock lock(opened.state_folder);
    std::int64_t bytes =
        remove_old_logs(opened.state_folder / "logs", fs::file_time_type::clock::now() - *limit);
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
    auto age = std::make_shared<std::string>("30d");
    auto* verb = app.add_subcommand("gc", "Remove old logs, prepared files and worktrees; never facts");
    verb->add_option("--logs-older-than", *age, "Logs of experiments older than this are removed")
        ->type_name("DURATION")
        ->capture_default_str();
    verb->footer(
        "Everything that the ledger knows stays. What is removed is made again when it is needed, but for "
        "logs.");
    verb->callback([&line, age] { line.chosen = [&line, age] { return collect(line, *age); }; });
}

}  // namespace ratchet
