#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "orchestrator/briefing/safe_text.hpp"

namespace ratchet {

/// An idea in one line that is safe for a prompt, as far as ideas are read: what is the same so far is the
/// same idea, and no list shows more of one.
class IdeaLine {
  public:
    explicit IdeaLine(std::string_view recorded) : text_(prompt_line(recorded, bytes_read)) {}

    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    static constexpr std::size_t bytes_read = 400;

    std::string text_;
};

}  // namespace ratchet
