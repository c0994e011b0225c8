#pragma once

// What the readers of other tools' files share; for the .cpp files of this folder.

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "experiment_store/imported.hpp"

namespace ratchet {

/// Takes lines from a stream, numbered from 1, without line ends (LF or CRLF) and without a byte order mark.
/// Of a line that is too long only the beginning is kept.
class LineReader {
  public:
    explicit LineReader(std::istream& in) : in_(in) {}
    bool next();
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::int64_t number() const { return number_; }
    [[nodiscard]] bool is_too_long() const { return too_long_; }
    [[nodiscard]] bool is_blank() const { return text_.find_first_not_of(" \t") == std::string::npos; }

  private:
    std::istream& in_;
    std::string text_;
    std::int64_t number_ = 0;
    bool too_long_ = false;
};

/// "keep", also as people write it ("Keep ", "checks-failed"); nothing for other words.
std::optional<ImportedStatus> status_named(std::string_view word);

/// A finite number and nothing else, but for space around it.
std::optional<double> number_in(std::string_view text);

/// The same text without space at its ends.
std::string_view without_space(std::string_view text);

}  // namespace ratchet
