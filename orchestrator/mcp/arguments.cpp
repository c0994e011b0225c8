#include "orchestrator/mcp/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

constexpr std::size_t longest_text = 1000;

}  // namespace

ToolArguments::ToolArguments(const nlohmann::ordered_json& json, std::span<const std::string_view> known)
    : json_(json) {
    for (const auto& item : json_.items()) {
        if (std::find(known.begin(), known.end(), item.key()) != known.end()) continue;
        std::string names;
        for (const std::string_view name : known)
            names += (names.empty() ? "" : ", ") + std::string(name);
        throw WrongArgument(fmt::format("there is no argument {}; {}", in_quotes(item.key()),
                                        names.empty() ? "this tool has none" : "there are: " + names));
    }
}

std::optional<std::string> ToolArguments::text(const char* name) const {
    const nlohmann::ordered_json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) throw WrongArgument(fmt::format("{} must be a string", name));
    auto text = value->get<std::string>();
    if (text.size() > longest_text)
        throw WrongArgument(fmt::format("{} may have {} bytes at most", name, longest_text));
    return text;
}

std::optional<std::int64_t> ToolArguments::integer(const char* name, std::int64_t least,
                                                   std::int64_t most) const {
    const nlohmann::ordered_json* value = find(name);
    if (value == nullptr) return std::nullopt;
    // A number beyond 2^63 is unsigned, and would come out as another one.
    const bool fits = value->is_number_integer() &&
                      (!value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX);
    if (!fits || value->get<std::int64_t>() < least || value->get<std::int64_t>() > most)
        throw WrongArgument(fmt::format("{} must be an integer from {} to {}", name, least, most));
    return value->get<std::int64_t>();
}

std::optional<bool> ToolArguments::flag(const char* name) const {
    const nlohmann::ordered_json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) throw WrongArgument(fmt::format("{} must be true or false", name));
    return value->get<bool>();
}

const nlohmann::ordered_json* ToolArguments::find(const char* name) const {
    const auto at = json_.find(name);
    return at == json_.end() || at->is_null() ? nullptr : &*at;
}

}  // namespace ratchet
