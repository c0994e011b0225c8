#include "orchestrator/memory_trial/idea_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

#include "orchestrator/memory_trial/vocabulary.hpp"

namespace ratchet {
namespace {

constexpr std::array<std::string_view, 16> files = {
    "src/core.cpp",      "src/engine.cpp", "src/frontend.cpp", "src/backend.cpp",
    "src/runtime.cpp",   "src/util.cpp",   "src/driver.cpp",   "src/shared.cpp",
    "src/main_part.cpp", "src/legacy.cpp", "src/base.cpp",     "src/extra.cpp",
    "src/common.cpp",    "src/first.cpp",  "src/second.cpp",   "src/third.cpp"};

constexpr int added_lines = 8;
constexpr std::uint64_t ways = 3;

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::string capitalized(std::string text) {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

/// A name that no other seed gives.
std::string token(std::uint64_t seed) {
    return fmt::format("v{:09x}", scrambled(seed) >> 28U);
}

}  // namespace

Wording draw_wording(RandomNumbers& random) {
    return {random.next() % wordings, random.next() % wordings, random.next() % sentences};
}

std::vector<std::string> deed_words(std::size_t deed, std::size_t wording) {
    return words_of(deed_vocabulary.at(deed).at(wording));
}

std::vector<std::string> thing_words(std::size_t thing, std::size_t wording) {
    return words_of(thing_vocabulary.at(thing).at(wording));
}

bool holds_a_whole_sentence(std::string_view text) {
    const auto holds = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
    return holds(", which should leave less to do there") || holds(": most of the time goes there") ||
           (holds("The profile shows ") && holds(" on top, so "));
}

std::string text_of(IdeaId idea, const Wording& wording) {
    const std::string deed(deed_vocabulary.at(idea.deed).at(wording.deed));
    const std::string_view thing = thing_vocabulary.at(idea.thing).at(wording.thing);
    const std::string function = function_of(idea);
    switch (wording.sentence) {
        case 0:
            return fmt::format("{} the {} in {}, which should leave less to do there", capitalized(deed),
                               thing, function);
        case 1:
            return fmt::format("In {}, {} the {}: most of the time goes there", function, deed, thing);
        default:
            return fmt::format("The profile shows {} on top, so {} the {}", function, deed, thing);
    }
}

std::string file_of(IdeaId idea) {
    return std::string(files[idea.thing % files.size()]);
}

std::string function_of(IdeaId idea) {
    return fmt::format("fn_{}", idea.thing);
}

Implementation draw_implementation(RandomNumbers& random) {
    const double way = random.uniform();
    Implementation implementation;
    implementation.way = way < 0.60 ? 0 : way < 0.85 ? 1 : 2;
    const std::uint64_t name = random.next();
    if (random.uniform() < 0.5) implementation.name = name | 1U;
    return implementation;
}

std::string diff_of(IdeaId idea, const Implementation& implementation) {
    const std::string name = implementation.name == 0 ? "result" : token(implementation.name);
    // Every word but the free name is this idea's in this way, and no other's.
    const std::uint64_t first = (place_of(idea) * ways + implementation.way) << 16U;
    const auto word = [first](int number) { return token(first + static_cast<std::uint64_t>(number)); };
    std::string diff = fmt::format(
        "diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n@@ -10,4 +10,{2} @@ void {1}() {{\n-    {3}({4});\n",
        file_of(idea), function_of(idea), added_lines + 3, word(0), word(1));
    diff += fmt::format("+    const auto {} = {}({}, {});\n", name, word(2), word(3), word(4));
    for (int line = 1; line < added_lines - 1; ++line) {
        const int at = 4 * line + 1;
        diff += fmt::format("+    {}.{}({}, {});\n", word(at), word(at + 1), word(at + 2), word(at + 3));
    }
    return diff + fmt::format("+    {}({}, {});\n", word(40), name, word(41));
}

IdeaPool::IdeaPool(const Prior& prior, double skew, double broken_share, std::uint64_t seed)
    : by_rank_(ideas_in_pool) {
    RandomNumbers random(seed);
    std::iota(by_rank_.begin(), by_rank_.end(), std::size_t{0});
    for (std::size_t i = ideas_in_pool - 1; i > 0; --i)
        std::swap(by_rank_[i], by_rank_[random.next() % (i + 1)]);
    double sum = 0;
    for (std::size_t rank = 1; rank <= ideas_in_pool; ++rank) {
        sum += std::pow(static_cast<double>(rank), -skew);
        up_to_rank_.push_back(sum);
    }
    for (std::size_t i = 0; i < ideas_in_pool; ++i) {
        effects_.push_back(prior.draw(random));
        broken_.push_back(random.uniform() < broken_share);
    }
}

IdeaId IdeaPool::draw(RandomNumbers& random) const {
    const double at = random.uniform() * up_to_rank_.back();
    const auto found = std::lower_bound(up_to_rank_.begin(), up_to_rank_.end(), at);
    const auto rank = static_cast<std::size_t>(found - up_to_rank_.begin());
    return idea_at(by_rank_[std::min(rank, ideas_in_pool - 1)]);
}

std::optional<Breakage> IdeaPool::breakage(IdeaId idea, std::uint64_t run) const {
    if (!broken_[place_of(idea)]) return std::nullopt;
    return Breakage{"unit tests", fmt::format("{}_test.cpp:{}: expected 17, got 0x{:08x}\n1 test failed\n",
                                              function_of(idea), 40 + idea.deed, scrambled(run) >> 32U)};
}

}  // namespace ratchet
