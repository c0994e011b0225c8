#pragma once

#include <cstddef>
#include <vector>

namespace ratchet {

/// The lines that a hunk of a patch takes out of the file as it was, and puts into the new one; from 1.
struct ChangedLines {
    std::vector<std::size_t> removed;
    std::vector<std::size_t> added;
};

}  // namespace ratchet
