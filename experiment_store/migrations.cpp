#include "experiment_store/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "experiment_store/derived.hpp"
#include "experiment_store/errors.hpp"
#include "experiment_store/schema.hpp"
#include "experiment_store/values.hpp"

namespace ratchet {

namespace {

// Version 1 is the first schema.
constexpr Migration first = {1, "2026-11-22", "first schema", {}};

// Facts that are new in version 2; schema.sql says what they are.
constexpr std::string_view facts_of_version_2 = R"sql(
-- A first answer that was given back to its proposer, since it repeats a failed experiment: it was paid for. What came
-- of asking once more is the proposal.
CREATE TABLE returned (
    experiment      INTEGER PRIMARY KEY REFERENCES experiment,
    diff            BLOB NOT NULL,         -- zstd
    hypothesis      TEXT NOT NULL,
    expected_effect TEXT NOT NULL,
    risk            TEXT NOT NULL,
    learned         TEXT NOT NULL,
    failure         TEXT NOT NULL,         -- why the proposer failed, though it left a diff
    duplicate_of    INTEGER NOT NULL REFERENCES decision,
    likeness        TEXT NOT NULL,
    told            BLOB NOT NULL,         -- zstd: what stood below the prompt when the proposer was asked again
    requests        INTEGER NOT NULL,
    input_tokens    INTEGER NOT NULL,
    output_tokens   INTEGER NOT NULL,
    cost            REAL,                  -- US dollars, where known; the proposal's has it too
    wall_seconds    REAL NOT NULL,
    at              INTEGER NOT NULL
) STRICT;

CREATE TABLE returned_idea (
    experiment INTEGER NOT NULL REFERENCES returned,
    position   INTEGER NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (experiment, position)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER returned_is_never_updated BEFORE UPDATE ON returned BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER returned_is_never_deleted BEFORE DELETE ON returned BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER returned_idea_is_never_updated BEFORE UPDATE ON returned_idea BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER returned_idea_is_never_deleted BEFORE DELETE ON returned_idea BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE INDEX decision_by_duplicate ON decision (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE TABLE brief_reason (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    text       TEXT NOT NULL
) STRICT;
CREATE TABLE margin_test (
    id         INTEGER PRIMARY KEY,
    experiment INTEGER NOT NULL UNIQUE REFERENCES experiment,
    margin     REAL NOT NULL,              -- an effect, > 0
    at         INTEGER NOT NULL
) STRICT;
CREATE TABLE branching (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    champion   TEXT NOT NULL
) STRICT;
CREATE INDEX decision_not_worse ON decision (at) WHERE basis = 'not-worse';
CREATE TRIGGER brief_reason_is_never_updated BEFORE UPDATE ON brief_reason BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER brief_reason_is_never_deleted BEFORE DELETE ON brief_reason BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER margin_test_is_never_updated BEFORE UPDATE ON margin_test BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER margin_test_is_never_deleted BEFORE DELETE ON margin_test BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER branching_is_never_updated BEFORE UPDATE ON branching BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER branching_is_never_deleted BEFORE DELETE ON branching BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
)sql";

// Facts that are new in version 3.
constexpr std::string_view facts_of_version_3 = R"sql(
CREATE TABLE model_request (
    experiment    INTEGER NOT NULL REFERENCES experiment,
    returned      INTEGER NOT NULL CHECK (returned IN (0, 1)), -- for an answer that was given back
    position      INTEGER NOT NULL,
    protocol      TEXT NOT NULL,
    model         TEXT NOT NULL,
    status        INTEGER NOT NULL,        -- of HTTP; 0: there was no answer
    streamed      INTEGER NOT NULL CHECK (streamed IN (0, 1)),
    wall_seconds  REAL NOT NULL,
    input_tokens  INTEGER NOT NULL,        -- those that came from the provider's cache included
    cached_tokens INTEGER NOT NULL,        -- those that came from it
    output_tokens INTEGER NOT NULL,
    cost          REAL,                    -- US dollars, by the prices of the time; NULL where the model had none
    at            INTEGER NOT NULL,
    PRIMARY KEY (experiment, returned, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE proposal_model (
    experiment INTEGER PRIMARY KEY REFERENCES proposal,
    model      TEXT NOT NULL
) STRICT;

CREATE TABLE repair (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    repair_of  INTEGER NOT NULL UNIQUE REFERENCES decision
) STRICT;

CREATE TABLE proposer_reason (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    text       TEXT NOT NULL
) STRICT;
CREATE TRIGGER model_request_is_never_updated BEFORE UPDATE ON model_request BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER model_request_is_never_deleted BEFORE DELETE ON model_request BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposal_model_is_never_updated BEFORE UPDATE ON proposal_model BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposal_model_is_never_deleted BEFORE DELETE ON proposal_model BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER repair_is_never_updated BEFORE UPDATE ON repair BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER repair_is_never_deleted BEFORE DELETE ON repair BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposer_reason_is_never_updated BEFORE UPDATE ON proposer_reason BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposer_reason_is_never_deleted BEFORE DELETE ON proposer_reason BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
)sql";

// What was derived up to version 3 and is no more.
constexpr std::string_view taken_away_in_version_4 = R"sql(
DROP TABLE IF EXISTS idea_word;
DROP TABLE IF EXISTS full_text_of_ideas;
DROP TABLE IF EXISTS idea_pair;
)sql";

// The tables of ideas, with their words as they are compared.
constexpr std::string_view ideas_of_version_5 = R"sql(
DROP TABLE IF EXISTS idea_fate;
DROP TABLE IF EXISTS idea_word;
DROP TABLE IF EXISTS tried_word;
CREATE TABLE idea_fate (
    id         INTEGER PRIMARY KEY,
    experiment INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    words      BLOB NOT NULL,
    times      INTEGER NOT NULL,
    tried_as   INTEGER
) STRICT;
CREATE INDEX idea_fate_untried ON idea_fate (experiment, position) WHERE tried_as IS NULL;
CREATE INDEX idea_fate_tried ON idea_fate (experiment, position) WHERE tried_as IS NOT NULL;
CREATE TABLE idea_word (
    word INTEGER NOT NULL,
    idea INTEGER NOT NULL,
    PRIMARY KEY (word, idea)
) STRICT, WITHOUT ROWID;
CREATE TABLE tried_idea (
    experiment INTEGER PRIMARY KEY,
    words      BLOB NOT NULL
) STRICT;
CREATE TABLE tried_word (
    word       INTEGER NOT NULL,
    experiment INTEGER NOT NULL,
    PRIMARY KEY (word, experiment)
) STRICT, WITHOUT ROWID;
)sql";

using Derives = Migration::Derives;
constexpr std::array steps_after_first = {
    Migration{2, "2026-11-26", "memory at a million experiments", facts_of_version_2, Derives::everything},
    Migration{3, "2026-11-26", "what proposals cost", facts_of_version_3, Derives::everything},
    Migration{4, "2026-11-26", "the words of what was tried", taken_away_in_version_4, Derives::everything},
    Migration{5, "2026-11-27", "the words of ideas, as they are compared", ideas_of_version_5,
              Derives::ideas},
};

std::int64_t version_of(Database& database) {
    return *database.value<std::int64_t>("PRAGMA user_version");
}

/// Whether nobody has written anything into this database yet.
bool is_blank(Database& database) {
    return *database.value<std::int64_t>("PRAGMA application_id") == 0 && version_of(database) == 0 &&
           *database.value<std::int64_t>("SELECT count(*) FROM sqlite_schema") == 0;
}

void expect_ledger(Database& database, std::int64_t newest) {
    if (*database.value<std::int64_t>("PRAGMA application_id") != ledger_application_id) {
        throw UserError("this database belongs to another program; it is not a ledger of ratchet",
                        "It was left as it is. Move it away; then put a backup of the ledger in its place "
                        "(docs/ledger.md "
                        "says how), or let `ratchet run` begin a new one.");
    }
    if (const std::int64_t version = version_of(database); version > newest) {
        throw UserError(
            fmt::format("this ledger was written by a newer ratchet: its schema has version {}, and this "
                        "program knows versions up to {}",
                        version, newest),
            "It was left as it is, and everything in it is safe: update ratchet. A ledger is never changed "
            "back "
            "to an older version.");
    }
}

void set_version(Database& database, const Migration& step, Timestamp now) {
    database.run("INSERT INTO schema_history (version, name, dated, applied_at) VALUES (?, ?, ?, ?)",
                 step.version, step.name, step.dated, now);
    database.script(fmt::format("PRAGMA user_version = {}", step.version));
}

void create(Database& database, Timestamp now, const Migration& newest) {
    Transaction transaction(database);
    if (!is_blank(database)) return;  // somebody else was faster
    create_without_history(database);
    set_version(database, newest, now);
    transaction.commit();
}

/// What is derived is made by the program of today, hence at the end, from facts that all have to be there.
void bring_up_to_date(Database& database, std::span<const Migration> steps, Timestamp now) {
    Transaction transaction(database);
    const std::int64_t found = version_of(database);  // perhaps somebody else was faster
    Derives derives = Derives::nothing;
    for (const Migration& step : steps) {
        if (step.version <= found) continue;
        database.script(std::string(step.script));
        set_version(database, step, now);
        derives = std::max(derives, step.derives);
    }
    if (derives == Derives::everything) rebuild_derived(database);
    if (derives == Derives::ideas) rebuild_ideas(database);
    transaction.commit();
}

}  // namespace

std::span<const Migration> migrations() {
    return steps_after_first;
}

int schema_version() {
    return migrations().back().version;
}

void create_without_history(Database& database) {
    database.script(schema());
    database.script(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", ledger_application_id,
                                schema_version()));
}

void prepare_ledger(Database& database, Database::Mode mode, Timestamp now,
                    std::span<const Migration> steps) {
    const Migration& newest = steps.empty() ? first : steps.back();
    const bool blank = is_blank(database);
    if (!blank) expect_ledger(database, newest.version);
    if (mode == Database::Mode::read_only) {
        if (blank) throw EmptyLedger("nothing is recorded in this ledger yet");
        if (const std::int64_t version = version_of(database); version < newest.version) {
            throw UserError(
                fmt::format("this ledger has the schema of version {}, older than this program's {}", version,
                            newest.version),
                "`ratchet run` brings it up to date.");
        }
        return;
    }
    database.make_durable();
    if (blank) create(database, now, newest);
    if (version_of(database) < newest.version) bring_up_to_date(database, steps, now);
}

}  // namespace ratchet
