#pragma once

#include <string>
#include <vector>

namespace ratchet {

/// A tool that a model may call.
struct ToolDeclaration {
    std::string name;
    std::string description;
    std::string schema;  ///< of its arguments: a JSON Schema of an object
};

/// What a model wants a tool to do.
struct ToolCall {
    std::string id;  ///< by which its result is told from others
    std::string name;
    std::string arguments;  ///< a JSON text, as the model wrote it; it may be none
    bool operator==(const ToolCall&) const = default;
};

struct ToolResult {
    std::string call_id;
    std::string text;
    bool failed = false;
    bool operator==(const ToolResult&) const = default;
};

/// What one side said at a time: the model a text and calls of tools, the other side a text or the results.
struct ChatTurn {
    enum class Speaker { user, model };
    Speaker speaker = Speaker::user;
    std::string text;
    std::vector<ToolCall> calls;
    std::vector<ToolResult> results;
    /// What the protocol wants to get back word for word, with what it thought: a JSON array. Empty: the turn
    /// is told by the rest.
    std::string verbatim;
    bool operator==(const ChatTurn&) const = default;
};

/// All that is sent with each request: nothing is kept on the other side.
struct Conversation {
    std::string model;
    std::string instructions;
    std::vector<ToolDeclaration> tools;
    std::vector<ChatTurn> turns;
};

/// What a model answered.
struct Reply {
    ChatTurn turn;
    bool cut_off = false;  ///< it reached its greatest length
    std::string failure;   ///< in words, where the stream ended with an error or was cut; else empty
};

}  // namespace ratchet
