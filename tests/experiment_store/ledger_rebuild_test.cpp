#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "experiment_store/sqlite.hpp"
#include "ledger_fixture.hpp"

// The derived tables are functions of the facts: rebuilt from them, they are the same.

namespace ratchet::test {
namespace {

const std::vector<std::string> rebuilt_tables = {"standing",
                                                 "totals",
                                                 "tally",
                                                 "file_record",
                                                 "failure_signature",
                                                 "function_record",
                                                 "touched_function",
                                                 "failure_place",
                                                 "idea_fate",
                                                 "fingerprint",
                                                 "fingerprint_block",
                                                 "step_sum",
                                                 "words",
                                                 "tried_idea",
                                                 "tried_word",
                                                 "idea_word",
                                                 "spend",
                                                 "model_spend"};

/// All rows of all derived tables, the words of the full text with their places included.
std::map<std::string, std::vector<std::string>> dump(const std::filesystem::path& file) {
    Database database(file, Database::Mode::read_write);
    database.script("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, full_text, instance)");
    std::map<std::string, std::vector<std::string>> rows_by_table;
    for (const std::string& table : rebuilt_tables) {
        std::vector<std::string>& rows_of_table = rows_by_table[table];
        Statement columns = database.query(
            "SELECT group_concat('quote(' || name || ')', ' || '', '' || ') "
            "FROM pragma_table_info(?)",
            table);
        columns.next();
        Statement rows =
            database.query("SELECT " + columns.take<std::string>() + " FROM " + table + " ORDER BY 1");
        while (rows.next())
            rows_of_table.push_back(rows.take<std::string>());
    }
    Statement schema = database.query("SELECT type || name || sql FROM sqlite_schema ORDER BY name");
    while (schema.next())
        rows_by_table["the schema"].push_back(schema.take<std::string>());
    return rows_by_table;
}

/// One step of an imagined campaign: what happens, and to which of the experiments so far.
struct Event {
    int kind = 0;
    int which = 0;
    int detail = 0;
};

std::ostream& operator<<(std::ostream& out, const Event& event) {
    return out << "{" << event.kind << ", " << event.which << ", " << event.detail << "}";
}

class ImaginedCampaign {
  public:
    explicit ImaginedCampaign(const std::filesystem::path& file) : ledger_(file, clock_) {
        ledger_.found(identity());
        ledger_.begin_epoch("harness", "", base);
    }

    /// What does not fit the experiment's state is refused by the ledger, and must leave no trace.
    void happen(const Event& event) {
        clock_.tick();
        try {
            apply(event, {1 + event.which % std::max<std::int64_t>(1, ledger_.experiment_count())});
        } catch (const std::runtime_error&) {
            ++refused_;
        }
    }

    Ledger& ledger() { return ledger_; }
    [[nodiscard]] int refused() const { return refused_; }

  private:
    void apply(const Event& event, ExperimentId id) {
        const auto stages = static_cast<int>(Stage::confirmed) - static_cast<int>(Stage::admitted) + 1;
        const Stage stage = static_cast<Stage>(static_cast<int>(Stage::admitted) + event.detail % stages);
        const CommitId champion = ledger_.champion().commit;
        switch (event.kind) {
            case 0:
                ledger_.begin(Brief{{}, champion, "tune", Move::explore, "", 1}, "prompt");
                break;
            case 1:
                ledger_.store_proposal(id, some_proposal(event.detail));
                break;
            case 2:
                ledger_.captured(id, commit(static_cast<int>(id.value)), tree(event.detail));
                break;
            case 3:
                ledger_.advance(id, stage, {some_run(stage, event.detail)});
                break;
            case 4:
                ledger_.add_pair(id, pair(Phase::search, event.detail));
                break;
            case 5:
                ledger_.discard_pairs(id, "the champion moved");
                break;
            case 6:
                ledger_.finish(id, some_decision(event.detail), champion);
                break;
            case 7:
                ledger_.finish(id, decision(Verdict::kept, 0.01 * event.detail), champion);
                break;
            default:
                ledger_.veto(id, "it cheats in way " + std::to_string(event.detail));
                break;
        }
    }

    static Proposal some_proposal(int detail) {
        Proposal some =
            proposal("idea " + std::to_string(detail % 3), "src/" + std::to_string(detail % 4) + ".cpp");
        some.files.push_back({"src/" + std::to_string(detail % 2) + ".cpp", 1, 0});
        some.diff =
            patch(some.files.front().path, "int f" + std::to_string(detail % 3) + "() { return 1; }",
                  "int f" + std::to_string(detail % 3) + "() { return " + std::to_string(detail) + "; }");
        some.notes.next_ideas = {"try idea number " + std::to_string(detail % 5) + " of the list",
                                 "idea " + std::to_string(detail % 3)};
        some.usage = {1, detail, std::int64_t{2} * detail, 0.1 * detail, 0.3 * detail};
        if (detail % 5 == 0) some.diff.clear();
        if (detail % 3 == 0) some.usage.cost.reset();
        if (detail % 2 == 0) some.model = "model " + std::to_string(detail % 4);
        some.model_requests.resize(static_cast<std::size_t>(1 + detail % 3));
        for (ModelRequest& request : some.model_requests) {
            request.model = "model " + std::to_string(detail % 4);
            request.status = detail % 7 == 0 ? 500 : 200;
            request.input_tokens = detail;
            request.wall_seconds = 0.1 * detail;
            if (detail % 3 != 0) request.cost = 0.1 * detail;
        }
        return some;
    }

    static StageRun some_run(Stage stage, int detail) {
        StageRun run = failed_run(stage, "gate " + std::to_string(detail % 2),
                                  "error: number " + std::to_string(detail));
        run.succeeded = detail % 3 == 0;
        run.timed_out = detail % 7 == 0;
        return run;
    }

    static Decision some_decision(int detail) {
        const auto verdicts = static_cast<int>(Names<Verdict>::names.size());
        const auto effect = detail % 2 == 0 ? std::optional(0.01 * detail - 0.1) : std::nullopt;
        return decision(static_cast<Verdict>(detail % verdicts), effect);
    }

    HandClock clock_;
    Ledger ledger_;
    int refused_ = 0;
};

rc::Gen<Event> any_event() {
    return rc::gen::build<Event>(rc::gen::set(&Event::kind, rc::gen::inRange(0, 9)),
                                 rc::gen::set(&Event::which, rc::gen::inRange(0, 20)),
                                 rc::gen::set(&Event::detail, rc::gen::inRange(0, 28)));
}

RC_GTEST_PROP(Rebuild, makes_the_same_of_the_same_facts, ()) {
    const auto events = *rc::gen::resize(400, rc::gen::container<std::vector<Event>>(any_event()));
    const TemporaryFolder folder(memory_folder());
    ImaginedCampaign campaign(folder.file());
    for (const Event& event : events)
        campaign.happen(event);
    const auto before = dump(folder.file());
    campaign.ledger().rebuild();
    RC_ASSERT(dump(folder.file()) == before);
    RC_ASSERT(campaign.ledger().intact());
    RC_CLASSIFY(campaign.ledger().error_budget().kept > 0, "something was kept");
}

TEST(Rebuild, fills_tables_that_were_emptied) {
    const TemporaryFolder folder(memory_folder());
    ImaginedCampaign campaign(folder.file());
    // Each experiment is proposed, captured, run and kept; the third is vetoed.
    for (int number = 0; number < 5; ++number) {
        for (const int kind : {0, 1, 2, 3, 4, 7})
            campaign.happen({kind, number, number + 1});
    }
    campaign.happen({8, 2, 0});
    ASSERT_EQ(campaign.refused(), 0);
    const auto before = dump(folder.file());
    for (const std::string& table : rebuilt_tables) {
        // A block needs more experiments; the next test has them.
        EXPECT_EQ(before.at(table).empty(), table == "fingerprint_block") << table;
        if (!table.starts_with("words"))
            Database(folder.file(), Database::Mode::read_write).run("DELETE FROM " + table);
    }
    EXPECT_NE(dump(folder.file()), before);
    campaign.ledger().rebuild();
    EXPECT_EQ(dump(folder.file()), before);
}

TEST(Rebuild, makes_the_blocks_of_fingerprints) {
    const TemporaryFolder folder(memory_folder());
    ImaginedCampaign campaign(folder.file());
    constexpr int more_than_a_block = 1300;  // one in five changes nothing
    for (int number = 0; number < more_than_a_block; ++number) {
        campaign.happen({0, number, 0});
        campaign.happen({1, number, number});
    }
    ASSERT_EQ(campaign.refused(), 0);
    const auto before = dump(folder.file());
    ASSERT_EQ(before.at("fingerprint_block").size(), 1U);
    Database(folder.file(), Database::Mode::read_write).run("DELETE FROM fingerprint_block");
    campaign.ledger().rebuild();
    EXPECT_EQ(dump(folder.file()), before);
}

TEST_F(LedgerTest, still_finds_everything_after_a_rebuild) {
    finished(Verdict::no_gain, base, proposal("prefetch the rows"));
    const std::uint64_t fingerprint = ledger.summaries({}).at(0).fingerprint;
    EXPECT_EQ(ledger.near(fingerprint, 0, 10).size(), 1U);
    ledger.rebuild();
    EXPECT_EQ(ledger.search("prefetch", 10).size(), 1U);
    EXPECT_EQ(ledger.near(fingerprint, 0, 10).size(), 1U);
}

}  // namespace
}  // namespace ratchet::test
