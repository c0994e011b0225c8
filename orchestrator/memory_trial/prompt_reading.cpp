#include "orchestrator/memory_trial/prompt_reading.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <unordered_map>

#include "benchmarks_adapter/random_numbers.hpp"
#include "orchestrator/memory_trial/vocabulary.hpp"

namespace ratchet {
namespace {

/// What a word is part of.
struct Meaning {
    bool deed = false;
    std::size_t place = 0;
    std::size_t wording = 0;
    unsigned part = 0;  ///< 1: the first word, 2: the second one
    unsigned all_parts = 0;
};

using Meanings = std::unordered_map<std::string, std::vector<Meaning>>;

template <std::size_t count>
void add_meanings(Meanings& meanings,
                  const std::array<std::array<std::string_view, wordings>, count>& vocabulary, bool deed) {
    for (std::size_t place = 0; place < count; ++place) {
        for (std::size_t wording = 0; wording < wordings; ++wording) {
            const std::string_view text = vocabulary[place][wording];
            const std::size_t space = text.find(' ');
            const unsigned all = space == std::string_view::npos ? 1U : 3U;
            meanings[std::string(text.substr(0, space))].push_back({deed, place, wording, 1, all});
            if (all == 3U) {
                meanings[std::string(text.substr(space + 1))].push_back({deed, place, wording, 2, all});
            }
        }
    }
}

const Meanings& all_meanings() {
    static const Meanings meanings = [] {
        Meanings made;
        add_meanings(made, deed_vocabulary, true);
        add_meanings(made, thing_vocabulary, false);
        return made;
    }();
    return meanings;
}

/// The deeds and things of which a part stands in this piece of a line, with the parts.
std::vector<Meaning> meanings_in(std::string_view piece) {
    std::vector<Meaning> found;
    std::string word;
    const auto end_word = [&] {
        const auto known = all_meanings().find(word);
        word.clear();
        if (known == all_meanings().end()) return;
        for (const Meaning& meaning : known->second) {
            const auto same = std::find_if(found.begin(), found.end(), [&](const Meaning& other) {
                return other.deed == meaning.deed && other.place == meaning.place &&
                       other.wording == meaning.wording;
            });
            if (same == found.end()) {
                found.push_back(meaning);
            } else {
                same->part |= meaning.part;
            }
        }
    };
    for (const char letter : piece) {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isalnum(byte) != 0) {
            word += static_cast<char>(std::tolower(byte));
        } else {
            end_word();
        }
    }
    end_word();
    std::erase_if(found, [](const Meaning& meaning) { return meaning.part != meaning.all_parts; });
    return found;
}

/// What a draw of the reader's decides.
constexpr std::uint64_t deed_in_other_words = 1;
constexpr std::uint64_t thing_in_other_words = 2;
constexpr std::uint64_t same_deed = 3;
constexpr std::uint64_t same_thing = 4;
constexpr std::uint64_t shortened_idea = 5;

/// The number of the first "#17" in a text.
std::optional<std::uint64_t> experiment_in(std::string_view text) {
    for (std::size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
        std::uint64_t number = 0;
        const char* const start = text.data() + at + 1;
        if (std::from_chars(start, text.data() + text.size(), number).ec == std::errc()) return number;
    }
    return std::nullopt;
}

std::uint64_t hash_of_line(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char letter : text)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
    return scrambled(hash);
}

}  // namespace

PromptReading::PromptReading(std::string_view prompt, const Attention& attention, std::uint64_t night,
                             std::uint64_t experiment)
    : attention_(attention),
      seed_(attention.decided_anew ? scrambled(night + scrambled(experiment)) : night),
      tellings_(ideas_in_pool) {
    while (!prompt.empty()) {
        const std::string_view line = prompt.substr(0, prompt.find('\n'));
        prompt.remove_prefix(std::min(prompt.size(), line.size() + 1));
        const std::uint64_t number = experiment_in(line).value_or(hash_of_line(line));
        // One line may tell of several ideas, in pieces of their own.
        for (std::size_t start = 0; start <= line.size();) {
            const std::size_t end = std::min(line.find_first_of("|;", start), line.size());
            const std::string_view piece = line.substr(start, end - start);
            read_piece(piece, experiment_in(piece).value_or(number));
            start = end + 1;
        }
    }
}

void PromptReading::read_piece(std::string_view piece, std::uint64_t number) {
    const std::vector<Meaning> found = meanings_in(piece);
    const bool is_whole = holds_a_whole_sentence(piece);
    for (const Meaning& deed : found) {
        if (!deed.deed) continue;
        for (const Meaning& thing : found) {
            if (thing.deed) continue;
            tellings_[place_of({deed.place, thing.place})].push_back(
                {number, deed.wording, thing.wording, is_whole});
            lines_of_deed_.at(deed.place).emplace_back(number, thing.place);
            lines_of_thing_.at(thing.place).emplace_back(number, deed.place);
        }
    }
}

bool PromptReading::chance(double probability, IdeaId idea, std::uint64_t line, std::uint64_t what) const {
    RandomNumbers random(scrambled(seed_ + scrambled(place_of(idea) + 1)) + scrambled(line * 8 + what));
    return random.uniform() < probability;
}

bool PromptReading::tells(IdeaId idea) const {
    return !tellings_[place_of(idea)].empty();
}

bool PromptReading::mistaken(IdeaId idea) const {
    for (const auto& [line, thing] : lines_of_deed_.at(idea.deed)) {
        if (thing != idea.thing && chance(attention_.false_alarm, idea, line, same_deed)) return true;
    }
    for (const auto& [line, deed] : lines_of_thing_.at(idea.thing)) {
        if (deed != idea.deed && chance(attention_.false_alarm, idea, line, same_thing)) return true;
    }
    return false;
}

bool PromptReading::recognises(IdeaId idea, const Wording& own_words) const {
    for (const Telling& telling : tellings_[place_of(idea)]) {
        const bool deed_seen = telling.deed_wording == own_words.deed ||
                               chance(attention_.recognition, idea, telling.line, deed_in_other_words);
        const bool thing_seen = telling.thing_wording == own_words.thing ||
                                chance(attention_.recognition, idea, telling.line, thing_in_other_words);
        const bool overlooked = !telling.is_whole && chance(attention_.overlooked_when_shortened, idea,
                                                            telling.line, shortened_idea);
        if (deed_seen && thing_seen && !overlooked) return true;
    }
    return mistaken(idea);
}

}  // namespace ratchet
