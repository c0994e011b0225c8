#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ratchet {

struct XmlTag {
    enum class Kind { opening, closing, empty };
    Kind kind = Kind::opening;
    std::string name;
    std::map<std::string, std::string> attributes;  ///< of one that stands there twice, the first
};

/// The tags of a text, one after the other, without building a tree: what a report needs, and nothing that
/// deep nesting or a missing end could break. Skips comments, character data and instructions, and whatever
/// is no tag. Takes time in proportion to the text.
class XmlTags {
  public:
    explicit XmlTags(std::string_view text) : rest_(text) {}
    /// Nothing at the end.
    std::optional<XmlTag> next();

  private:
    std::string_view rest_;
};

}  // namespace ratchet
