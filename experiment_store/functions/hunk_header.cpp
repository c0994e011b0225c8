#include "experiment_store/functions/hunk_header.hpp"

#include <algorithm>

namespace ratchet {

namespace {

constexpr std::string_view mark = "in ";
constexpr std::string_view separator = ", ";
constexpr std::string_view more = "…";

/// libgit2 refuses a header of more than 127 bytes. The ranges take 51 at most, the mark 4.
constexpr std::size_t room = 70;

}  // namespace

HunkNames read_hunk_names(std::string_view header) {
    HunkNames result;
    const std::size_t ranges = header.find(" @@");
    if (ranges == std::string_view::npos) return result;
    std::string_view text = header.substr(ranges + 3);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    while (text.ends_with('\r') || text.ends_with(' '))
        text.remove_suffix(1);
    result.text = text;
    if (!text.starts_with(mark)) return result;
    result.are_ours = true;
    text.remove_prefix(mark.size());
    while (!text.empty()) {
        const std::string_view name = text.substr(0, text.find(separator));
        text.remove_prefix(std::min(name.size() + separator.size(), text.size()));
        if (name == more) {
            result.all = false;
        } else if (!name.empty()) {
            result.names.emplace_back(name);
        }
    }
    return result;
}

std::string written_hunk_names(const std::vector<std::string>& names) {
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::size_t needed = names[i].size() + (i == 0 ? 0 : separator.size());
        const bool last = i + 1 == names.size();
        if (list.size() + needed + (last ? 0 : separator.size() + more.size()) > room) {
            list += (list.empty() ? "" : std::string(separator)) + std::string(more);
            break;
        }
        list += (i == 0 ? "" : std::string(separator)) + names[i];
    }
    return list.empty() ? list : " " + std::string(mark) + list;
}

}  // namespace ratchet
