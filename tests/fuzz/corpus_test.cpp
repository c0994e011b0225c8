#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/fuzz/targets.hpp"

// The fuzzers' targets in the ordinary tests: every text of their corpora, and 1500 mutations of each
// corpus, the same ones each time.

namespace ratchet::fuzz {
namespace {

constexpr int mutations = 1500;

std::vector<std::string> corpus_of(const Target& target) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(RATCHET_TESTS) + "/" + target.corpus))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> texts;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return texts;
}

class Mutator {
  public:
    std::string mutate(std::string text, const std::string& other) {
        const int changes = 1 + static_cast<int>(below(6));
        for (int i = 0; i < changes; ++i)
            change(text, other);
        return text;
    }

    /// From 0 to limit - 1; 0 for a limit of 0. Not std::uniform_int_distribution, which is not the same
    /// everywhere.
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  private:
    void change(std::string& text, const std::string& other) {
        static const std::array<std::string, 24> tokens = {
            "{",    "}",    "[",   "]",    "\"",      ",",          ":",       "<",
            ">",    "\n",   "-",   "nan",  "inf",     "1e400",      "1e308",   "0",
            "null", "\xff", "\0x", "<!--", "\"NaN\"", "METRIC a=1", "@@ -0 +", "µs"};
        const std::size_t at = below(text.size() + 1);
        const std::size_t length = std::min(below(40), text.size() - at);
        switch (below(6)) {
            case 0:
                if (at < text.size()) text[at] = static_cast<char>(below(256));
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.insert(at, text.substr(below(text.size()), length));
                break;
            case 3:
                text.insert(at, tokens.at(below(tokens.size())));
                break;
            case 4:
                text.replace(at, length, other.substr(below(other.size()), below(60)));
                break;
            default:
                text.resize(at);
        }
    }

    std::mt19937 random_{20'261'122};
};

class Corpus : public ::testing::TestWithParam<Target> {};

TEST_P(Corpus, and_what_is_made_of_it_breaks_no_promise) {
    const Target& target = GetParam();
    const std::vector<std::string> texts = corpus_of(target);
    ASSERT_FALSE(texts.empty());
    const auto read = [&](const std::string& text) {
        try {
            target.read(text);
        } catch (const BrokenProperty& broken) {
            ADD_FAILURE() << broken.what << ", for:\n" << text;
        }
    };
    read("");
    for (const std::string& text : texts)
        read(text);
    Mutator mutator;
    for (int i = 0; i < mutations && !HasFailure(); ++i)
        read(mutator.mutate(texts[mutator.below(texts.size())], texts[mutator.below(texts.size())]));
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, ::testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace ratchet::fuzz
