#include "orchestrator/api/api_agent.hpp"

#include <fmt/format.h>

#include <utility>

#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

constexpr const char* instructions =
    "You are a coding agent at work in a git worktree, without anybody to ask. The task says what to "
    "improve, what may be changed, and what was tried before. Look at the code, make one change, see that "
    "it builds and passes its tests, and call `finish` with your notes. Work with the tools only; do not "
    "commit. What is judged is what the files hold in the end: it is measured by somebody else.";

constexpr const char* go_on =
    "Nobody reads this but the tools. Go on with them, or call `finish` if the change is complete.";

constexpr const char* cut_off =
    "Your answer was cut off at its greatest length, and calls in it may be incomplete. Go on in smaller "
    "steps.";

constexpr const char* left_out = "[left out, to save room: run or read it again where it is needed]";

/// The newest turns are what the model works with just now.
constexpr std::size_t turns_that_stay = 6;

std::size_t bytes_of(const ChatTurn& turn) {
    std::size_t bytes = turn.verbatim.empty() ? turn.text.size() : turn.verbatim.size();
    for (const ToolCall& call : turn.calls)
        bytes += turn.verbatim.empty() ? call.arguments.size() : 0;
    for (const ToolResult& result : turn.results)
        bytes += result.text.size();
    return bytes;
}

std::size_t bytes_of(const Conversation& conversation) {
    std::size_t bytes = conversation.instructions.size();
    for (const ChatTurn& turn : conversation.turns)
        bytes += bytes_of(turn);
    return bytes;
}

std::string spoken(const ChatTurn& turn) {
    std::string text;
    if (!turn.text.empty()) text = many_lines(turn.text) + "\n";
    constexpr std::size_t most_arguments = 2000;
    for (const ToolCall& call : turn.calls) {
        text += fmt::format("> {} {}\n", one_line(call.name),
                            clipped_to_bytes(one_line(call.arguments), most_arguments));
    }
    return text;
}

ChatTurn said_by_user(const char* text) {
    ChatTurn turn;
    turn.text = text;
    return turn;
}

}  // namespace

bool shorten(Conversation& conversation, std::size_t most) {
    std::size_t bytes = bytes_of(conversation);
    if (bytes <= most) return true;
    const std::size_t aim = most / 4 * 3;
    for (std::size_t i = 0; i + turns_that_stay < conversation.turns.size() && bytes > aim; ++i) {
        for (ToolResult& result : conversation.turns[i].results) {
            const std::size_t before = result.text.size();
            if (before <= std::string_view(left_out).size()) continue;
            result.text = left_out;
            bytes -= before - result.text.size();
        }
    }
    return bytes <= most;
}

ApiAgentEnd work_on(const std::string& prompt, const ChatProtocol& protocol, ModelEndpoint& endpoint,
                    Tools& tools, const ApiAgentSettings& settings,
                    const std::function<void(std::string_view)>& transcript) {
    Conversation conversation{
        settings.model, instructions, Tools::declarations(), {said_by_user(prompt.c_str())}};
    ApiAgentEnd end;
    bool has_worked = false;
    bool reminded = false;
    while (end.steps < settings.most_steps) {
        if (!shorten(conversation, settings.most_context)) {
            end.failure = fmt::format("the conversation is longer than {} bytes", settings.most_context);
            return end;
        }
        EndpointAnswer answer = endpoint.ask(protocol, conversation);
        ++end.steps;
        if (!answer.failure.empty()) {
            end.failure = "the model " + answer.failure;
            end.retry_after = answer.retry_after;
            return end;
        }
        ChatTurn said = std::move(answer.reply.turn);
        transcript(spoken(said));
        const std::vector<ToolCall> calls = said.calls;
        const std::string words = said.text;
        has_worked = has_worked || !calls.empty();
        // A turn without a word is none in any protocol.
        if (!said.text.empty() || !calls.empty()) conversation.turns.push_back(std::move(said));
        ChatTurn next;
        for (const ToolCall& call : calls) {
            next.results.push_back(tools.use(call));
            transcript(many_lines(next.results.back().text) + "\n");
        }
        if (tools.finished()) {
            end.notes = *tools.finished();
            return end;
        }
        if (answer.reply.cut_off) {
            next.text = cut_off;
        } else if (calls.empty()) {
            // Some models end with a word instead of a call. One that did nothing at all is reminded, once.
            if (has_worked || reminded) {
                end.notes.hypothesis = words;
                return end;
            }
            reminded = true;
            next.text = go_on;
        }
        conversation.turns.push_back(std::move(next));
    }
    end.failure = fmt::format("it was not finished after {} steps", settings.most_steps);
    return end;
}

}  // namespace ratchet
