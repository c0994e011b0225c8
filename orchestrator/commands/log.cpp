#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/lookup/lookup.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/views/lookup_views.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

constexpr int most_listed = 1'000'000;
constexpr int most_near = 1'000;

struct LogOptions {
    std::string verdict;
    std::string file;
    std::string since;
    int limit = 50;
    bool imported = false;
    std::int64_t near = 0;  ///< 0: not asked for
};

Verdict verdict_named(const std::string& name) {
    if (const auto verdict = named<Verdict>(name)) return *verdict;
    const auto nearest = nearest_name(name, Names<Verdict>::names);
    std::string all;
    for (const std::string_view each : Names<Verdict>::names)
        all += (all.empty() ? "" : ", ") + std::string(each);
    throw UsageError(fmt::format("there is no verdict \"{}\"", name),
                     nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "the verdicts are " + all);
}

/// "2025-03-01" as that day's beginning, UTC.
std::optional<Timestamp> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    const auto read = [&](std::size_t from, std::size_t length, auto& value) {
        const char* end = text.data() + from + length;
        return std::from_chars(text.data() + from, end, value).ptr == end;
    };
    if (!read(0, 4, year) || !read(5, 2, month) || !read(8, 2, day)) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (!date.ok()) return std::nullopt;
    return Timestamp(std::chrono::sys_days(date));
}

/// So long ago, or that day.
Timestamp since_when(const std::string& text, Timestamp now) {
    if (const auto date = parse_date(text)) return *date;
    if (const auto duration = parse_duration(text)) return now - *duration;
    throw UsageError(fmt::format("--since does not understand \"{}\"", text),
                     "say how long ago (\"2h\", \"3 days\") or a day (\"2025-03-01\")");
}

int show_imported(const CommandLine& line, const Ledger& ledger, int limit) {
    const std::vector<ImportedExperiment> imported = ledger.imported(limit);
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const ImportedExperiment& each : imported)
            list.push_back(json_of(each));
        out << text_of(list) << '\n';
        return exit_done;
    }
    out << (imported.empty() ? "Nothing was imported.\n"
                             : "Imported from other tools; nobody measured them here.\n");
    out << imported_text(imported, {line.surroundings.colour, line.surroundings.columns});
    return exit_done;
}

int show_near(const CommandLine& line, const Lookup& lookup, const LogOptions& options) {
    const ExperimentId id{options.near};
    const auto neighbours = neighbours_of(lookup.ledger, id, std::min(options.limit, most_near));
    if (!neighbours) throw no_such_experiment(lookup.ledger, id);
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of(neighbours_json(*neighbours)) << '\n';
        return exit_done;
    }
    if (neighbours->empty()) out << fmt::format("No experiment has a change like that of #{}.\n", id.value);
    out << neighbours_text(*neighbours, lookup.campaign.benchmark.scale,
                           {line.surroundings.colour, line.surroundings.columns});
    return exit_done;
}

int show_log(const CommandLine& line, const LogOptions& options) {
    const Lookup opened = open_lookup(line);
    if (options.near > 0) return show_near(line, opened, options);
    if (options.imported) return show_imported(line, opened.ledger, options.limit);
    SummaryQuery query;
    if (!options.verdict.empty()) query.verdict = verdict_named(options.verdict);
    if (!options.file.empty()) query.file = options.file;
    if (!options.since.empty()) query.since = since_when(options.since, opened.clock->now());
    query.limit = options.limit;
    const std::vector<Summary> experiments = opened.ledger.summaries(query);
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of(json_of(experiments)) << '\n';
        return exit_done;
    }
    if (experiments.empty())
        out << "No experiments" << (opened.ledger.experiment_count() == 0 ? " yet.\n" : " match.\n");
    out << list_text(experiments, opened.campaign.benchmark.scale,
                     {line.surroundings.colour, line.surroundings.columns});
    if (static_cast<int>(experiments.size()) == options.limit &&
        opened.ledger.experiment_count() > options.limit) {
        out << fmt::format("The newest {}; --limit N shows more.\n", options.limit);
    }
    return exit_done;
}

}  // namespace

void add_log(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("log", "The experiments, newest first");
    auto options = std::make_shared<LogOptions>();
    verb->add_option("--verdict", options->verdict, "Only those that ended so: kept, no-gain, gate-failed, …")
        ->type_name("NAME");
    verb->add_option("--file", options->file, "Only those that touch this file (as git names it)")
        ->type_name("PATH");
    verb->add_option("--since", options->since, "Only those begun since: 2h, \"3 days\", 2025-03-01")
        ->type_name("WHEN");
    verb->add_option("--limit", options->limit, "At most so many (default: 50)")
        ->type_name("N")
        ->check(CLI::Range(1, most_listed));
    auto* imported = verb->add_flag("--imported", options->imported,
                                    "Instead, those that `ratchet import` brought from other tools");
    verb->add_option(
            "--near", options->near,
            "Instead, those whose change is like that of experiment N, nearest first, with the bits of 64 "
            "in which the fingerprints differ (unrelated changes: about 32)")
        ->type_name("N")
        ->check(CLI::PositiveNumber)
        ->excludes(imported);
    verb->callback([&line, options] { line.chosen = [&line, options] { return show_log(line, *options); }; });
}

}  // namespace ratchet
