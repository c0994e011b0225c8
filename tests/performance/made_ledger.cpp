#include "tests/performance/made_ledger.hpp"

#include <algorithm>

#include "experiment_store/facts.hpp"
#include "experiment_store/migrations.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet::performance {

namespace {

constexpr std::int64_t experiments_of_an_epoch = 50'000;
constexpr std::int64_t experiments_of_a_week = 5'000;
constexpr std::int64_t experiments_of_a_transaction = 2'500;
constexpr int sessions_of_a_week = 10;
constexpr int notes_of_a_week = 5;
constexpr std::size_t prompts_remembered = 16;

/// What `record` and the making in bulk have in common: the stages between capture and verdict.
template <typename Advance>
void go_through(const MadeExperiment& made, const Advance& advance) {
    if (made.runs.empty()) return;
    advance(Stage::admitted, std::vector<StageRun>{});
    for (Stage stage = Stage::built; stage <= made.last_stage;
         stage = static_cast<Stage>(static_cast<int>(stage) + 1)) {
        std::vector<StageRun> runs;
        std::copy_if(made.runs.begin(), made.runs.end(), std::back_inserter(runs),
                     [&](const StageRun& run) { return run.succeeded && run.stage == stage; });
        advance(stage, runs);
    }
    std::vector<StageRun> failed;
    std::copy_if(made.runs.begin(), made.runs.end(), std::back_inserter(failed),
                 [](const StageRun& run) { return !run.succeeded; });
    if (!failed.empty()) advance(made.last_stage, failed);
}

void write(Database& database, const MadeExperiment& made, const std::string& prompt, Timestamp now) {
    const ExperimentId id = write_begin(database, made.brief, prompt, now);
    write_proposal(database, id, made.proposal, now);
    if (!made.candidate.empty()) write_candidate(database, id, made.candidate, made.tree, {}, now);
    go_through(made, [&](Stage stage, const std::vector<StageRun>& runs) {
        write_advance(database, id, stage, runs, std::nullopt, now);
    });
    for (const Pair& pair : made.pairs)
        write_pair(database, id, pair);
    write_decision(database, id, made.decision, made.brief.parent, now);
}

/// Indexes whose order is nobody's: each row of them would be another page to write. Made again at the end.
/// Nothing that is written or derived asks them.
std::vector<std::string> take_scattered_indexes_away(Database& database) {
    std::vector<std::string> made_by;
    for (const char* index : {"proposal_by_patch", "standing_by_tree"}) {
        made_by.push_back(
            *database.value<std::string>("SELECT sql FROM sqlite_schema WHERE name = ?", index));
        database.script(std::string("DROP INDEX ") + index);
    }
    return made_by;
}

/// What a run adds now and then.
void write_around(Ledger& ledger, std::int64_t number, MadeExperiments& experiments,
                  const std::string& campaign_file, const CommitId& champion, Timestamp now) {
    if (number % experiments_of_an_epoch == 0) {
        const std::int64_t epoch =
            ledger.begin_epoch(experiments.chance().hexadecimal(16), campaign_file, champion);
        CalibrationRecord record;
        record.epoch = epoch;
        record.host = "made";
        record.champion = champion;
        for (int i = 0; i < 20; ++i)
            record.differences.push_back(0.01 * experiments.chance().normal());
        record.champion_value = 120;
        record.run_seconds = 0.12;
        record.at = now;
        ledger.add_calibration(record);
    }
    // Seldom and then many: each of these is a transaction that waits for the disk.
    if (number % experiments_of_a_week != 0) return;
    for (int i = 0; i < sessions_of_a_week; ++i)
        ledger.end_session(ledger.begin_session("made", 1), "the budget is spent");
    for (int i = 0; i < notes_of_a_week; ++i)
        ledger.add_note(experiments.note());
}

}  // namespace

void make_ledger(const std::filesystem::path& file, std::int64_t experiments,
                 const CampaignIdentity& identity, const std::string& campaign_file,
                 const WritePrompt& write_prompt, const std::function<void(std::int64_t)>& tell_progress) {
    MadeClock clock;
    MadeExperiments maker(1);
    Ledger ledger(file, clock);
    ledger.found(identity);
    Database database(file, Database::Mode::read_write);
    // A crash while it is made costs nothing but the time.
    database.script(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA wal_autocheckpoint = 500000");
    const std::vector<std::string> scattered = take_scattered_indexes_away(database);
    CommitId champion = identity.base;
    std::vector<std::string> prompts;
    std::int64_t next_prompt = 1;
    for (std::int64_t number = 0; number < experiments;) {
        write_around(ledger, number, maker, campaign_file, champion, clock.now());
        if (number + 1 >= next_prompt) {
            if (prompts.size() == prompts_remembered) prompts.erase(prompts.begin());
            prompts.push_back(write_prompt(ledger));
            next_prompt += std::max<std::int64_t>(20, next_prompt / 20);
        }
        // Up to where something else is due.
        const std::int64_t until =
            std::min({experiments, (number / experiments_of_a_transaction + 1) * experiments_of_a_transaction,
                      std::max(number + 1, next_prompt - 1)});
        Transaction transaction(database);
        for (; number < until; ++number) {
            clock.go_on(std::chrono::seconds(90));
            const MadeExperiment made = maker.next(number, champion, clock.now());
            write(database, made, prompts[maker.chance().next() % prompts.size()], clock.now());
            if (made.decision.verdict == Verdict::kept) champion = made.candidate;
        }
        transaction.commit();
        tell_progress(number);
    }
    for (const std::string& index : scattered)
        database.script(index);
    database.script("PRAGMA wal_checkpoint(TRUNCATE)");
}

int record(Ledger& ledger, const MadeExperiment& made, const std::string& prompt) {
    int calls = 3;
    const ExperimentId id = ledger.begin(made.brief, prompt);
    ledger.store_proposal(id, made.proposal);
    if (!made.candidate.empty()) {
        ledger.captured(id, made.candidate, made.tree);
        ++calls;
    }
    go_through(made, [&](Stage stage, const std::vector<StageRun>& runs) {
        ledger.advance(id, stage, runs);
        ++calls;
    });
    for (const Pair& pair : made.pairs)
        ledger.add_pair(id, pair);
    ledger.finish(id, made.decision, made.brief.parent);
    return calls + static_cast<int>(made.pairs.size());
}

}  // namespace ratchet::performance
