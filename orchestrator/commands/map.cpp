#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/lookup/lookup.hpp"
#include "orchestrator/views/lookup_views.hpp"

namespace ratchet {
namespace {

constexpr int most_files = 10'000;

int print_map(const CommandLine& line, int limit) {
    const Lookup lookup = open_lookup(line);
    const TriedWhere map =
        tried_where(lookup.ledger, lookup.files_in_scope(), static_cast<std::size_t>(limit));
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of(map_json(map)) << '\n';
    } else {
        out << map_text(map, lookup.campaign.benchmark.scale,
                        {line.surroundings.colour, line.surroundings.columns});
    }
    return exit_done;
}

}  // namespace

void add_map(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("map", "What was tried where, and what nobody touched");
    verb->footer(
        "Counts finished experiments that were run, by the files that they changed; below them stand the "
        "files "
        "of the\n"
        "champion that a proposal may change and none did.");
    auto limit = std::make_shared<int>(40);
    verb->add_option("--limit", *limit, "At most so many files of each kind (default: 40)")
        ->type_name("N")
        ->check(CLI::Range(1, most_files));
    verb->callback([&line, limit] { line.chosen = [&line, limit] { return print_map(line, *limit); }; });
}

}  // namespace ratchet
