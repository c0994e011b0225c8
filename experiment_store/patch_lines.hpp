#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ratchet {

/// What a line of a git patch is.
enum class PatchLine {
    file,     ///< from here on it is about another file; given once a file, before its first hunk
    hunk,     ///< the header
    context,  ///< text() is the line without its sign; so for the next two
    removed,
    added,
    other,
};

/// Goes through a git patch line by line. The header of a hunk says how many lines it has: without that a
/// removed "-- x" could not be told from the header of a file. Takes any text: what is no patch is `other`.
class PatchLines {
  public:
    explicit PatchLines(std::string_view patch) : rest_(patch) {}

    bool next();
    [[nodiscard]] PatchLine kind() const { return kind_; }
    [[nodiscard]] std::string_view text() const { return text_; }
    /// Of the file at hand: the new name, or the old one where it is deleted; as bytes, without quotes.
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    bool inside_hunk(std::string_view line);
    void read_header(std::string_view line);

    std::string_view rest_;
    PatchLine kind_ = PatchLine::other;
    std::string_view text_;
    std::string old_path_;
    std::string path_;
    std::int64_t old_lines_ = 0;
    std::int64_t new_lines_ = 0;
};

}  // namespace ratchet
