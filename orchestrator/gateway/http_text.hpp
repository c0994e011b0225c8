#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/gateway/upstream.hpp"

// What of a request goes to the endpoint, and what of its answer comes back: lists of what may, since what is
// on neither list cannot do harm.

namespace ratchet {

/// The headers of a request (names in lower case) that go to the endpoint, with those that ratchet adds.
Headers headers_for_endpoint(const Headers& from_client);

/// The parts of a query that go to the endpoint, with its question mark; empty: none. A key in it does not.
std::string query_for_endpoint(std::string_view query);

/// How the client learns where an answer ends.
enum class Framing { length, chunks, close, none };

/// The status line and headers of an answer, to the empty line.
std::string answer_head(int status, const Headers& from_endpoint, Framing framing,
                        std::optional<std::uint64_t> length, bool keep_alive);

/// A part of an answer in Framing::chunks.
std::string chunk_of(std::string_view bytes);
/// The end of such an answer.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// The value of a header, by its name in lower case; empty: it is not there.
std::string_view header_of(const Headers& headers, std::string_view name);

/// The text with each letter of the key as a star wherever the key stands in it.
std::string without_key(std::string text, const std::string& key);

/// "Bad Request", …
std::string_view reason_of(int status);

}  // namespace ratchet
