// How well ways to tell duplicates do on the labelled pairs of tests/data/duplicates: precision and recall of
// each, and, for the one that is used, every pair that it gets wrong.

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "experiment_store/likeness.hpp"
#include "tests/support/labelled_pairs.hpp"

namespace {

using namespace ratchet;
using ratchet::test::LabelledPair;

using Features = std::map<std::string, int>;

std::uint64_t hash_of(const std::string& text, std::uint64_t seed) {
    std::uint64_t hash = 0xcbf29ce484222325U ^ (seed * 0x9E3779B97F4A7C15U);
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
    hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53U;
    return hash ^ (hash >> 33U);
}

/// Runs of so many neighbouring tokens, signed. Raw: of a whole side; else within each statement, with one
/// name for all that the diff declares.
Features shingles(const std::string& diff, std::size_t length, bool raw) {
    const std::vector<FileChange> files = read_diff(diff).files;
    Features features;
    const auto add = [&](char sign, const std::vector<DiffStatement>& statements) {
        std::vector<std::string_view> row;
        const auto flush = [&] {
            for (std::size_t i = 0; i < row.size(); ++i) {
                std::string feature(1, sign);
                for (std::size_t j = i + 1 < length ? 0 : i + 1 - length; j <= i; ++j)
                    feature.append(row[j]).append(1, ' ');
                ++features[feature];
            }
            row.clear();
        };
        for (const DiffStatement& statement : statements) {
            for (const DiffToken& token : statement)
                if (token.kind != DiffToken::Kind::indentation)
                    row.push_back(token.declared && !raw ? "\x01" : token.text);
            if (!raw) flush();
        }
        flush();
    };
    for (const FileChange& file : files) {
        add('-', file.removed);
        add('+', file.added);
    }
    return features;
}

std::uint64_t simhash(const Features& features) {
    std::array<int, 64> balance{};
    for (const auto& [feature, count] : features) {
        const std::uint64_t hash = hash_of(feature, 0);
        for (std::size_t bit = 0; bit < 64; ++bit)
            balance[bit] += ((hash >> bit) & 1U) != 0 ? count : -count;
    }
    std::uint64_t value = 0;
    for (std::size_t bit = 0; bit < 64; ++bit)
        value |= static_cast<std::uint64_t>(balance[bit] > 0) << bit;
    return value;
}

/// One bit of each of 64 minima (Li and König 2010): their distance tells the Jaccard similarity.
std::uint64_t minhash_bits(const Features& features) {
    std::uint64_t value = 0;
    for (std::uint64_t seed = 1; seed <= 64; ++seed) {
        std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
        for (const auto& [feature, count] : features)
            least = std::min(least, hash_of(feature, seed));
        value |= (least & 1U) << (seed - 1);
    }
    return value;
}

/// The share that both multisets have.
double jaccard(const Features& one, const Features& other) {
    int both = 0;
    int all = 0;
    for (const auto& [feature, count] : one) {
        const auto found = other.find(feature);
        const int there = found == other.end() ? 0 : found->second;
        both += std::min(count, there);
        all += std::max(count, there);
    }
    for (const auto& [feature, count] : other)
        if (!one.contains(feature)) all += count;
    return all == 0 ? 1 : static_cast<double>(both) / all;
}

struct Score {
    int right = 0;   ///< duplicates that were found
    int wrong = 0;   ///< different ones that were taken for duplicates
    int missed = 0;  ///< duplicates that were not found
};

using Measure = std::function<bool(const LabelledPair&)>;

Score score_of(const std::vector<LabelledPair>& pairs, const Measure& measure) {
    Score score;
    for (const LabelledPair& pair : pairs) {
        const bool found = measure(pair);
        score.right += found && pair.is_duplicate();
        score.wrong += found && !pair.is_duplicate();
        score.missed += !found && pair.is_duplicate();
    }
    return score;
}

void print(const std::vector<LabelledPair>& pairs, const std::string& name, const Measure& measure) {
    const Score score = score_of(pairs, measure);
    const int found = score.right + score.wrong;
    fmt::print("{:52} {:9.1f} {:9.1f} {:6} {:6} {:6}\n", name,
               found == 0 ? 100.0 : 100.0 * score.right / found,
               100.0 * score.right / (score.right + score.missed), score.right, score.wrong, score.missed);
}

bool is_near(const LabelledPair& pair, int bits) {
    return distance(fingerprint_of(pair.one), fingerprint_of(pair.other)) <= bits;
}

bool repeats(const LabelledPair& pair) {
    return likeness(read_diff(pair.one), read_diff(pair.other)).has_value();
}

void print_distances(const std::vector<LabelledPair>& pairs) {
    fmt::print("\ndistances of the fingerprints of duplicates that the second stage knows:");
    std::map<int, int> counts;
    for (const LabelledPair& pair : pairs)
        if (repeats(pair)) ++counts[distance(fingerprint_of(pair.one), fingerprint_of(pair.other))];
    for (const auto& [bits, count] : counts)
        fmt::print(" {}:{}", bits, count);
    fmt::print("\n");
}

void print_by_transformation(const std::vector<LabelledPair>& pairs) {
    std::map<std::pair<std::string, std::string>, std::pair<int, int>> table;
    for (const LabelledPair& pair : pairs) {
        auto& [right, all] = table[{pair.label, pair.how}];
        right += repeats(pair) == pair.is_duplicate();
        ++all;
    }
    fmt::print("\n{:14} {:20} right\n", "label", "transformation");
    for (const auto& [key, counts] : table)
        fmt::print("{:14} {:20} {} of {}\n", key.first, key.second, counts.first, counts.second);
}

}  // namespace

int main() {
    const auto pairs = ratchet::test::labelled_pairs(RATCHET_DUPLICATES);
    fmt::print("{} pairs\n{:52} {:>9} {:>9} {:>6} {:>6} {:>6}\n", pairs.size(), "measure", "precision",
               "recall", "right", "wrong", "missed");
    const auto raw = [](const std::string& diff) { return shingles(diff, 2, true); };
    const auto nameless = [](const std::string& diff) { return shingles(diff, 2, false); };
    for (const int bits : {3, 8, 12}) {
        print(pairs, fmt::format("SimHash of token pairs, {} bits", bits), [&](const LabelledPair& p) {
            return distance(simhash(raw(p.one)), simhash(raw(p.other))) <= bits;
        });
    }
    for (const int bits : {0, 3, 6, 8, 12, 16}) {
        print(pairs, fmt::format("SimHash of pairs in statements, names one, {} bits", bits),
              [&](const LabelledPair& p) { return is_near(p, bits); });
    }
    for (const std::size_t length : {std::size_t{1}, std::size_t{3}}) {
        print(pairs, fmt::format("SimHash of {}-shingles in statements, names one, 3 bits", length),
              [&](const LabelledPair& p) {
                  return distance(simhash(shingles(p.one, length, false)),
                                  simhash(shingles(p.other, length, false))) <= 3;
              });
    }
    for (const int bits : {3, 8}) {
        print(pairs, fmt::format("MinHash bits of pairs in statements, names one, {}", bits),
              [&](const LabelledPair& p) {
                  return distance(minhash_bits(nameless(p.one)), minhash_bits(nameless(p.other))) <= bits;
              });
    }
    for (const double least : {0.95, 0.9, 0.8, 0.7}) {
        print(pairs, fmt::format("Jaccard of token pairs >= {}", least),
              [&](const LabelledPair& p) { return jaccard(raw(p.one), raw(p.other)) >= least; });
        print(pairs, fmt::format("Jaccard of pairs in statements, names one >= {}", least),
              [&](const LabelledPair& p) { return jaccard(nameless(p.one), nameless(p.other)) >= least; });
    }
    print(pairs, "statements compared", repeats);
    for (const int bits : {3, 8, 12, 16})
        print(pairs, fmt::format("SimHash within {} bits, then statements compared", bits),
              [&](const LabelledPair& p) { return is_near(p, bits) && repeats(p); });
    for (const bool real : {false, true}) {
        std::vector<LabelledPair> part = pairs;
        std::erase_if(part, [&](const LabelledPair& pair) { return pair.is_real() != real; });
        print(part, fmt::format("the same, of {} pairs of {} edits", part.size(), real ? "real" : "made-up"),
              [](const LabelledPair& p) { return is_near(p, 16) && repeats(p); });
    }
    print_distances(pairs);
    print_by_transformation(pairs);
    fmt::print("\nwrong:\n");
    for (const LabelledPair& pair : pairs)
        if (repeats(pair) != pair.is_duplicate())
            fmt::print("  {:12} {:20} {}\n", pair.label, pair.how, pair.name);
}
