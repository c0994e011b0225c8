#include "orchestrator/gateway/request_body.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace ratchet {
namespace {

constexpr std::string_view usage_option = "stream_options/include_usage";
// Agents nest some ten deep. What is deeper is not worth following: the parser's memory grows with it.
constexpr std::size_t deepest = 500;

/// Looks at the members of the outermost object, and at those of its stream_options.
class Reader final : public nlohmann::json::json_sax_t {
  public:
    RequestBody body;
    bool is_object = false;

    bool null() override { return true; }
    bool boolean(bool value) override {
        if (is_at("stream")) body.streamed = value;
        if (is_at("background")) body.background = value;
        if (is_at(usage_option)) body.usage_in_stream = value;
        return true;
    }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t& value) override {
        if (is_at("model")) body.model = std::move(value);
        return true;
    }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override {
        if (depth_ == 0) is_object = true;
        inside_options_ = depth_ == 1 && key_ == "stream_options";
        return ++depth_ < deepest;
    }
    bool key(string_t& name) override {
        if (depth_ == 1) {
            key_ = std::move(name);
            if (key_ == "stream_options") body.stream_options = true;
        } else if (depth_ == 2 && inside_options_) {
            key_ = "stream_options/" + name;
        } else {
            return true;
        }
        const bool counts = key_ == "stream" || key_ == "background" || key_ == "model" ||
                            key_ == "stream_options" || key_ == usage_option;
        return !counts || seen_.insert(key_).second;
    }
    bool end_object() override { return leave(); }
    bool start_array(std::size_t) override { return ++depth_ < deepest; }
    bool end_array() override { return leave(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
        return false;
    }

  private:
    [[nodiscard]] bool is_at(std::string_view name) const {
        return depth_ <= 2 && key_ == name && (depth_ == 1) == (name != usage_option);
    }
    bool leave() {
        if (--depth_ == 1) inside_options_ = false;
        return true;
    }

    std::size_t depth_ = 0;
    std::string key_;
    bool inside_options_ = false;
    std::set<std::string> seen_;
};

}  // namespace

std::optional<RequestBody> read_request_body(std::string_view text) {
    Reader reader;
    const bool whole = nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
    if (!whole || !reader.is_object) return std::nullopt;
    return std::move(reader.body);
}

std::string asking_for_usage(std::string text) {
    // It has at least one member, "stream".
    text.insert(text.find('{') + 1, R"("stream_options":{"include_usage":true},)");
    return text;
}

}  // namespace ratchet
