#include "experiment_store/derived_ideas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "experiment_store/idea_words.hpp"
#include "experiment_store/values.hpp"

// What tried an idea is looked for by a few of its words in an index of words (full_text_of_ideas). An idea
// is looked for by the pairs of its rarest words (idea_pair), of which there is one in whatever has most
// words of the idea. What is found is compared as a whole; little is found that is something else. The pairs
// are a table, since an index of words would look up each of a hundred in each of its segments: a millisecond
// for every idea.

namespace ratchet {

namespace {

using IdeaWords = std::vector<std::string>;

/// So many texts are compared at most, the newest first, and so often is a word counted: the cost stays flat.
constexpr int texts_compared = 50;
/// With three quarters of an idea's words in common, two of any 4 of them are, for an idea of up to 11 words.
constexpr std::size_t words_looked_for = 4;
/// Where an idea has common words only, so many of the newest experiments are looked at.
constexpr std::int64_t experiments_looked_at = 2000;

/// The row of what an experiment tried is `id * rows_of_an_experiment`, that of its idea at position p comes
/// p + 1 later.
constexpr std::int64_t rows_of_an_experiment = 64;

/// An idea that was left before.
struct KnownIdea {
    std::int64_t id = 0;
    IdeaWords words;
    std::optional<ExperimentId> tried_as;
};

/// A word as the index has it: hashed (FNV-1a), so that no character of a text means anything to the index.
std::string word_token(char kind, std::string_view word) {
    std::uint32_t hash = 0x811c9dc5U;
    for (const char c : word)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
    return fmt::format("{}{:08x}", kind, hash);
}
constexpr char tried_word = 't';

/// FNV-1a of both words, and the finaliser of MurmurHash3.
std::int64_t pair_hash(const std::string& one, const std::string& other) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : fmt::format("{} {}", one, other))
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
    return static_cast<std::int64_t>(hash ^ (hash >> 33U));
}

/// The rarest words of an idea, among what was tried.
struct RareWords {
    IdeaWords words;
    bool all_common = false;  ///< but for one at most
};

RareWords rarest_of(Database& database, const IdeaWords& words) {
    std::vector<std::pair<std::int64_t, std::string>> counted;
    for (const std::string& word : words) {
        counted.emplace_back(*database.value<std::int64_t>(
                                 "SELECT count(*) FROM (SELECT 1 FROM idea_word WHERE term = ? LIMIT ?)",
                                 word_token(tried_word, word), texts_compared),
                             word);
    }
    std::sort(counted.begin(), counted.end());
    RareWords result;
    for (std::size_t i = 0; i < std::min(counted.size(), words_looked_for); ++i)
        result.words.push_back(counted[i].second);
    result.all_common = counted.size() > 1 && counted[1].first >= texts_compared;
    return result;
}

/// Where there is no pair, the word alone.
std::vector<std::int64_t> pairs_of(IdeaWords words) {
    if (words.size() == 1) return {pair_hash(words.front(), {})};
    std::sort(words.begin(), words.end());
    std::vector<std::int64_t> pairs;
    for (std::size_t one = 0; one < words.size(); ++one) {
        for (std::size_t other = one + 1; other < words.size(); ++other)
            pairs.push_back(pair_hash(words[one], words[other]));
    }
    return pairs;
}

void index_words(Database& database, std::int64_t row, const IdeaWords& words) {
    std::string tokens;
    for (const std::string& word : words)
        tokens += word_token(tried_word, word) + ' ';
    database.run("INSERT INTO full_text_of_ideas (rowid, words) VALUES (?, ?)", row, tokens);
}

/// Visits the newest rows that the query finds, until it has seen enough.
void for_each_row(Database& database, const std::string& query, std::int64_t after,
                  const std::function<void(std::int64_t row)>& visit) {
    if (query.empty()) return;
    Statement rows = database.query(
        "SELECT rowid FROM full_text_of_ideas WHERE full_text_of_ideas MATCH ? AND rowid > ? "
        "ORDER BY rowid DESC LIMIT ?",
        query, after, texts_compared);
    while (rows.next())
        visit(rows.take<std::int64_t>());
}

/// What was tried with two of these words; with the one, where there is one only.
std::string query_for(const IdeaWords& words) {
    std::string query;
    for (std::size_t one = 0; one < words.size(); ++one) {
        for (std::size_t other = one + 1; other < words.size(); ++other) {
            query += fmt::format("{}({} AND {})", query.empty() ? "" : " OR ",
                                 word_token(tried_word, words[one]), word_token(tried_word, words[other]));
        }
    }
    return words.size() == 1 ? word_token(tried_word, words.front()) : query;
}

std::string tried_idea(Database& database, ExperimentId id) {
    return database.value<std::string>("SELECT idea FROM standing WHERE experiment = ?", id).value_or("");
}

/// The newest experiment that tried the idea.
std::optional<ExperimentId> tried_before(Database& database, ExperimentId now, const IdeaWords& idea,
                                         const RareWords& rare) {
    const std::int64_t after =
        rare.all_common ? (now.value - experiments_looked_at) * rows_of_an_experiment : 0;
    std::optional<ExperimentId> found;
    for_each_row(database, query_for(rare.words), after, [&](std::int64_t row) {
        const ExperimentId candidate{row / rows_of_an_experiment};
        if (!found && tries(idea_words(tried_idea(database, candidate)), idea)) found = candidate;
    });
    return found;
}

/// The newest ideas that have two of these words among their rarest.
std::vector<KnownIdea> known_ideas(Database& database, const IdeaWords& words) {
    std::set<std::int64_t, std::greater<>> rows;
    for (const std::int64_t pair : pairs_of(words)) {
        Statement ideas = database.query(
            "SELECT idea FROM idea_pair WHERE pair = ? ORDER BY idea DESC LIMIT ?", pair, texts_compared);
        while (ideas.next())
            rows.insert(ideas.take<std::int64_t>());
    }
    std::vector<KnownIdea> known;
    int left = texts_compared;
    for (const std::int64_t row : rows) {
        if (left-- == 0) break;
        Statement idea = database.query(
            "SELECT text, tried_as FROM idea_fate JOIN next_idea USING (experiment, position) WHERE id = ?",
            row);
        if (!idea.next()) continue;
        IdeaWords its = idea_words(idea.take<std::string>());
        known.push_back({row, std::move(its), idea.take<std::optional<ExperimentId>>()});
    }
    return known;
}

void mark_as_tried(Database& database, ExperimentId id) {
    const IdeaWords words = idea_words(tried_idea(database, id));
    if (words.empty()) return;
    for (const KnownIdea& idea : known_ideas(database, words)) {
        if (tries(words, idea.words))
            database.run("UPDATE idea_fate SET tried_as = ?2 WHERE id = ?1", idea.id, id);
    }
    index_words(database, id.value * rows_of_an_experiment, words);
}

void add_idea(Database& database, ExperimentId id, std::int64_t position, const std::string& text) {
    const IdeaWords words = idea_words(text);
    const std::vector<KnownIdea> known = known_ideas(database, words);
    const auto same = std::find_if(known.begin(), known.end(),
                                   [&](const KnownIdea& idea) { return same_idea(idea.words, words); });
    if (same != known.end()) {
        database.run("UPDATE idea_fate SET experiment = ?2, position = ?3, times = times + 1 WHERE id = ?1",
                     same->id, id, position);
        return;
    }
    const RareWords rare = rarest_of(database, words);
    const std::int64_t row = id.value * rows_of_an_experiment + position + 1;
    database.run("INSERT INTO idea_fate (id, experiment, position, times, tried_as) VALUES (?, ?, ?, 1, ?)",
                 row, id, position, tried_before(database, id, words, rare));
    for (const std::int64_t pair : pairs_of(rare.words))
        database.run("INSERT OR IGNORE INTO idea_pair (pair, idea) VALUES (?, ?)", pair, row);
}

}  // namespace

void derive_idea_fates(Database& database, ExperimentId id, bool was_run) {
    if (was_run) mark_as_tried(database, id);
    std::vector<std::pair<std::int64_t, std::string>> left;
    Statement rows = database.query(
        "SELECT position, text FROM next_idea WHERE experiment = ? AND position < ? ORDER BY position", id,
        rows_of_an_experiment - 1);
    while (rows.next()) {
        const auto position = rows.take<std::int64_t>();
        left.emplace_back(position, rows.take<std::string>());
    }
    for (const auto& [position, text] : left)
        add_idea(database, id, position, text);
}

}  // namespace ratchet
