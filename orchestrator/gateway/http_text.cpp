#include "orchestrator/gateway/http_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ratchet {
namespace {

// What changes an answer's form or meaning. Not: who asks (keys, cookies, organisations), how bytes are
// packed.
constexpr std::array request_headers = {"accept", "user-agent", "anthropic-version", "anthropic-beta",
                                        "openai-beta"};
constexpr std::array<std::string_view, 6> answer_headers = {"content-type", "retry-after",  "retry-after-ms",
                                                            "request-id",   "x-request-id", "x-should-retry"};
constexpr std::array<std::string_view, 2> answer_header_families = {"anthropic-ratelimit-", "x-ratelimit-"};
// `alt=sse` makes a stream of Gemini's one of events; Anthropic's own clients send `beta=true`.
constexpr std::array<std::string_view, 3> query_names = {"alt", "beta", "api-version"};

bool comes_back(std::string_view name) {
    return std::find(answer_headers.begin(), answer_headers.end(), name) != answer_headers.end() ||
           std::any_of(answer_header_families.begin(), answer_header_families.end(),
                       [&](std::string_view family) { return name.starts_with(family); });
}

}  // namespace

Headers headers_for_endpoint(const Headers& from_client) {
    Headers headers = {{"content-type", "application/json"}, {"accept-encoding", "identity"}};
    for (const char* name : request_headers) {
        std::string value;
        for (const auto& [other, text] : from_client) {
            if (other != name) continue;
            if (!value.empty()) value += ", ";
            value += text;
        }
        // curl would take an empty one for a wish to leave it out.
        if (!value.empty()) headers.emplace_back(name, std::move(value));
    }
    return headers;
}

std::string query_for_endpoint(std::string_view query) {
    std::string kept;
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        const std::string_view name = part.substr(0, part.find('='));
        if (std::find(query_names.begin(), query_names.end(), name) == query_names.end()) continue;
        // A query that is worth keeping is made of these.
        const bool plain = std::all_of(part.begin(), part.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                   c == '=' || c == '.' || c == '_';
        });
        if (!plain) continue;
        kept += kept.empty() ? '?' : '&';
        kept += part;
    }
    return kept;
}

std::string answer_head(int status, const Headers& from_endpoint, Framing framing,
                        std::optional<std::uint64_t> length, bool keep_alive) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\n", status, reason_of(status));
    for (const auto& [name, value] : from_endpoint) {
        if (comes_back(name)) head += fmt::format("{}: {}\r\n", name, value);
    }
    if (framing == Framing::length) head += fmt::format("content-length: {}\r\n", length.value_or(0));
    if (framing == Framing::chunks) head += "transfer-encoding: chunked\r\n";
    if (!keep_alive) head += "connection: close\r\n";
    return head + "\r\n";
}

std::string chunk_of(std::string_view bytes) {
    return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

std::string_view header_of(const Headers& headers, std::string_view name) {
    const auto found =
        std::find_if(headers.begin(), headers.end(), [&](const auto& entry) { return entry.first == name; });
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string without_key(std::string text, const std::string& key) {
    // A shorter one is none, and would tear common words apart.
    constexpr std::size_t shortest = 6;
    if (key.size() < shortest) return text;
    for (std::size_t place = text.find(key); place != std::string::npos; place = text.find(key, place))
        text.replace(place, key.size(), std::string(key.size(), '*'));
    return text;
}

std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 413:
            return "Payload Too Large";
        case 415:
            return "Unsupported Media Type";
        case 429:
            return "Too Many Requests";
        case 500:
            return "Internal Server Error";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 529:
            return "Overloaded";
        default:
            return status < 400 ? "OK" : "Error";
    }
}

}  // namespace ratchet
