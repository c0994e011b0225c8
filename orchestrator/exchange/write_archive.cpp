#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "experiment_store/exchange/archive.hpp"
#include "experiment_store/exchange/facts.hpp"
#include "experiment_store/migrations.hpp"
#include "orchestrator/exchange/archive_layout.hpp"
#include "orchestrator/exchange/campaign_archive.hpp"
#include "orchestrator/exchange/work_folder.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// What a campaign's folder holds of logs, by the names that they get in an archive, in their order. What an
/// archive cannot name is none of ours.
std::vector<std::string> log_entries(const fs::path& state) {
    std::vector<std::string> names;
    const fs::path logs = state / "logs";
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(logs, failed)) {
        if (entry.is_symlink() || !entry.is_regular_file()) continue;
        std::string name = layout::logs_folder + entry.path().lexically_relative(logs).string();
        if (is_entry_name(name)) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// The commits that are here, by the names of their pins; the others go to `missing`.
std::map<std::string, CommitId> present_commits(FactsReader& facts, const Repository& repository,
                                                std::vector<std::string>& missing) {
    std::map<std::string, CommitId> commits = facts.commits();
    for (auto commit = commits.begin(); commit != commits.end();) {
        if (repository.exists(commit->second)) {
            ++commit;
        } else {
            missing.push_back(commit->second.hex);
            commit = commits.erase(commit);
        }
    }
    std::sort(missing.begin(), missing.end());
    missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
    return commits;
}

void add_table(ArchiveWriter& archive, FactsReader& facts, const std::string& table,
               const fs::path& scratch) {
    const fs::path file = scratch / "table.jsonl";
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    facts.write(table, out);
    out.close();
    if (!out) {
        throw UserError(fmt::format("{} cannot be written", file.string()),
                        "Is there room on the disk? Nothing was left behind.");
    }
    archive.add_file(layout::facts_folder + table + layout::facts_suffix, file);
}

}  // namespace

ArchiveContents write_campaign_archive(const Repository& repository, const fs::path& state,
                                       const fs::path& file) {
    const WorkFolder scratch(state.parent_path(), "export");
    FactsReader facts(state / "ledger.sqlite");
    ArchiveContents contents;
    const auto campaign = facts.campaign();
    if (!campaign) throw UserError("the campaign has not begun yet", "`ratchet run` starts it.");
    contents.campaign = *campaign;
    contents.experiments = facts.experiments();
    const auto commits = present_commits(facts, repository, contents.missing_commits);
    if (!commits.contains("champion")) {
        throw UserError(fmt::format("the champion of campaign {} is not in this repository", *campaign),
                        "`ratchet doctor` makes it again from the ledger.");
    }
    ArchiveWriter archive(file);
    const Json about = {{"format", layout::format_name},       {"version", layout::format_version},
                        {"schema", schema_version()},          {"campaign", contents.campaign},
                        {"experiments", contents.experiments}, {"missing_commits", contents.missing_commits}};
    archive.add(layout::about, about.dump(2) + "\n");
    for (const std::string& table : facts.tables())
        add_table(archive, facts, table, scratch.path());
    const std::vector<std::string> logs = log_entries(state);
    for (const std::string& name : logs)
        archive.add_file(name, state / name);
    contents.logs = static_cast<std::int64_t>(logs.size());
    if (fs::is_regular_file(fs::symlink_status(state / layout::run_log)))
        archive.add_file(layout::run_log, state / layout::run_log);
    const fs::path bundle = scratch.path() / layout::bundle;
    repository.write_bundle(contents.campaign, commits, bundle, scratch.path());
    archive.add_file(layout::bundle, bundle);
    archive.commit();
    return contents;
}

}  // namespace ratchet
