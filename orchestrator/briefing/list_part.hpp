#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "orchestrator/briefing/shares.hpp"

namespace ratchet {

/// Whose words most lists of a prompt are.
inline constexpr const char* recorded = "recorded by earlier experiments";

/// A part that is a list: a heading, a sentence, and as many lines as fit.
struct ListPart {
    std::string heading;             ///< with a line feed; may be empty
    std::string introduction;        ///< with a line feed; may be empty
    std::string label;               ///< whose words the lines are: they are fenced; empty: they are ours
    std::vector<std::string> lines;  ///< without line feeds, made safe already
    /// What is said, in one line, when only this many of the lines are shown; may be empty.
    std::function<std::string(std::size_t shown)> left_out;
};

/// Writes the list in at most `room` bytes; empty where not even its frame and one line fit.
std::string write_list(const ListPart& part, std::size_t room);

/// The same for any room, with the lines made already.
PartWriter prepared_list(ListPart part);

/// Cuts a text of our own at the end of a line so that it fits, and says so; empty where that does not fit.
std::string shortened(const std::string& text, std::size_t room);

/// What the fence around the lines of such a label costs; nothing for an empty one.
std::size_t frame_bytes(const std::string& label);

/// A fenced block with these lines, made safe already; empty where there are none.
std::string block_of(const std::string& label, const std::vector<std::string>& lines);

/// "src/a.cpp, src/b.cpp and 3 more", safe for a prompt.
std::string joined_files(const std::vector<std::string>& files, std::size_t at_most);

}  // namespace ratchet
