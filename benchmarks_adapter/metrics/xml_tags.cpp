#include "benchmarks_adapter/metrics/xml_tags.hpp"

#include <array>
#include <utility>

namespace ratchet {
namespace {

constexpr std::string_view spaces = " \t\r\n";

bool take(std::string_view& text, std::string_view start) {
    if (!text.starts_with(start)) return false;
    text.remove_prefix(start.size());
    return true;
}

void skip_spaces(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
}

std::string_view take_name(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n=/<>\"'"), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end);
    return name;
}

/// The five names that XML itself has for characters.
std::string decoded(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char>, 5> entities = {
        {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};
    std::string plain;
    while (!text.empty()) {
        bool known = false;
        for (const auto& [entity, character] : entities) {
            known = take(text, entity);
            if (!known) continue;
            plain += character;
            break;
        }
        if (known) continue;
        plain += text.front();
        text.remove_prefix(1);
    }
    return plain;
}

/// The tag whose opening bracket has been taken; what it consists of is taken too, as far as it is one.
std::optional<XmlTag> take_tag(std::string_view& text) {
    XmlTag tag;
    if (take(text, "/")) tag.kind = XmlTag::Kind::closing;
    tag.name = take_name(text);
    if (tag.name.empty()) return {};
    while (true) {
        skip_spaces(text);
        if (take(text, ">")) return tag;
        if (take(text, "/>")) {
            tag.kind = XmlTag::Kind::empty;
            return tag;
        }
        const std::string_view attribute = take_name(text);
        if (attribute.empty() || !take(text, "=\"")) return {};
        const std::size_t end = text.find_first_of("\"<");
        if (end == std::string_view::npos || text[end] == '<') return {};
        tag.attributes.try_emplace(std::string(attribute), decoded(text.substr(0, end)));
        text.remove_prefix(end + 1);
    }
}

}  // namespace

std::optional<XmlTag> XmlTags::next() {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> skipped = {
        {{"!--", "-->"}, {"![CDATA[", "]]>"}, {"?", "?>"}}};
    while (true) {
        const std::size_t bracket = rest_.find('<');
        if (bracket == std::string_view::npos) return {};
        rest_.remove_prefix(bracket + 1);
        bool is_skipped = false;
        for (const auto& [begin, end] : skipped) {
            if (!take(rest_, begin)) continue;
            const std::size_t place = rest_.find(end);
            // What has no end goes on to the end of the text.
            rest_.remove_prefix(place == std::string_view::npos ? rest_.size() : place + end.size());
            is_skipped = true;
            break;
        }
        if (is_skipped) continue;
        if (auto tag = take_tag(rest_)) return tag;
    }
}

}  // namespace ratchet
