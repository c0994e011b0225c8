#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/gateway/protocols/protocol.hpp"

namespace ratchet {

/// Reads from a request what a gateway has to know, without building the whole document: it can be megabytes
/// long. None where it is no JSON object, or says one of these things twice, which two readers might
/// understand in two ways.
std::optional<RequestBody> read_request_body(std::string_view text);

/// The same request of Chat Completions, which asks for its usage in the stream; of one that says nothing
/// about its stream but that there is to be one.
std::string asking_for_usage(std::string text);

}  // namespace ratchet
