#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/open_campaign.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

int list_notes(const CommandLine& line) {
    const OpenCampaign opened = open_campaign(line, Ledger::Mode::read_only);
    const std::vector<Note> notes = opened.ledger.notes();
    if (line.json) {
        auto list = nlohmann::ordered_json::array();
        for (const Note& note : notes)
            list.push_back(json_of(note));
        *line.surroundings.out << text_of(list) << '\n';
    } else {
        *line.surroundings.out << notes_text(notes, {line.surroundings.colour, line.surroundings.columns});
    }
    return exit_done;
}

int add_text(const CommandLine& line, const std::string& text) {
    OpenCampaign opened = open_campaign(line, Ledger::Mode::read_write);
    opened.ledger.add_note(text);
    if (line.json) {
        *line.surroundings.out << text_of(json_of(opened.ledger.notes().front())) << '\n';
    } else {
        *line.surroundings.out << "Noted: every prompt from now on tells it.\n";
    }
    return exit_done;
}

int note_down(const CommandLine& line, const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text.empty() ? list_notes(line) : add_text(line, text);
}

}  // namespace

void add_note(CLI::App& app, CommandLine& line) {
    auto* verb =
        app.add_subcommand("note", "Tell the next proposers something; without a text: list the notes");
    auto words = std::make_shared<std::vector<std::string>>();
    verb->add_option("text", *words, "What they should know")->type_name("TEXT");
    verb->callback([&line, words] { line.chosen = [&line, words] { return note_down(line, *words); }; });
}

}  // namespace ratchet
