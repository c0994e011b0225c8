#pragma once

// Ideas as words, so that the same idea is known again where it is told a little differently.

#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// The words of an idea that carry its sense, each once, sorted: in lower case, without endings ("caching"
/// and "caches" are one), without small words ("the", "use"); parts of an identifier are words of their own.
/// Of a long text the first `most_idea_words`.
std::vector<std::string> idea_words(std::string_view text);

inline constexpr std::size_t most_idea_words = 24;

/// Whether an experiment with this hypothesis tried this idea: most of the idea's words stand in it
/// (`share_of_idea`), no number of the idea is another there ("unroll by 4" is not "unroll by 8"), and the
/// hypothesis does not say much more besides. Too few words are the same only where they are all the same. On
/// the labelled pairs of tests/experiment_store/idea_words_test.cpp.
bool tries(const std::vector<std::string>& hypothesis, const std::vector<std::string>& idea);

/// Whether two ideas are one: each would be tried by the other.
bool same_idea(const std::vector<std::string>& one, const std::vector<std::string>& other);

}  // namespace ratchet
