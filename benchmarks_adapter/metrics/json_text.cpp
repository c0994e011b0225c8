#include "benchmarks_adapter/metrics/json_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <vector>

#include "benchmarks_adapter/metrics/output_text.hpp"

namespace ratchet {
namespace {

std::string_view document_of(std::string_view text) {
    std::size_t start = 0;
    while (start < text.size() && text[start] != '{' && text[start] != '[') {
        start = text.find('\n', start);
        if (start == std::string_view::npos) return text;
        start = text.find_first_not_of(" \t\r\n", start);
    }
    if (start >= text.size()) return text;
    const std::size_t end = text.rfind(text[start] == '{' ? '}' : ']');
    return end == std::string_view::npos || end < start ? text : text.substr(start, end - start + 1);
}

}  // namespace

std::string parse_json(const std::string& text, nlohmann::json& document) {
    using nlohmann::json;
    std::vector<std::set<std::string>> open_objects;
    std::string repeated;
    const auto watch_keys = [&](int, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) open_objects.emplace_back();
        if (event == json::parse_event_t::object_end) open_objects.pop_back();
        if (event == json::parse_event_t::key &&
            !open_objects.back().insert(parsed.get<std::string>()).second) {
            repeated = parsed.get<std::string>();
        }
        return true;
    };
    const std::string_view trimmed_text = trimmed(text);
    if (trimmed_text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return "the output is empty, not JSON";
    try {
        document = json::parse(document_of(text), watch_keys);
    } catch (const json::out_of_range&) {
        return "the JSON holds a number outside of what a double can hold";
    } catch (const json::exception&) {
        return fmt::format("the output is not JSON: it starts with {}", in_quotes(trimmed_text));
    }
    if (!repeated.empty())
        return fmt::format("the JSON has the key {} twice in one object", in_quotes(repeated));
    return {};
}

}  // namespace ratchet
