#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "experiment_store/exchange/archive.hpp"
#include "experiment_store/exchange/foreign.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/exchange/campaign_archive.hpp"
#include "orchestrator/exchange/own_commits.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/open_campaign.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t broken_lines_told = 20;

/// Whether the campaign file here is the one of this campaign.
bool is_declared_here(const CommandLine& line, const std::string& campaign) {
    CommandLine here = line;
    here.campaign = campaign;
    try {
        static_cast<void>(open_campaign(here, Ledger::Mode::read_only));
        return true;
    } catch (const UserError&) {
        return false;
    }
}

/// Where the user has no campaign file of that campaign: the one that it ran with, in the campaign's folder.
/// Not where ratchet would obey it: it came from elsewhere, and names commands. Returns what to say.
std::string offer_campaign_file(const CommandLine& line, const Repository& repository,
                                const std::string& campaign) {
    if (is_declared_here(line, campaign)) return {};
    const fs::path state = state_folder(repository, campaign);
    const SystemClock clock;
    const Ledger ledger(state / "ledger.sqlite", clock, Ledger::Mode::read_only);
    const auto epoch = ledger.epoch();
    if (!epoch) return {};
    const fs::path file = state / "imported-ratchet.toml";
    std::ofstream(file, std::ios::binary | std::ios::trunc) << epoch->campaign_file;
    return fmt::format(
        "no campaign file here declares \"{}\". The one that it ran with is {}: read it (its on_event runs "
        "outside of the sandbox), then copy it here as ratchet.toml",
        campaign, file.string());
}

int import_archive(const CommandLine& line, const fs::path& file) {
    Repository repository = Repository::open(line.surroundings.working_directory);
    ArchiveContents contents = restore_campaign_archive(repository, file);
    if (std::string offer = offer_campaign_file(line, repository, contents.campaign); !offer.empty())
        contents.warnings.push_back(std::move(offer));
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of({{"campaign", contents.campaign},
                        {"experiments", contents.experiments},
                        {"logs", contents.logs},
                        {"missing_commits", contents.missing_commits},
                        {"warnings", contents.warnings}},
                       false)
            << '\n';
        return exit_done;
    }
    out << fmt::format("campaign {}: {} experiments, {} log files; `ratchet run` goes on where it stood\n",
                       contents.campaign, contents.experiments, contents.logs);
    if (!contents.missing_commits.empty()) {
        out << fmt::format("warning: {} commits were not in the archive; `ratchet doctor` makes them again\n",
                           contents.missing_commits.size());
    }
    for (const std::string& warning : contents.warnings)
        out << "warning: " << warning << '\n';
    return exit_done;
}

ForeignRecords read_foreign(const fs::path& file, ForeignFormat format) {
    std::ifstream in(file, std::ios::binary);
    ForeignRecords records = format == ForeignFormat::run_log ? read_run_log(in) : read_results_table(in);
    for (ImportedExperiment& experiment : records.experiments)
        experiment.source = file.filename().string();
    return records;
}

std::string counted(std::int64_t count, const char* thing) {
    return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string foreign_text(const fs::path& file, const ForeignRecords& records, std::int64_t added) {
    const auto found = static_cast<std::int64_t>(records.experiments.size());
    std::string text =
        fmt::format("{}: {} imported, unverified", file.filename().string(), counted(added, "experiment"));
    if (found > added) text += fmt::format("; {} known before", found - added);
    if (records.hooks > 0) text += fmt::format("; {} passed over", counted(records.hooks, "hook line"));
    text += '\n';
    for (std::size_t i = 0; i < records.broken.size() && i < broken_lines_told; ++i)
        text += fmt::format("  line {} is skipped: {}\n", records.broken[i].line, records.broken[i].what);
    if (records.broken.size() > broken_lines_told)
        text += fmt::format("  {} more lines are skipped; --json names them all\n",
                            records.broken.size() - broken_lines_told);
    if (added > 0)
        text +=
            "They are told to the next proposers; `ratchet replay --imported` measures those whose commits "
            "are here.\n";
    return text;
}

int import_records(const CommandLine& line, const fs::path& file, ForeignFormat format) {
    OpenCampaign opened = open_campaign(line, Ledger::Mode::read_write);
    ForeignRecords records = read_foreign(file, format);
    if (records.experiments.empty()) {
        const std::string first =
            records.broken.empty()
                ? std::string()
                : fmt::format(" (line {}: {})", records.broken.front().line, records.broken.front().what);
        throw UserError(fmt::format("{} holds no experiment that could be read{}", file.string(), first),
                        "docs/exchange.md says what is read. Nothing was imported.");
    }
    find_own_commits(records.experiments, opened);
    const std::int64_t added = opened.ledger.add_imported(records.experiments);
    std::ostream& out = *line.surroundings.out;
    if (!line.json) {
        out << foreign_text(file, records, added);
        return exit_done;
    }
    nlohmann::ordered_json broken = nlohmann::ordered_json::array();
    for (const BrokenLine& each : records.broken)
        broken.push_back({{"line", each.line}, {"what", each.what}});
    out << text_of({{"source", file.filename().string()},
                    {"format", name_of(format)},
                    {"imported", added},
                    {"known_before", static_cast<std::int64_t>(records.experiments.size()) - added},
                    {"segments", records.segments},
                    {"hooks", records.hooks},
                    {"broken", broken}},
                   false)
        << '\n';
    return exit_done;
}

int import_file(const CommandLine& line, const std::string& name) {
    const fs::path file = line.surroundings.working_directory / name;
    std::error_code failed;
    if (!fs::is_regular_file(file, failed)) {
        throw UserError(fmt::format("{} is no file", file.string()),
                        "Name an archive of `ratchet export`, a log.jsonl or a results.tsv.");
    }
    if (ArchiveReader::is_archive(file)) return import_archive(line, file);
    std::ifstream in(file, std::ios::binary);
    if (!in) throw UserError(fmt::format("{} cannot be read", file.string()), "Check its permissions.");
    if (const auto format = foreign_format(in)) return import_records(line, file, *format);
    throw UserError(
        fmt::format("{} is nothing that can be imported", file.string()),
        "An archive of `ratchet export --format archive` can be, a run log (a JSON object a line) "
        "and a results table (columns between tabs, with a heading). Nothing was imported.");
}

}  // namespace

void add_import(CLI::App& app, CommandLine& line) {
    auto* verb =
        app.add_subcommand("import", "Bring in a campaign from elsewhere, or another tool's history");
    auto name = std::make_shared<std::string>();
    verb->add_option("file", *name, "An archive, a .auto/log.jsonl or autoresearch.jsonl, or a results.tsv")
        ->required()
        ->type_name("FILE");
    verb->footer(
        "An archive of `ratchet export` becomes the campaign that it was. What other tools recorded is told "
        "to "
        "the next\nproposers as unverified: it is never champion, and counts in no sum. A log may be "
        "imported "
        "again when it has grown.");
    verb->callback([&line, name] { line.chosen = [&line, name] { return import_file(line, *name); }; });
}

}  // namespace ratchet
