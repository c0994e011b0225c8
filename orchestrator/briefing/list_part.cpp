#include "orchestrator/briefing/list_part.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "orchestrator/briefing/safe_text.hpp"

namespace ratchet {
namespace {

std::string list_text(const ListPart& part, std::size_t shown, std::size_t bytes) {
    if (shown == 0) return {};
    std::string body;
    body.reserve(bytes);
    for (std::size_t i = 0; i < shown; ++i)
        body.append(part.lines[i]).append(1, '\n');
    return part.label.empty() ? body : fenced(part.label, body, bytes);
}

}  // namespace

std::size_t frame_bytes(const std::string& label) {
    constexpr std::size_t ample = 1000;
    return label.empty() ? 0 : fenced(label, "x\n", ample).size() - 2;
}

std::string block_of(const std::string& label, const std::vector<std::string>& lines) {
    std::string body;
    for (const std::string& line : lines)
        body.append(line).append(1, '\n');
    return body.empty() ? body : fenced(label, body, body.size() + frame_bytes(label));
}

std::string joined_files(const std::vector<std::string>& files, std::size_t at_most) {
    std::string out;
    for (std::size_t i = 0; i < std::min(files.size(), at_most); ++i) {
        if (i > 0) out += ", ";
        out += prompt_line(shown_path(files[i]), 100);
    }
    if (files.size() > at_most) out += fmt::format(" and {} more", files.size() - at_most);
    return out;
}

std::string shortened(const std::string& text, std::size_t room) {
    if (text.size() <= room) return text;
    static const std::string word = "[shortened: the prompt has a size limit]\n";
    if (room < word.size()) return {};
    const std::size_t end = text.rfind('\n', room - word.size());
    // A first line that is too long is cut inside; anything else at the end of a line.
    if (end == std::string::npos) {
        return room < word.size() + 16 ? word : clipped_to_bytes(text, room - word.size() - 1) + '\n' + word;
    }
    return end + 1 + word.size() <= room ? text.substr(0, end + 1) + word : word;
}

std::string write_list(const ListPart& part, std::size_t room) {
    const std::string head = part.heading + part.introduction;
    const std::size_t frame = frame_bytes(part.label);
    if (part.lines.empty()) return head.size() <= room ? head : std::string();
    if (room <= head.size() + frame) return {};
    // From the most lines that could fit without a word about the rest, down to where the word fits too. The
    // lines are safe already, so that the fence adds its frame and changes nothing in them.
    std::size_t shown = 0;
    std::size_t bytes = 0;
    while (shown < part.lines.size() && head.size() + frame + bytes + part.lines[shown].size() + 1 <= room) {
        bytes += part.lines[shown++].size() + 1;
    }
    for (;; bytes -= part.lines[--shown].size() + 1) {
        const std::string rest = part.left_out ? part.left_out(shown) : std::string();
        const std::size_t list = shown > 0 ? frame + bytes : 0;
        if (head.size() + list + (rest.empty() ? 0 : rest.size() + 1) <= room)
            return head + list_text(part, shown, list) + (rest.empty() ? rest : rest + '\n');
        if (shown == 0) return {};
    }
}

PartWriter prepared_list(ListPart part) {
    // A writer is copied like any other function: the lines are not.
    return [list = std::make_shared<const ListPart>(std::move(part))](std::size_t room) {
        return write_list(*list, room);
    };
}

}  // namespace ratchet
