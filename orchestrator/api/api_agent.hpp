#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "experiment_store/experiment.hpp"
#include "orchestrator/api/model_endpoint.hpp"
#include "orchestrator/api/tools.hpp"

namespace ratchet {

struct ApiAgentSettings {
    std::string model;
    int most_steps = 100;  ///< replies of the model
    /// Of what is sent with a request, in bytes, so that it holds for every tokenizer: half a megabyte is
    /// some 130,000 tokens. Old results of tools are left out before it is passed.
    std::size_t most_context = std::size_t{512} << 10;
};

/// How the work of a model ended.
struct ApiAgentEnd {
    Notes notes;
    std::string failure;                 ///< one sentence; empty where the model said that it is finished
    std::optional<Seconds> retry_after;  ///< when the endpoint wants to be asked again
    int steps = 0;
};

/// A small coding agent for who has an endpoint and no agent: puts the prompt to the model, does what it asks
/// of the tools, and tells it what came of that, until it is finished or may not go on. `transcript` gets
/// what is said and done, in pieces, for a person to read.
ApiAgentEnd work_on(const std::string& prompt, const ChatProtocol& protocol, ModelEndpoint& endpoint,
                    Tools& tools, const ApiAgentSettings& settings,
                    const std::function<void(std::string_view)>& transcript);

/// What of a conversation is sent where it would be longer than `most` bytes: results of tools are left out,
/// the oldest first, until a quarter is free again (each time costs the provider's cache). The newest stay.
/// False: it is too long all the same.
bool shorten(Conversation& conversation, std::size_t most);

}  // namespace ratchet
