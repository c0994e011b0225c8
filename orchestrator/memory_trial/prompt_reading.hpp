#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "orchestrator/memory_trial/idea_pool.hpp"

namespace ratchet {

/// How well the model of a proposer reads.
struct Attention {
    /// That it sees through other words than it would use itself: for the deed and for the thing each. What
    /// stands there in its own words it always recognises.
    double recognition = 0.9;
    /// That it takes a line for an idea which shares only the deed or only the thing with it.
    double false_alarm = 0.01;
    /// Whether what it sees in a line is decided anew in each experiment; else it is decided once a line, as
    /// by somebody who does not see it the next time either.
    bool decided_anew = false;
    /// That it overlooks, besides, an idea that does not stand there in its whole sentence: cut off, or in
    /// key words. Decided as the rest.
    double overlooked_when_shortened = 0.05;
};

/// What a prompt tells of the pool's ideas. Only its bytes are looked at: a word that was cut off is not
/// there.
class PromptReading {
  public:
    /// `night` is the seed of what the reader sees and what not; `experiment` matters where it is decided
    /// anew.
    PromptReading(std::string_view prompt, const Attention& attention, std::uint64_t night,
                  std::uint64_t experiment);

    /// Whether some line has all the words of this idea, in either wording.
    [[nodiscard]] bool tells(IdeaId idea) const;
    /// Whether the reader, who would put it into these words, recognises the idea in some line; or takes
    /// another one for it.
    [[nodiscard]] bool recognises(IdeaId idea, const Wording& own_words) const;

  private:
    struct Telling {
        std::uint64_t line;  ///< the same for the same experiment's line, however it is laid out
        std::size_t deed_wording;
        std::size_t thing_wording;
        bool is_whole;  ///< the sentence stands there, not what was made of it to save room
    };

    void read_piece(std::string_view piece, std::uint64_t number);
    [[nodiscard]] bool chance(double probability, IdeaId idea, std::uint64_t line, std::uint64_t what) const;
    [[nodiscard]] bool mistaken(IdeaId idea) const;

    Attention attention_;
    std::uint64_t seed_;
    /// A line, and the other half of the idea that it tells.
    using LineAndHalf = std::pair<std::uint64_t, std::size_t>;
    std::vector<std::vector<Telling>> tellings_;  ///< by the idea's place
    std::array<std::vector<LineAndHalf>, deeds> lines_of_deed_;
    std::array<std::vector<LineAndHalf>, things> lines_of_thing_;
};

}  // namespace ratchet
