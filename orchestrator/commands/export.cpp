#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "experiment_store/exchange/experiment_table.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/exchange/campaign_archive.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

struct ExportOptions {
    std::string format = "jsonl";
    std::string output;
};

/// A file that is there when it is complete, or standard output.
class ExportOutput {
  public:
    ExportOutput(std::ostream& standard, fs::path file) : standard_(standard), file_(std::move(file)) {
        if (file_.empty()) return;
        temporary_ = file_;
        temporary_ += fmt::format(".{}.part", ::getpid());
        stream_.open(temporary_, std::ios::binary | std::ios::trunc);
        if (!stream_) {
            throw UserError(fmt::format("{} cannot be written", file_.string()),
                            "Name a file in a folder that is there and that you may write to.");
        }
    }
    ~ExportOutput() {
        std::error_code ignored;
        if (!temporary_.empty()) fs::remove(temporary_, ignored);
    }
    ExportOutput(const ExportOutput&) = delete;
    ExportOutput& operator=(const ExportOutput&) = delete;

    std::ostream& stream() { return file_.empty() ? standard_ : stream_; }
    void commit() {
        if (file_.empty()) return;
        stream_.close();
        std::error_code failed;
        if (stream_) fs::rename(temporary_, file_, failed);
        if (!stream_ || failed) {
            throw UserError(fmt::format("{} cannot be written", file_.string()),
                            "Is there room on the disk? Nothing was left behind.");
        }
    }

  private:
    std::ostream& standard_;
    fs::path file_;
    fs::path temporary_;
    std::ofstream stream_;
};

std::string exported_line(const Ledger& ledger, const CampaignIdentity& identity,
                          const std::vector<Replay>& replays, ExperimentId id, bool table) {
    const Experiment experiment = *ledger.experiment(id);
    if (table) return experiment_table_row(experiment, summary_of(experiment).idea);
    return text_of(exported_json(experiment, identity, ledger.discarded_pairs(id), replays), false) + '\n';
}

int export_experiments(const CommandLine& line, const fs::path& file, bool table) {
    const OpenCampaign opened = open_campaign(line, Ledger::Mode::read_only);
    const auto identity = opened.ledger.identity();
    if (!identity) throw UserError("the campaign has not begun yet", "`ratchet run` starts it.");
    ExportOutput output(*line.surroundings.out, file);
    if (table) output.stream() << experiment_table_heading();
    const std::vector<Replay> replays = opened.ledger.replays();
    const std::int64_t count = opened.ledger.experiment_count();
    for (std::int64_t number = 1; number <= count && output.stream(); ++number)
        output.stream() << exported_line(opened.ledger, *identity, replays, {number}, table);
    output.commit();
    return exit_done;
}

int export_archive(const CommandLine& line, const fs::path& file) {
    if (file.empty())
        throw UsageError("an archive needs a file to be written to", "for example --output campaign.tar");
    const OpenCampaign opened = open_campaign(line, Ledger::Mode::read_only);
    const ArchiveContents contents = write_campaign_archive(opened.repository, opened.state_folder, file);
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of({{"archive", file.string()},
                        {"campaign", contents.campaign},
                        {"experiments", contents.experiments},
                        {"logs", contents.logs},
                        {"missing_commits", contents.missing_commits}},
                       false)
            << '\n';
        return exit_done;
    }
    out << fmt::format("{}: campaign {}, {} experiments, {} log files\n", file.string(), contents.campaign,
                       contents.experiments, contents.logs);
    if (!contents.missing_commits.empty()) {
        out << fmt::format(
            "warning: {} commits of which the ledger tells are not in this repository, so they are not in "
            "the "
            "archive; their diffs are (`ratchet doctor` makes the commits again)\n",
            contents.missing_commits.size());
    }
    return exit_done;
}

int export_campaign(const CommandLine& line, const ExportOptions& options) {
    const fs::path file =
        options.output.empty() ? fs::path() : line.surroundings.working_directory / options.output;
    if (options.format == "archive") return export_archive(line, file);
    return export_experiments(line, file, options.format == "tsv");
}

}  // namespace

void add_export(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("export", "Write the campaign to a file for other programs or machines");
    auto options = std::make_shared<ExportOptions>();
    verb->add_option("--format", options->format,
                     "jsonl: an experiment a line, with all samples; tsv: a table; archive: ledger, commits "
                     "and logs in one file, for `ratchet import` elsewhere")
        ->check(CLI::IsMember({"jsonl", "tsv", "archive"}))
        ->type_name("NAME")
        ->capture_default_str();
    verb->add_option("--output,-o", options->output,
                     "The file (default: standard output, but for an archive)")
        ->type_name("FILE");
    verb->footer("Works while the campaign runs. docs/exchange.md describes the formats.");
    verb->callback(
        [&line, options] { line.chosen = [&line, options] { return export_campaign(line, *options); }; });
}

}  // namespace ratchet
