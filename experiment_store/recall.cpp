#include "experiment_store/recall.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "experiment_store/characters.hpp"
#include "experiment_store/likeness.hpp"
#include "experiment_store/values.hpp"

namespace ratchet {

namespace {

/// So many of the rarest words make a query; see matches.
constexpr std::size_t words_of_a_query = 6;
constexpr std::size_t words_of_a_text = 64;

/// Words of one letter say nothing.
constexpr std::size_t shortest_word = 2;

/// Splits as the index does (unicode61) where the text is ASCII; other characters are left for the index to
/// judge.
std::set<std::string> words_in(std::string_view text) {
    std::set<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (word.size() >= shortest_word && words.size() < words_of_a_text) words.insert(word);
        word.clear();
    };
    for (const char c : text) {
        if (is_letter(c) || is_digit(c) || is_beyond_ascii(c)) {
            word += lower(c);
        } else {
            end_word();
        }
    }
    end_word();
    return words;
}

}  // namespace

void remember(Database& database, ExperimentId id, const Document& document) {
    database.run(
        "INSERT INTO full_text (rowid, idea, notes, reason, files, output) VALUES (?, ?, ?, ?, ?, ?)", id,
        document.idea, document.notes, document.reason, document.files, document.output);
}

void forget(Database& database, ExperimentId id, const Document& document) {
    database.run(
        "INSERT INTO full_text (full_text, rowid, idea, notes, reason, files, output) "
        "VALUES ('delete', ?, ?, ?, ?, ?, ?)",
        id, document.idea, document.notes, document.reason, document.files, document.output);
}

namespace {

struct CountedWord {
    std::string word;
    std::int64_t places = 0;
};

/// In how many places a word stands, up to `common_word`. The vocabulary spells words as the index folds them
/// (case, accents); that is known for ASCII only, so other words are looked up in the index itself.
std::int64_t count_places(Database& database, const std::string& word) {
    if (std::none_of(word.begin(), word.end(), is_beyond_ascii)) {
        return *database.value<std::int64_t>(
            "SELECT count(*) FROM (SELECT 1 FROM word_place WHERE term = ? LIMIT ?)", word, common_word);
    }
    return *database.value<std::int64_t>(
        "SELECT count(*) FROM (SELECT 1 FROM full_text WHERE full_text MATCH '\"' || ? || '\"' LIMIT ?)",
        word, common_word);
}

/// Rarest first; words that stand nowhere are left out.
std::vector<CountedWord> counted_words(Database& database, std::string_view text) {
    std::vector<CountedWord> counted;
    for (const std::string& word : words_in(text)) {
        const std::int64_t places = count_places(database, word);
        if (places > 0) counted.push_back({word, places});
    }
    std::sort(counted.begin(), counted.end(), [](const CountedWord& a, const CountedWord& b) {
        return std::tie(a.places, a.word) < std::tie(b.places, b.word);
    });
    return counted;
}

}  // namespace

std::vector<std::string> rarest_words(Database& database, std::string_view text, std::size_t limit) {
    std::vector<std::string> words;
    for (const CountedWord& counted : counted_words(database, text)) {
        if (words.size() < limit) words.push_back(counted.word);
    }
    return words;
}

namespace {

/// Among the newest `common_word` experiments those that have the most of these words, an idea counting
/// more; then the newest. Not by bm25, which would count in how many of a million documents each word stands.
std::vector<ExperimentId> newest_with_most(Database& database, const std::vector<CountedWord>& words,
                                           int limit) {
    constexpr int weight_of_an_idea = 2;
    std::map<std::int64_t, int> scores;
    const auto newest = *database.value<std::int64_t>("SELECT coalesce(max(id), 0) FROM experiment");
    const auto add = [&](const std::string& query, int weight) {
        Statement rows = database.query("SELECT rowid FROM full_text WHERE full_text MATCH ? AND rowid > ?",
                                        query, newest - common_word);
        while (rows.next())
            scores[rows.take<std::int64_t>()] += weight;
    };
    for (std::size_t i = 0; i < std::min(words.size(), words_of_a_query); ++i) {
        add(fmt::format("\"{}\"", words[i].word), 1);
        add(fmt::format("idea : \"{}\"", words[i].word), weight_of_an_idea);
    }
    std::vector<std::pair<int, std::int64_t>> ranked;
    ranked.reserve(scores.size());
    for (const auto& [id, score] : scores)
        ranked.emplace_back(score, id);
    std::sort(ranked.rbegin(), ranked.rend());
    std::vector<ExperimentId> found;
    for (const auto& [score, id] : ranked) {
        if (static_cast<int>(found.size()) < limit) found.push_back({id});
    }
    return found;
}

}  // namespace

std::vector<ExperimentId> matches(Database& database, std::string_view text, int limit) {
    const std::vector<CountedWord> words = counted_words(database, text);
    if (words.empty()) return {};
    if (words.front().places >= common_word) return newest_with_most(database, words, limit);
    std::string query;
    std::int64_t places = 0;
    for (std::size_t i = 0; i < std::min(words.size(), words_of_a_query); ++i) {
        places += words[i].places;
        if (places > common_word) break;
        query += (query.empty() ? "\"" : " OR \"") + words[i].word + "\"";
    }
    // The weights of the columns in their order: what somebody wrote about an experiment tells more than its
    // output.
    Statement rows = database.query(
        "SELECT rowid FROM full_text WHERE full_text MATCH ?1 "
        "ORDER BY bm25(full_text, 8.0, 4.0, 2.0, 4.0, 1.0), rowid DESC LIMIT ?2",
        query, limit);
    std::vector<ExperimentId> found;
    while (rows.next())
        found.push_back(rows.take<ExperimentId>());
    return found;
}

namespace {

constexpr std::int64_t fingerprints_of_a_block = 1024;

}  // namespace

void Fingerprints::derive_block(Database& database, std::int64_t id) {
    if (id % fingerprints_of_a_block != 0) return;
    std::vector<std::uint64_t> numbers;
    Statement rows =
        database.query("SELECT experiment, value FROM fingerprint WHERE id > ?1 AND id <= ?2 ORDER BY id",
                       id - fingerprints_of_a_block, id);
    while (rows.next()) {
        numbers.push_back(rows.take<std::uint64_t>());
        numbers.push_back(rows.take<std::uint64_t>());
    }
    database.run("INSERT INTO fingerprint_block (last, bytes) VALUES (?, ?)", id, numbers);
}

void Fingerprints::read_blocks(Database& database) {
    Statement blocks =
        database.query("SELECT last, bytes FROM fingerprint_block WHERE last > ? ORDER BY last", last_row_);
    while (blocks.next()) {
        last_row_ = blocks.take<std::int64_t>();
        const auto numbers = blocks.take<std::vector<std::uint64_t>>();
        for (std::size_t i = 1; i < numbers.size(); i += 2) {
            experiments_.push_back({static_cast<std::int64_t>(numbers[i - 1])});
            values_.push_back(numbers[i]);
        }
    }
}

void Fingerprints::refresh(Database& database) {
    Transaction snapshot(database, Transaction::Kind::read);
    if (values_.empty()) read_blocks(database);
    Statement rows = database.query("SELECT id, experiment, value FROM fingerprint WHERE id > ?", last_row_);
    while (rows.next()) {
        last_row_ = rows.take<std::int64_t>();
        experiments_.push_back(rows.take<ExperimentId>());
        values_.push_back(rows.take<std::uint64_t>());
    }
}

void Fingerprints::clear() {
    *this = {};
}

namespace {

/// As std::popcount, which is a call for each value where the processor is not known to have an instruction
/// for it; this becomes vector code (Warren, Hacker's Delight, 5-1).
std::uint64_t bits_set(std::uint64_t value) {
    value -= value >> 1U & 0x5555555555555555U;
    value = (value & 0x3333333333333333U) + (value >> 2U & 0x3333333333333333U);
    value = (value + (value >> 4U)) & 0x0f0f0f0f0f0f0f0fU;
    value += value >> 8U;
    value += value >> 16U;
    value += value >> 32U;
    return value & 0x7fU;
}

/// A fixed number, so that the compiler needs no loop for what is left over.
constexpr std::size_t values_at_once = 256;

}  // namespace

std::vector<Near> Fingerprints::near(std::uint64_t fingerprint, int max_distance, int limit,
                                     ExperimentId from) const {
    std::vector<Near> found;
    std::array<std::uint64_t, values_at_once> distances{};
    for (std::size_t begin = 0; begin < values_.size(); begin += values_at_once) {
        const std::size_t count = std::min(values_at_once, values_.size() - begin);
        std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(begin), count, distances.begin());
        for (std::uint64_t& value : distances)
            value = bits_set(value ^ fingerprint);
        for (std::size_t i = 0; i < count; ++i) {
            const auto bits = static_cast<int>(distances[i]);
            if (bits <= max_distance && experiments_[begin + i] >= from)
                found.push_back({experiments_[begin + i], bits});
        }
    }
    const auto kept = std::min(found.size(), static_cast<std::size_t>(std::max(limit, 0)));
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(kept), found.end(),
                      [](const Near& a, const Near& b) {
                          return a.distance != b.distance ? a.distance < b.distance
                                                          : a.experiment > b.experiment;
                      });
    found.resize(kept);
    return found;
}

}  // namespace ratchet
