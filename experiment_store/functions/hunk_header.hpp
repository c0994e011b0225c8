#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// What a hunk's header says behind its ranges.
struct HunkNames {
    bool are_ours = false;  ///< else `text` is a line of the source, as git shows it
    std::vector<std::string> names;
    bool all = true;  ///< that fitted
    std::string_view text;
};

HunkNames read_hunk_names(std::string_view header);

/// " in Matrix::multiply, Matrix::add"; empty where there are none.
std::string written_hunk_names(const std::vector<std::string>& names);

}  // namespace ratchet
