#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks_adapter/random_numbers.hpp"
#include "benchmarks_adapter/simulation/prior.hpp"

// What a model of a proposer can think of in one night: a finite pool of ideas, each with its popularity and
// its true effect. docs/memory.md, "Does it help?", has the model in words.

namespace ratchet {

/// An idea is a deed done to a thing: "unroll the inner loop".
struct IdeaId {
    std::size_t deed = 0;
    std::size_t thing = 0;
    bool operator==(const IdeaId&) const = default;
};

/// Both can be said in two ways that share no word.
inline constexpr std::size_t deeds = 40;
inline constexpr std::size_t things = 50;
inline constexpr std::size_t wordings = 2;
inline constexpr std::size_t ideas_in_pool = deeds * things;

/// The place of an idea in everything that has one entry an idea.
constexpr std::size_t place_of(IdeaId idea) {
    return idea.deed * things + idea.thing;
}
constexpr IdeaId idea_at(std::size_t place) {
    return {place / things, place % things};
}

/// How an idea is put into words this time.
struct Wording {
    std::size_t deed = 0;      ///< which of its two wordings
    std::size_t thing = 0;     ///< likewise
    std::size_t sentence = 0;  ///< which sentence is built around them, below `sentences`
};
inline constexpr std::size_t sentences = 3;
Wording draw_wording(RandomNumbers& random);

/// The words that tell a deed (one word) or a thing (two words), in lower case.
std::vector<std::string> deed_words(std::size_t deed, std::size_t wording);
std::vector<std::string> thing_words(std::size_t thing, std::size_t wording);

/// The hypothesis, in one line.
std::string text_of(IdeaId idea, const Wording& wording);
/// Whether all that a sentence of `text_of` has besides function, deed and thing stands in this text; else
/// what stands there is a shortened idea, if it is one.
bool holds_a_whole_sentence(std::string_view text);
/// The file in which the thing stands, and the function there.
std::string file_of(IdeaId idea);
std::string function_of(IdeaId idea);

/// What somebody makes of an idea: the first way in 60 of 100 cases, the second in 25, the third in 15; and
/// in every second case the local variable in it has another name.
struct Implementation {
    std::size_t way = 0;
    std::uint64_t name = 0;  ///< 0: the name that is chosen most
};
Implementation draw_implementation(RandomNumbers& random);
/// A git patch of a few lines of C++. Two ways of one idea share no word but the usual name of the variable.
std::string diff_of(IdeaId idea, const Implementation& implementation);

/// How an idea breaks the program where it does: a gate that fails, and the end of its output.
struct Breakage {
    std::string gate;
    std::string output;
};

/// The ideas of one night.
class IdeaPool {
  public:
    /// Popularity falls with the rank to the power of -`skew` (Zipf); ranks, effects and what breaks are
    /// drawn independently of each other.
    IdeaPool(const Prior& prior, double skew, double broken_share, std::uint64_t seed);

    /// An idea by popularity.
    [[nodiscard]] IdeaId draw(RandomNumbers& random) const;
    [[nodiscard]] double effect(IdeaId idea) const { return effects_[place_of(idea)]; }
    /// How it fails; nothing where it does not.
    [[nodiscard]] std::optional<Breakage> breakage(IdeaId idea, std::uint64_t run) const;

  private:
    std::vector<std::size_t> by_rank_;  ///< places
    std::vector<double> up_to_rank_;    ///< cumulative popularity
    std::vector<double> effects_;
    std::vector<bool> broken_;
};

}  // namespace ratchet
