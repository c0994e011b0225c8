#include "orchestrator/mcp/ledger_tools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "orchestrator/lookup/family.hpp"
#include "orchestrator/lookup/map.hpp"
#include "orchestrator/mcp/answers.hpp"
#include "orchestrator/mcp/arguments.hpp"
#include "orchestrator/notation.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

constexpr std::int64_t most_answered = 20;
constexpr int listed_by_default = 10;
constexpr std::int64_t most_files_answered = 50;
constexpr std::int64_t files_by_default = 20;
/// So many matches are looked through where a search is narrowed to a file or a verdict.
constexpr int matches_read = 200;
constexpr std::int64_t highest_number = std::int64_t{1} << 53;

using Json = nlohmann::ordered_json;

/// The verdicts that a proposer may know of.
std::vector<std::string> verdicts_told() {
    std::vector<std::string> names(Names<Verdict>::names.begin(), Names<Verdict>::names.end());
    std::erase(names, name_of(Verdict::holdout_failed));
    return names;
}

std::string search_input() {
    const Json schema = {
        {"type", "object"},
        {"properties",
         {{"query",
           {{"type", "string"},
            {"description",
             "words of an idea, a note, a reason, a file name, an output; best match first. "
             "Without it: the newest experiments"}}},
          {"file", {{"type", "string"}, {"description", "only those that touch this path, as git names it"}}},
          {"verdict", {{"type", "string"}, {"enum", verdicts_told()}}},
          {"near",
           {{"type", "integer"},
            {"minimum", 1},
            {"description", "instead: those whose change is like that of this experiment, nearest first"}}},
          {"limit", {{"type", "integer"}, {"minimum", 1}, {"maximum", most_answered}}}}},
        {"additionalProperties", false}};
    return schema.dump();
}

std::string show_input() {
    const Json schema = {
        {"type", "object"},
        {"properties",
         {{"experiment", {{"type", "integer"}, {"minimum", 1}, {"description", "its number"}}},
          {"diff", {{"type", "boolean"}, {"description", "with its change, as a patch"}}}}},
        {"required", Json::array({"experiment"})},
        {"additionalProperties", false}};
    return schema.dump();
}

std::string map_input() {
    const Json schema = {
        {"type", "object"},
        {"properties", {{"limit", {{"type", "integer"}, {"minimum", 1}, {"maximum", most_files_answered}}}}},
        {"additionalProperties", false}};
    return schema.dump();
}

std::optional<Verdict> verdict_argument(const ToolArguments& arguments) {
    const std::optional<std::string> name = arguments.text("verdict");
    if (!name) return std::nullopt;
    const std::vector<std::string> known = verdicts_told();
    if (std::find(known.begin(), known.end(), *name) != known.end()) return named<Verdict>(*name);
    std::string all;
    for (const std::string& each : known)
        all += (all.empty() ? "" : ", ") + each;
    throw WrongArgument(fmt::format("there is no verdict {}; there are: {}", in_quotes(*name), all));
}

bool touches(const Summary& experiment, const std::string& file) {
    return std::find(experiment.files.begin(), experiment.files.end(), file) != experiment.files.end();
}

/// The best matches of the words, as far as they hold what else is asked for.
std::vector<Summary> search_narrowed(const Ledger& ledger, const std::string& words,
                                     const SummaryQuery& query) {
    const bool narrowed = query.verdict || query.file;
    std::vector<Summary> found = ledger.search(words, narrowed ? matches_read : query.limit);
    std::erase_if(found, [&](const Summary& experiment) {
        const bool other_end =
            query.verdict && (!experiment.decision || experiment.decision->verdict != *query.verdict);
        return other_end || (query.file && !touches(experiment, *query.file));
    });
    const auto most = static_cast<std::size_t>(query.limit);
    if (found.size() > most) found.resize(most);
    return found;
}

ToolAnswer search_experiments(const Lookup& lookup, const Json& json) {
    static constexpr std::array<std::string_view, 5> known = {"query", "file", "verdict", "near", "limit"};
    const ToolArguments arguments(json, known);
    const Scale scale = lookup.campaign.benchmark.scale;
    SummaryQuery query;
    query.limit = static_cast<int>(arguments.integer("limit", 1, most_answered).value_or(listed_by_default));
    query.verdict = verdict_argument(arguments);
    query.file = arguments.text("file");
    const std::optional<std::string> words = arguments.text("query");
    if (const auto number = arguments.integer("near", 1, highest_number)) {
        if (words || query.verdict || query.file)
            throw WrongArgument("near cannot be given next to query, file or verdict");
        const auto neighbours = neighbours_of(lookup.ledger, {*number}, query.limit);
        if (!neighbours) throw WrongArgument(fmt::format("there is no experiment #{}", *number));
        std::vector<Summary> experiments;
        for (const Neighbour& neighbour : *neighbours)
            experiments.push_back(neighbour.experiment);
        return experiments_answer(
            fmt::format("{} with a change like that of #{}, nearest first.", experiments.size(), *number),
            experiments, scale);
    }
    const std::vector<Summary> found =
        words ? search_narrowed(lookup.ledger, *words, query) : lookup.ledger.summaries(query);
    return experiments_answer(
        fmt::format("{} found{}.", found.size(), words ? ", best match first" : ", newest first"), found,
        scale);
}

ToolAnswer show_experiment(const Lookup& lookup, const Json& json) {
    static constexpr std::array<std::string_view, 2> known = {"experiment", "diff"};
    const ToolArguments arguments(json, known);
    const auto number = arguments.integer("experiment", 1, highest_number);
    if (!number) throw WrongArgument("experiment is missing: the number of the experiment");
    const auto experiment = lookup.ledger.experiment({*number});
    if (!experiment)
        throw WrongArgument(fmt::format("there is no experiment #{}; the newest is #{}", *number,
                                        lookup.ledger.experiment_count()));
    return experiment_answer(*experiment, lookup.campaign, arguments.flag("diff").value_or(false));
}

ToolAnswer best_so_far(const Lookup& lookup, const Json& json) {
    const ToolArguments none(json, {});
    return best_answer(lookup.campaign, lookup.ledger);
}

ToolAnswer map_of_files(const Lookup& lookup, const Json& json) {
    static constexpr std::array<std::string_view, 1> known = {"limit"};
    const ToolArguments arguments(json, known);
    const auto limit = static_cast<std::size_t>(
        arguments.integer("limit", 1, most_files_answered).value_or(files_by_default));
    return map_answer(tried_where(lookup.ledger, lookup.files_in_scope(), limit),
                      lookup.campaign.benchmark.scale);
}

struct NamedTool {
    const char* name;
    ToolAnswer (*call)(const Lookup& lookup, const Json& arguments);
};

constexpr std::array<NamedTool, 4> all_tools = {{{"search_experiments", search_experiments},
                                                 {"show_experiment", show_experiment},
                                                 {"best_so_far", best_so_far},
                                                 {"map", map_of_files}}};

}  // namespace

std::vector<McpTool> LedgerTools::list() const {
    constexpr const char* no_input = R"({"type": "object", "additionalProperties": false})";
    return {
        {"search_experiments", "Search experiments",
         "Finds earlier experiments of this campaign by words, file, verdict, or likeness to another one: "
         "what was tried, how it ended, and why.",
         search_input(), experiments_schema()},
        {"show_experiment", "Show an experiment",
         "One earlier experiment: its idea, verdict, reason, notes, the end of what failed and, if asked "
         "for, its change.",
         show_input(), experiment_schema()},
        {"best_so_far", "The best so far",
         "The champion of the campaign, its gain over the base, and the steps that made it.", no_input,
         best_schema()},
        {"map", "What was tried where",
         "Which files were changed how often and with what success, and which files in scope nobody "
         "touched.",
         map_input(), map_schema()}};
}

ToolAnswer LedgerTools::call(const std::string& name, const std::string& arguments) const {
    const auto* const tool = std::find_if(all_tools.begin(), all_tools.end(),
                                          [&](const NamedTool& each) { return name == each.name; });
    if (tool == all_tools.end()) return {ToolAnswer::Kind::failed, "there is no such tool", {}};
    try {
        return tool->call(lookup_, Json::parse(arguments));
    } catch (const WrongArgument& error) {
        return {ToolAnswer::Kind::wrong_arguments, error.what(), {}};
    }
}

}  // namespace ratchet
