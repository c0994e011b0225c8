#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/lookup/lookup.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

constexpr int most_found = 1'000;

struct SearchOptions {
    std::vector<std::string> words;
    int limit = 20;
};

int search(const CommandLine& line, const SearchOptions& options) {
    const Lookup opened = open_lookup(line);
    std::string text;
    for (const std::string& word : options.words)
        text += (text.empty() ? "" : " ") + word;
    const std::vector<Summary> found = opened.ledger.search(text, options.limit);
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of(json_of(found)) << '\n';
        return exit_done;
    }
    if (found.empty()) out << "Nothing in the ledger has these words.\n";
    out << list_text(found, opened.campaign.benchmark.scale,
                     {line.surroundings.colour, line.surroundings.columns});
    return exit_done;
}

}  // namespace

void add_search(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("search", "Find experiments by words; the best match first");
    auto options = std::make_shared<SearchOptions>();
    verb->add_option("text", options->words, "Words of an idea, a note, a reason, a file name, an output")
        ->required()
        ->type_name("TEXT");
    verb->add_option("--limit", options->limit, "At most so many (default: 20)")
        ->type_name("N")
        ->check(CLI::Range(1, most_found));
    verb->callback([&line, options] { line.chosen = [&line, options] { return search(line, *options); }; });
}

}  // namespace ratchet
