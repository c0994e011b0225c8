#include "experiment_store/derived_ideas.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiment_store/idea_words.hpp"
#include "experiment_store/values.hpp"

// What tried an idea, and the ideas that a text tries or says again, are looked for by hashes of words: what
// tried something by all of its words (tried_word), an idea by its rarest (idea_word). Two words in common
// make a candidate, whose words are then compared with all of these. These are tables and no index of full
// text: to count a word in one of those (fts5vocab) writes out all that the transaction has added to it.

namespace ratchet {

namespace {

/// So many texts are compared at most, the newest first, and a word that as many have is common: the cost
/// stays flat.
constexpr int texts_compared = 50;
/// With three quarters of an idea's words in common, two of any 4 of them are, for an idea of up to 11 words.
constexpr std::size_t words_looked_for = 4;
/// Common words are looked for in the newest experiments.
constexpr std::int64_t experiments_looked_at = 2000;

/// The id of an experiment's idea at position p is `experiment * ids_of_an_experiment + p + 1`.
constexpr std::int64_t ids_of_an_experiment = 64;

/// Where words are looked up: what has which word.
struct WordIndex {
    std::string_view count;         ///< of what has word ?, up to ?
    std::string_view newest_first;  ///< the ids of what has word ? that are larger than ?
    std::int64_t ids_of_an_experiment;
};

constexpr WordIndex tried_texts = {
    "SELECT count(*) FROM (SELECT 1 FROM tried_word WHERE word = ? LIMIT ?)",
    "SELECT experiment FROM tried_word WHERE word = ? AND experiment > ? ORDER BY experiment DESC", 1};
constexpr WordIndex ideas = {"SELECT count(*) FROM (SELECT 1 FROM idea_word WHERE word = ? LIMIT ?)",
                             "SELECT idea FROM idea_word WHERE word = ? AND idea > ? ORDER BY idea DESC",
                             ids_of_an_experiment};

/// A hashed word, and how many have it: so many at least, where it is common.
struct WordOfIdea {
    std::int64_t count = 0;
    std::int64_t hash = 0;  ///< as SQLite has it

    [[nodiscard]] bool is_common() const { return count == texts_compared; }
    auto operator<=>(const WordOfIdea&) const = default;
};

std::vector<WordOfIdea> counted(Database& database, const WordIndex& index, const IdeaWords& words) {
    std::vector<WordOfIdea> all;
    all.reserve(words.size());
    for (const std::uint64_t word : words)
        all.push_back({*database.value<std::int64_t>(index.count, word, texts_compared),
                       static_cast<std::int64_t>(word)});
    return all;
}

/// The rarest words of an idea, among what was tried.
std::vector<WordOfIdea> rarest_of(Database& database, const IdeaWords& words) {
    std::vector<WordOfIdea> all = counted(database, tried_texts, words);
    std::sort(all.begin(), all.end());
    all.resize(std::min(all.size(), words_looked_for));
    return all;
}

/// What has a word, the newest first.
class WithWord {
  public:
    WithWord(Database& database, const WordIndex& index, const WordOfIdea& word, std::int64_t after)
        : rows_(database.query(index.newest_first, word.hash, after)) {
        go_on();
    }

    /// 0: there is no more.
    [[nodiscard]] std::int64_t id() const { return id_; }

    void go_on() { id_ = rows_.next() ? rows_.take<std::int64_t>() : 0; }

  private:
    Statement rows_;
    std::int64_t id_ = 0;
};

/// Visits what has two of these words (the one, where there is no other), the newest first, until `visit` has
/// found what it looks for or has seen enough. What is older than `experiments_looked_at` is visited where it
/// has one word that is not common.
void find_with_two_of(Database& database, const WordIndex& index, ExperimentId now,
                      const std::vector<WordOfIdea>& words,
                      const std::function<bool(std::int64_t id)>& visit) {
    const std::int64_t long_ago = (now.value - experiments_looked_at) * index.ids_of_an_experiment;
    std::vector<WithWord> lists;
    for (const WordOfIdea& word : words)
        lists.emplace_back(database, index, word, word.is_common() ? long_ago : 0);
    const std::size_t enough = std::min<std::size_t>(2, lists.size());
    for (int left = texts_compared; left > 0;) {
        std::int64_t newest = 0;
        for (const WithWord& list : lists)
            newest = std::max(newest, list.id());
        if (newest == 0) return;
        std::size_t in_common = 0;
        for (WithWord& list : lists) {
            if (list.id() != newest) continue;
            ++in_common;
            list.go_on();
        }
        if (in_common < enough && newest > long_ago) continue;
        --left;
        if (visit(newest)) return;
    }
}

/// Words as they stand in a row.
IdeaWords words_at(Database& database, std::string_view sql, std::int64_t id) {
    return database.value<IdeaWords>(sql, id).value_or(IdeaWords{});
}

/// The newest experiment that tried the idea.
std::optional<ExperimentId> tried_before(Database& database, ExperimentId now, const IdeaWords& idea,
                                         const std::vector<WordOfIdea>& rarest) {
    std::optional<ExperimentId> found;
    find_with_two_of(database, tried_texts, now, rarest, [&](std::int64_t experiment) {
        if (tries(words_at(database, "SELECT words FROM tried_idea WHERE experiment = ?", experiment), idea))
            found = ExperimentId{experiment};
        return found.has_value();
    });
    return found;
}

IdeaWords words_of_idea(Database& database, std::int64_t idea) {
    return words_at(database, "SELECT words FROM idea_fate WHERE id = ?", idea);
}

void mark_as_tried(Database& database, ExperimentId id) {
    const IdeaWords words = hashed_idea_words(
        database.value<std::string>("SELECT idea FROM standing WHERE experiment = ?", id).value_or(""));
    std::vector<std::int64_t> tried;
    find_with_two_of(database, ideas, id, counted(database, ideas, words), [&](std::int64_t idea) {
        if (tries(words, words_of_idea(database, idea))) tried.push_back(idea);
        return false;
    });
    for (const std::int64_t idea : tried)
        database.run("UPDATE idea_fate SET tried_as = ?2 WHERE id = ?1", idea, id);
    database.run("INSERT INTO tried_idea (experiment, words) VALUES (?, ?)", id, words);
    for (const std::uint64_t word : words)
        database.run("INSERT INTO tried_word (word, experiment) VALUES (?, ?)", word, id);
}

void add_idea(Database& database, ExperimentId id, std::int64_t position, const std::string& text) {
    const IdeaWords words = hashed_idea_words(text);
    std::int64_t known = 0;
    find_with_two_of(database, ideas, id, counted(database, ideas, words), [&](std::int64_t idea) {
        if (same_idea(words_of_idea(database, idea), words)) known = idea;
        return known != 0;
    });
    if (known != 0) {
        database.run(
            "UPDATE idea_fate SET experiment = ?2, position = ?3, words = ?4, times = times + 1 WHERE id = "
            "?1",
            known, id, position, words);
        return;
    }
    const std::vector<WordOfIdea> rarest = rarest_of(database, words);
    const std::int64_t its_id = id.value * ids_of_an_experiment + position + 1;
    database.run(
        "INSERT INTO idea_fate (id, experiment, position, words, times, tried_as) VALUES (?, ?, ?, ?, 1, ?)",
        its_id, id, position, words, tried_before(database, id, words, rarest));
    for (const WordOfIdea& word : rarest)
        database.run("INSERT INTO idea_word (word, idea) VALUES (?, ?)", word.hash, its_id);
}

}  // namespace

void derive_idea_fates(Database& database, ExperimentId id, bool was_run) {
    if (was_run) mark_as_tried(database, id);
    std::vector<std::pair<std::int64_t, std::string>> left;
    Statement rows = database.query(
        "SELECT position, text FROM next_idea WHERE experiment = ? AND position < ? ORDER BY position", id,
        ids_of_an_experiment - 1);
    while (rows.next()) {
        const auto position = rows.take<std::int64_t>();
        left.emplace_back(position, rows.take<std::string>());
    }
    for (const auto& [position, text] : left)
        add_idea(database, id, position, text);
}

}  // namespace ratchet
