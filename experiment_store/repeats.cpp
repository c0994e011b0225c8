#include <algorithm>
#include <ranges>
#include <set>

#include "experiment_store/ledger_implementation.hpp"
#include "experiment_store/likeness.hpp"

// Failed experiments that a diff repeats, and answers that were given back for it.

namespace ratchet {

namespace {

// Measured on tests/data/duplicates; see docs/duplicates.md.

/// Fingerprints that differ in more bits are not looked at. What is the same but for its form differs in
/// none, what has a few statements more in about ten.
constexpr int farthest_fingerprint = 16;
/// So many of the nearest fingerprints are asked for their verdicts, and so many of the failures among them
/// are compared, token by token.
constexpr int fingerprints_looked_at = 256;
constexpr int diffs_compared = 8;

/// An estimate above zero: worth another try.
constexpr std::string_view near_misses = "('inconclusive', 'no-gain')";

struct EarlierFailure {
    bool near_miss = false;
    std::string diff;
};

/// The experiment itself or, where it was rejected as a duplicate, the one that it repeats: many may stand
/// for it.
ExperimentId original_of(Database& database, ExperimentId id) {
    return database
        .value<ExperimentId>(
            "SELECT duplicate_of FROM decision WHERE experiment = ? AND duplicate_of IS NOT NULL", id)
        .value_or(id);
}

/// The first experiment of the current epoch, or the one that will be: an epoch begins where the one before
/// has ended.
ExperimentId first_of_epoch(Database& database) {
    const auto current = *database.value<std::int64_t>("SELECT max(id) FROM epoch");
    const auto last = *database.value<std::int64_t>("SELECT max(id) FROM experiment");
    const auto numbers = std::views::iota(std::int64_t{1}, last + 1);
    // A damaged ledger may have gaps.
    const auto first = std::ranges::lower_bound(numbers, current, {}, [&](std::int64_t number) {
        return *database.value<std::int64_t>("SELECT epoch FROM experiment WHERE id >= ? ORDER BY id LIMIT 1",
                                             number);
    });
    return {first == numbers.end() ? last + 1 : *first};
}

/// The diff of this experiment, where it was run in this epoch and failed, or was vetoed.
std::optional<EarlierFailure> earlier_failure(Database& database, ExperimentId id) {
    Statement row = database.query(
        "SELECT decision.verdict IN " + std::string(near_misses) +
            " AND coalesce(effect_estimate, 0) > 0, diff FROM standing "
            "JOIN decision USING (experiment) JOIN proposal USING (experiment) WHERE experiment = ? "
            "AND standing.verdict NOT IN ('kept', 'rejected', 'no-proposal', 'interrupted') "
            "AND epoch = (SELECT max(id) FROM epoch)",
        id);
    if (!row.next()) return std::nullopt;
    EarlierFailure found;
    found.near_miss = row.take<bool>();
    found.diff = row.take<Compressed>().text;
    return found;
}

void insert_returned(Database& database, ExperimentId id, const Returned& returned) {
    const Notes& notes = returned.notes;
    const Usage& usage = returned.usage;
    database.run(
        "INSERT INTO returned (experiment, diff, hypothesis, expected_effect, risk, learned, failure, "
        "duplicate_of, likeness, told, requests, input_tokens, output_tokens, cost, wall_seconds, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, Compressed{returned.diff}, notes.hypothesis, notes.expected_effect, notes.risk, notes.learned,
        returned.failure, returned.duplicate_of, returned.likeness, Compressed{returned.told}, usage.requests,
        usage.input_tokens, usage.output_tokens, usage.cost, usage.wall_seconds, returned.at);
    for (std::size_t i = 0; i < notes.next_ideas.size(); ++i) {
        database.run("INSERT INTO returned_idea (experiment, position, text) VALUES (?, ?, ?)", id, i,
                     notes.next_ideas[i]);
    }
    insert_model_requests(database, id, true, returned.model_requests);
}

}  // namespace

std::optional<Returned> read_returned(Database& database, ExperimentId id) {
    Statement row = database.query(
        "SELECT diff, hypothesis, expected_effect, risk, learned, failure, duplicate_of, likeness, told, "
        "requests, input_tokens, output_tokens, cost, wall_seconds, at FROM returned WHERE experiment = ?",
        id);
    if (!row.next()) return std::nullopt;
    Returned returned;
    returned.diff = row.take<Compressed>().text;
    returned.notes.hypothesis = row.take<std::string>();
    returned.notes.expected_effect = row.take<std::string>();
    returned.notes.risk = row.take<std::string>();
    returned.notes.learned = row.take<std::string>();
    returned.failure = row.take<std::string>();
    returned.duplicate_of = row.take<ExperimentId>();
    returned.likeness = row.take<Likeness>();
    returned.told = row.take<Compressed>().text;
    returned.usage = {row.take<std::int64_t>(), row.take<std::int64_t>(), row.take<std::int64_t>(),
                      row.take<std::optional<double>>(), row.take<double>()};
    returned.at = row.take<Timestamp>();
    Statement ideas =
        database.query("SELECT text FROM returned_idea WHERE experiment = ? ORDER BY position", id);
    while (ideas.next())
        returned.notes.next_ideas.push_back(ideas.take<std::string>());
    returned.model_requests = read_model_requests(database, id, true);
    return returned;
}

void Ledger::store_returned(ExperimentId id, const Returned& returned) {
    Database& database = implementation_->database;
    Transaction transaction(database);
    const auto stage = database.value<Stage>("SELECT stage FROM standing WHERE experiment = ?", id);
    if (stage != Stage::planned || read_returned(database, id)) {
        throw MachineryError("an answer is given back once, and before there is a proposal");
    }
    insert_returned(database, id, returned);
    transaction.commit();
}

std::vector<Repeat> Ledger::repeats(std::string_view diff, ExperimentId except, int limit) const {
    if (diff.size() > most_compared_bytes) return {};
    const ReadDiff proposed = read_diff(diff);
    const std::uint64_t fingerprint = fingerprint_of(proposed);
    if (fingerprint == 0) return {};
    Database& database = implementation_->database;
    Transaction snapshot(database, Transaction::Kind::read);
    implementation_->fingerprints.refresh(database);
    std::vector<Repeat> found;
    std::set<ExperimentId> seen;
    int compared = 0;
    int reformatted = 0;
    for (const Near& near : implementation_->fingerprints.near(
             fingerprint, farthest_fingerprint, fingerprints_looked_at, first_of_epoch(database))) {
        const ExperimentId id = original_of(database, near.experiment);
        if (id == except || !seen.insert(id).second) continue;
        const std::optional<EarlierFailure> earlier = earlier_failure(database, id);
        if (!earlier || earlier->diff.size() > most_compared_bytes) continue;
        const std::optional<Likeness> likeness = ratchet::likeness(proposed, read_diff(earlier->diff));
        const bool to_be_taken_up = earlier->near_miss && likeness == Likeness::near;
        if (likeness && !to_be_taken_up) {
            const bool same = likeness == Likeness::reformatted;
            found.insert(same ? found.begin() + reformatted++ : found.end(), {id, *likeness});
        }
        if (++compared == diffs_compared) break;
    }
    if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
    return found;
}

}  // namespace ratchet
