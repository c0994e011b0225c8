#pragma once

#include <array>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orchestrator/api/conversation.hpp"

namespace ratchet {

/// Puts a reply together from what comes of it.
class ReplyReader {
  public:
    virtual ~ReplyReader() = default;
    /// One event of a stream; anything may stand there.
    virtual void event(const nlohmann::json& document) = 0;
    /// The whole answer, from a server that does not stream.
    virtual void whole(const nlohmann::json& document) = 0;
    /// Nothing more comes. A stream that did not say that it was at its end was cut.
    virtual Reply finish() = 0;
};

/// A wire format, from the side of who asks: how a conversation is put to a model, and how its reply is read.
class ChatProtocol {
  public:
    virtual ~ChatProtocol() = default;
    /// Below the endpoint's base URL.
    [[nodiscard]] virtual std::string path() const = 0;
    /// Besides the key.
    [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> headers() const { return {}; }
    /// The body of a request for a streamed reply.
    [[nodiscard]] virtual std::string request(const Conversation& conversation) const = 0;
    [[nodiscard]] virtual std::unique_ptr<ReplyReader> reader() const = 0;
};

std::unique_ptr<ChatProtocol> anthropic_chat();
std::unique_ptr<ChatProtocol> openai_completions_chat();
std::unique_ptr<ChatProtocol> openai_responses_chat();

/// Their names, as ModelRequest::protocol has them.
inline constexpr std::array<std::string_view, 3> spoken_protocols = {"openai-chat", "openai-responses",
                                                                     "anthropic"};

/// The one with this name, as ModelRequest::protocol has it; none: there is no such one to speak.
std::unique_ptr<ChatProtocol> chat_protocol(std::string_view name);

// What the protocols have in common. Only for the .cpp files of this folder.

/// The text of a member of an object; empty where it is none.
std::string text_member(const nlohmann::json& object, const char* name);
/// The member of an object; null where there is none.
const nlohmann::json& member(const nlohmann::json& object, const char* name);
/// The arguments of a call as an object; an empty one where the model wrote something else.
nlohmann::json arguments_object(const ToolCall& call);
/// What an error object says.
std::string error_text(const nlohmann::json& document);

}  // namespace ratchet
