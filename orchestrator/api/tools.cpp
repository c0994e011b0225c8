#include "orchestrator/api/tools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "orchestrator/api/chat_protocol.hpp"
#include "orchestrator/notation.hpp"
#include "sandbox/process/process.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

struct WrongCall : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string required(const nlohmann::json& arguments, const char* name) {
    const auto found = arguments.find(name);
    if (found == arguments.end() || !found->is_string())
        throw WrongCall(fmt::format("the argument {} is missing: a text", name));
    return found->get<std::string>();
}

constexpr std::int64_t most_number = 1'000'000;

std::int64_t number(const nlohmann::json& arguments, const char* name, std::int64_t otherwise) {
    const auto found = arguments.find(name);
    if (found == arguments.end() || found->is_null()) return otherwise;
    if (!found->is_number_integer() || found->get<std::int64_t>() < 1 ||
        found->get<std::int64_t>() > most_number)
        throw WrongCall(fmt::format("the argument {} is a whole number from 1 to {}", name, most_number));
    return found->get<std::int64_t>();
}

fs::path path_of(const Workshop& workshop, const std::string& path) {
    if (path.empty()) throw WrongCall("the path is empty");
    return workshop.folder / path;  // an absolute one is taken as it is: the sandbox decides what is there
}

CaptureLimits capture_of(const Workshop& workshop) {
    return {workshop.most_output / 2, workshop.most_output / 2, 0};
}

Outcome execute(const Workshop& workshop, std::vector<std::string> argv, Milliseconds timeout,
                const StopSignal& stop) {
    Command command;
    command.argv = std::move(argv);
    command.environment = workshop.environment;
    command.working_directory = workshop.folder;
    Limits limits;
    limits.wall = timeout;
    limits.capture = capture_of(workshop);
    return run(command, limits, stop);
}

ToolResult run_command(const Workshop& workshop, const nlohmann::json& arguments, const StopSignal& stop) {
    const std::string command = required(arguments, "command");
    const std::chrono::seconds wanted(number(arguments, "timeout_seconds", most_number));
    const Milliseconds timeout = std::min<Milliseconds>(wanted, workshop.longest_command);
    // One stream, in the order in which a person would see it.
    const Outcome outcome = execute(workshop, {"/bin/sh", "-c", "exec 2>&1\n" + command}, timeout, stop);
    ToolResult result;
    result.text = outcome.output.text();
    if (!result.text.empty() && !result.text.ends_with('\n')) result.text += '\n';
    if (outcome.ending == Ending::timed_out) {
        result.text += fmt::format("[killed after {}]", format_duration(timeout));
        result.failed = true;
    } else {
        result.text += fmt::format("[exit status {}]", outcome.exit_status);
        result.failed = outcome.exit_status != 0;
    }
    return result;
}

ToolResult read_file(const Workshop& workshop, const nlohmann::json& arguments) {
    const fs::path file = path_of(workshop, required(arguments, "path"));
    const std::int64_t first = number(arguments, "first_line", 1);
    constexpr std::int64_t usual_lines = 400;
    const std::int64_t end = first + number(arguments, "lines", usual_lines);
    std::error_code error;
    // A pipe or a device would never end.
    if (!fs::is_regular_file(file, error)) throw WrongCall("there is no such file");
    std::ifstream stream(file, std::ios::binary);
    ToolResult result;
    std::string line;
    std::int64_t at = 1;
    for (; at < end && std::getline(stream, line); ++at) {
        if (at < first) continue;
        result.text += fmt::format("{:>6}  ", at) + line + "\n";
        if (result.text.size() > workshop.most_output) {
            ++at;
            break;
        }
    }
    if (result.text.size() > workshop.most_output) result.text.resize(workshop.most_output);
    if (stream && stream.peek() != std::ifstream::traits_type::eof())
        result.text += fmt::format("[more follows: first_line = {}]", at);
    if (result.text.empty()) result.text = fmt::format("[nothing from line {} on]", first);
    return result;
}

ToolResult search(const Workshop& workshop, const nlohmann::json& arguments, const StopSignal& stop) {
    const std::string pattern = required(arguments, "pattern");
    const std::string path = arguments.contains("path") ? required(arguments, "path") : ".";
    constexpr std::chrono::seconds longest(60);
    const Outcome outcome = execute(
        workshop, {workshop.search_program, "-rnIE", "--exclude-dir=.git", "--regexp=" + pattern, "--", path},
        longest, stop);
    ToolResult result;
    result.text = outcome.output.text();
    constexpr int found_nothing = 1;
    if (outcome.exit_status == found_nothing) {
        result.text = "[nothing matches]";
    } else if (outcome.exit_status != 0 && result.text.empty()) {
        result.text = outcome.errors.text();
        result.failed = true;
    }
    return result;
}

Notes notes_of(const nlohmann::json& arguments) {
    Notes notes;
    notes.hypothesis = text_member(arguments, "hypothesis");
    notes.expected_effect = text_member(arguments, "expected_effect");
    notes.risk = text_member(arguments, "risk");
    notes.learned = text_member(arguments, "learned");
    for (const nlohmann::json& idea : member(arguments, "next_ideas")) {
        if (idea.is_string()) notes.next_ideas.push_back(idea.get<std::string>());
    }
    return notes;
}

}  // namespace

Tools::Tools(Workshop workshop, const StopSignal& stop) : workshop_(std::move(workshop)), stop_(stop) {}

std::vector<ToolDeclaration> Tools::declarations() {
    return {
        {"shell", "Run a shell command in the working folder. Its output and exit status come back.",
         R"({"type":"object","properties":{"command":{"type":"string"},"timeout_seconds":{"type":"integer"}},"required":["command"]})"},
        {"read", "Read a text file, with line numbers that are not part of it.",
         R"({"type":"object","properties":{"path":{"type":"string"},"first_line":{"type":"integer"},"lines":{"type":"integer"}},"required":["path"]})"},
        {"search",
         "Find the lines of files that match an extended regular expression, in a folder or a file.",
         R"({"type":"object","properties":{"pattern":{"type":"string"},"path":{"type":"string"}},"required":["pattern"]})"},
        {"edit",
         "Replace old_string by new_string in a file. old_string must occur exactly once, to the last white "
         "space.",
         R"({"type":"object","properties":{"path":{"type":"string"},"old_string":{"type":"string"},"new_string":{"type":"string"}},"required":["path","old_string","new_string"]})"},
        {"write", "Make a file with this content, or replace all that it holds.",
         R"({"type":"object","properties":{"path":{"type":"string"},"content":{"type":"string"}},"required":["path","content"]})"},
        {"finish", "Say that the change is complete, and leave notes for those who come after.",
         R"({"type":"object","properties":{"hypothesis":{"type":"string"},"expected_effect":{"type":"string"},"risk":{"type":"string"},"learned":{"type":"string"},"next_ideas":{"type":"array","items":{"type":"string"}}},"required":["hypothesis"]})"},
    };
}

ToolResult Tools::use(const ToolCall& call) {
    ToolResult result;
    try {
        const nlohmann::json arguments =
            nlohmann::json::parse(call.arguments.empty() ? "{}" : call.arguments, nullptr, false);
        if (!arguments.is_object()) throw WrongCall("the arguments are no JSON object");
        if (call.name == "shell") {
            result = run_command(workshop_, arguments, stop_);
        } else if (call.name == "read") {
            result = read_file(workshop_, arguments);
        } else if (call.name == "search") {
            result = search(workshop_, arguments, stop_);
        } else if (call.name == "edit") {
            const std::string path = required(arguments, "path");
            result.text = path + ": " +
                          edit_file(path_of(workshop_, path), required(arguments, "old_string"),
                                    required(arguments, "new_string"));
        } else if (call.name == "write") {
            const std::string path = required(arguments, "path");
            result.text = path + ": " + write_file(path_of(workshop_, path), required(arguments, "content"));
        } else if (call.name == "finish") {
            finished_ = notes_of(arguments);
            result.text = "noted";
        } else {
            throw WrongCall(
                "there is no tool of this name: shell, read, search, edit, write and finish are there");
        }
    } catch (const std::runtime_error& error) {
        result.text = error.what();
        result.failed = true;
    }
    result.call_id = call.id;
    return result;
}

}  // namespace ratchet
