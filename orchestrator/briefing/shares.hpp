#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace ratchet {

/// Writes a part of the prompt into a given room. What it writes is at most as long, is not shorter where
/// there is more room, and may be empty. It is asked several times, for other rooms: what does not depend on
/// the room it makes once.
using PartWriter = std::function<std::string(std::size_t room)>;

/// A part of the prompt, and its share of the limit in hundredths.
struct PromptPart {
    std::size_t share = 0;
    PartWriter write;
};

/// Writes the parts so that together, with an empty line between two of them, they are at most `limit` bytes
/// long.
///
/// Each part has its share for certain. What the others leave of theirs goes to the parts that were cut off:
/// first to those of which there would be nothing, in their order; then to part `first`, then to the others
/// in their order. So nothing is left over that one of them could still use.
std::vector<std::string> write_parts(const std::vector<PromptPart>& parts, std::size_t limit,
                                     std::size_t first);

}  // namespace ratchet
