#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/lookup/lookup.hpp"
#include "orchestrator/views/lookup_views.hpp"

namespace ratchet {
namespace {

constexpr int most_ideas = 10'000;

int print_ideas(const CommandLine& line, int limit) {
    const Lookup lookup = open_lookup(line);
    const std::vector<IdeaFate> ideas = lookup.ledger.ideas(limit);
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of(ideas_json(ideas)) << '\n';
        return exit_done;
    }
    out << ideas_text(ideas, {line.surroundings.colour, line.surroundings.columns});
    if (static_cast<int>(ideas.size()) == limit)
        out << fmt::format("The first {}; --limit N shows more.\n", limit);
    return exit_done;
}

}  // namespace

void add_ideas(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("ideas", "What proposals left to be tried, and what became of it");
    auto limit = std::make_shared<int>(50);
    verb->add_option("--limit", *limit, "At most so many (default: 50)")
        ->type_name("N")
        ->check(CLI::Range(1, most_ideas));
    verb->callback([&line, limit] { line.chosen = [&line, limit] { return print_ideas(line, *limit); }; });
}

}  // namespace ratchet
