#include "benchmarks_adapter/metrics/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "benchmarks_adapter/metrics/median.hpp"
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

/// Reads a document only to see that no object has a key twice. Not with the parser's callback: with one it
/// looks at all earlier elements of an array after each.
class KeyCheck final : public nlohmann::json::json_sax_t {
  public:
    /// The key that stands twice; it may be empty itself.
    [[nodiscard]] const std::optional<std::string>& repeated() const { return repeated_; }

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override {
        open_objects_.emplace_back();
        return true;
    }
    bool key(string_t& name) override {
        if (open_objects_.back().insert(name).second) return true;
        repeated_ = name;
        return false;
    }
    bool end_object() override {
        open_objects_.pop_back();
        return true;
    }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
        return false;
    }

  private:
    std::vector<std::set<std::string>> open_objects_;
    std::optional<std::string> repeated_;
};

std::string parse_document(std::string_view text, nlohmann::json& document) {
    KeyCheck keys;
    nlohmann::json::sax_parse(text, &keys);
    if (keys.repeated())
        return fmt::format("the JSON has the key {} twice in one object", in_quotes(*keys.repeated()));
    try {
        document = nlohmann::json::parse(text);
    } catch (const nlohmann::json::out_of_range&) {
        return "the JSON holds a number outside of what a double can hold";
    } catch (const nlohmann::json::exception&) {
        return fmt::format("the output is not JSON: it starts with {}", in_quotes(trimmed(text)));
    }
    return {};
}

/// Where the object that starts with this line ends.
std::size_t end_of_object(std::string_view text, std::size_t start) {
    const std::size_t line_end = std::min(text.find('\n', start), text.size());
    const std::string_view line = trimmed(text.substr(start, line_end - start));
    if (line.size() > 1 && line.ends_with('}')) return line_end;
    const std::size_t close = text.find("\n}", start);
    return close == std::string_view::npos ? text.size() : close + 2;
}

}  // namespace

std::string parse_json(const std::string& text, nlohmann::json& document) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return "the output is empty, not JSON";
    return parse_document(document_of(text), document);
}

std::string parse_json_objects(const std::string& text, std::vector<nlohmann::json>& objects) {
    const std::string_view whole = text;
    std::size_t start = whole.starts_with('{') ? 0 : whole.find("\n{");
    while (start != std::string_view::npos) {
        if (whole[start] == '\n') ++start;
        const std::size_t end = end_of_object(whole, start);
        std::string error = parse_document(whole.substr(start, end - start), objects.emplace_back());
        if (!error.empty()) return error;
        start = whole.find("\n{", end);
    }
    if (!objects.empty()) return {};
    nlohmann::json other;
    std::string error = parse_json(text, other);
    return error.empty() ? "the JSON is no object, or does not start where a line does" : error;
}

std::string text_at(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<double> number_of(const nlohmann::json& value) {
    if (value.is_number()) return value.get<double>();
    if (!value.is_array() || value.empty()) return {};
    std::vector<double> numbers;
    for (const nlohmann::json& element : value) {
        if (!element.is_number()) return {};
        numbers.push_back(element.get<double>());
    }
    return median(numbers);
}

std::optional<double> number_at(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? std::nullopt : number_of(*found);
}

}  // namespace ratchet
