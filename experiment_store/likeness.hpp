#pragma once

// Whether a diff repeats another one, but for its form. docs/duplicates.md says how well that is told.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "experiment_store/diff_tokens.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

/// A diff made ready to be compared. It is long-lived only as long as the patch that it was read from.
struct ReadDiff {
    std::vector<FileChange>
        files;               ///< with the names that it declares marked, unless there is too much of it
    std::size_t tokens = 0;  ///< removed and added
};

/// Larger patches are not compared: to read two of them takes longer than a look-up may.
inline constexpr std::size_t most_compared_bytes = 256 << 10;
inline constexpr std::size_t most_compared_tokens = 20'000;

ReadDiff read_diff(std::string_view patch);

/// In which way one diff repeats the other; nothing where they are different edits, or too large. Symmetric.
///
/// reformatted: the same tokens, removed and added, of the same files in the same order, indentation included
/// where it is syntax.
/// near: whatever the names are called that each declares, the same statements, in any order that cannot
/// matter; one of them may have a few more that neither steer nor assign. A number, an operator, a called
/// function or an indentation that differs makes another edit of it; so does another place, where the edit is
/// small.
std::optional<Likeness> likeness(const ReadDiff& one, const ReadDiff& other);

/// 64-bit SimHash (Charikar 2002) of what `likeness` compares: of the pairs of neighbouring tokens in each
/// statement, removed and added apart, declared names made one. White space, comments, context, places and
/// the order of statements do not matter. 0 where no token is changed (a rename, a binary patch, a comment,
/// nothing at all).
std::uint64_t fingerprint_of(std::string_view diff);
std::uint64_t fingerprint_of(const ReadDiff& diff);

/// In how many of their 64 bits two fingerprints differ. Unrelated diffs differ in about 32.
int distance(std::uint64_t one, std::uint64_t other);

}  // namespace ratchet
