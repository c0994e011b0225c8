#include "orchestrator/briefing/policy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "orchestrator/leave_one_out.hpp"

#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

TEST(Policy, BeginsWithAnExploreFromTheBase) {
    RecordedLedger recorded;
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.id, ExperimentId{1});
    EXPECT_EQ(brief.parent, recorded.ledger().identity()->base);
    EXPECT_EQ(brief.proposer, "command");
    EXPECT_EQ(brief.move, Move::explore);
    EXPECT_EQ(brief.focus, "");
}

TEST(Policy, StartsFromTheChampion) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).parent, recorded.ledger().champion().commit);
}

TEST(Policy, SaysTheSameForTheSameLedger) {
    RecordedLedger recorded;
    record_a_night(recorded);
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()), plan(recorded.campaign(), recorded.ledger()));
}

TEST(Policy, ExploitsTheFileOfANearMiss) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::inconclusive, .file = "src/near.cpp", .effect = 0.01});
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.move, Move::exploit);
    EXPECT_EQ(brief.focus, "src/near.cpp");
}

TEST(Policy, ExploitsANearMissOnlyOnce) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::no_gain, .file = "src/near.cpp", .effect = 0.001});
    recorded.record(
        {.verdict = Verdict::regressed, .effect = -0.1, .move = Move::exploit, .focus = "src/near.cpp"});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
}

TEST(Policy, ForgetsANearMissOfLongAgo) {
    RecordedLedger recorded;
    recorded.campaign().budget.plateau = 1000;
    recorded.record({.verdict = Verdict::inconclusive, .effect = 0.01});
    for (int i = 0; i < experiments_looked_back; ++i)
        recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
}

TEST(Policy, TakesNothingBelowZeroForANearMiss) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::inconclusive, .effect = -0.01});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
}

TEST(Policy, SimplifiesAfterEveryFourthKeptOne) {
    RecordedLedger recorded;
    for (int i = 0; i < 4; ++i)
        recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.move, Move::simplify);
    EXPECT_EQ(brief.reason, "4 gains were kept, each written on top of the others");
    recorded.record({.verdict = Verdict::gate_failed});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
}

TEST(Policy, FocusesOnTheLeastTriedFileInScopeOrOnNone) {
    RecordedLedger recorded;
    for (int i = 0; i < 3; ++i)
        recorded.record({.verdict = Verdict::regressed, .file = "src/often.cpp"});
    recorded.record({.verdict = Verdict::regressed, .file = "src/rarely.cpp"});
    recorded.record({.verdict = Verdict::regressed, .file = "elsewhere/once.cpp"});
    recorded.record({.verdict = Verdict::regressed, .file = "src/often.cpp"});
    std::set<std::string> focuses;
    for (recorded.campaign().seed = 0; recorded.campaign().seed < 20; ++recorded.campaign().seed) {
        focuses.insert(plan(recorded.campaign(), recorded.ledger()).focus);
    }
    EXPECT_EQ(focuses, (std::set<std::string>{"", "src/rarely.cpp"}));
}

TEST(Policy, PrefersAFileOfAKindThatIsTriedButThatNobodyTouched) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::regressed, .file = "src/matmul.cpp"});
    const Places places{{"src/README.md", "src/matmul.cpp", "src/other.cpp", "src/.cpp", "src/third.cpp"}};
    std::set<std::string> focuses;
    for (recorded.campaign().seed = 0; recorded.campaign().seed < 40; ++recorded.campaign().seed)
        focuses.insert(plan(recorded.campaign(), recorded.ledger(), places).focus);
    EXPECT_EQ(focuses, (std::set<std::string>{"", "src/other.cpp", "src/third.cpp"}));
}

TEST(Policy, KnowsWhichPathsAProposalMayChange) {
    EXPECT_EQ(files_in_scope(matmul_campaign(), {"README.md", "src/a.cpp", "tests/t.cpp", "src/b/c.cpp"}),
              (std::vector<std::string>{"src/a.cpp", "src/b/c.cpp"}));
}

TEST(Policy, DoesNotSimplifyTwiceInARow) {
    RecordedLedger recorded;
    for (int i = 0; i < 4; ++i)
        recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    recorded.record({.verdict = Verdict::kept,
                     .effect = 0.0,
                     .move = Move::simplify,
                     .basis = Basis::not_worse,
                     .half_width = 0.001});
    EXPECT_NE(plan(recorded.campaign(), recorded.ledger()).move, Move::simplify);
}

TEST(Policy, LetsSimplicityRestWhereNothingMayBeGivenAway) {
    RecordedLedger recorded;
    for (int i = 0; i < 3; ++i)
        recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    recorded.record({.verdict = Verdict::kept,
                     .effect = 0.0,
                     .move = Move::simplify,
                     .basis = Basis::not_worse,
                     .half_width = 0.0045});  // of the 0.5 % that count
    recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    EXPECT_NE(plan(recorded.campaign(), recorded.ledger()).move, Move::simplify);
    Verification verification;
    verification.at =
        recorded.ledger().experiment(ExperimentId{5})->finished_at.value() + std::chrono::seconds(1);
    recorded.ledger().add_verification(verification);
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::simplify);
}

LeaveOneOut measured_worth(RecordedLedger& recorded, std::int64_t step, const Interval& effect) {
    LeaveOneOut known;
    known.epoch = 1;
    known.champion = recorded.ledger().champion().commit;
    known.experiment = ExperimentId{step};
    known.effect = effect;
    known.worth = worth_of(effect, 0.005);
    known.pairs = 10;
    return known;
}

TEST(Policy, AsksForTheStepThatWeighsLeastToBeTakenOutOncePerChampion) {
    RecordedLedger recorded;
    for (int i = 0; i < 3; ++i)
        recorded.record({.verdict = Verdict::kept, .effect = 0.1});
    recorded.ledger().add_leave_one_out(measured_worth(recorded, 1, {-0.002, 0.001, 0.004}));
    recorded.ledger().add_leave_one_out(measured_worth(recorded, 2, {-0.004, 0.0, 0.003}));
    recorded.ledger().add_leave_one_out(measured_worth(recorded, 3, {0.05, 0.1, 0.15}));
    const Brief first = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(first.move, Move::simplify);
    EXPECT_EQ(first.focus, "#2");
    EXPECT_EQ(first.reason, "#2 no longer carries its weight: +0.00% (-0.40% to +0.30%)");
    EXPECT_EQ(experiments_named(first), std::vector{ExperimentId{2}});
    recorded.record({.verdict = Verdict::gate_failed, .move = Move::simplify, .focus = "#2"});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).focus, "#1");
    recorded.record({.verdict = Verdict::regressed, .move = Move::simplify, .focus = "#1"});
    EXPECT_NE(plan(recorded.campaign(), recorded.ledger()).move, Move::simplify);
}

TEST(Policy, CombinesTwoThatCameNearInDifferentFilesOnce) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::inconclusive, .file = "src/a.cpp", .effect = 0.003});
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::exploit);
    recorded.record({.verdict = Verdict::inconclusive, .file = "src/b.cpp", .effect = 0.004});
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.move, Move::combine);
    EXPECT_EQ(brief.focus, "#1 + #3");
    EXPECT_EQ(brief.reason,
              "#3 came near (+0.40% ± 1%), #1 came near (+0.30% ± 1%); together they may count");
    EXPECT_EQ(experiments_named(brief), (std::vector{ExperimentId{1}, ExperimentId{3}}));
    recorded.record({.verdict = Verdict::no_gain, .effect = -0.1, .move = Move::combine, .focus = "#1 + #3"});
    EXPECT_NE(plan(recorded.campaign(), recorded.ledger()).move, Move::combine);
}

TEST(Policy, CombinesNothingThatWouldNotCountTogether) {
    RecordedLedger recorded;
    for (const char* file : {"src/a.cpp", "src/b.cpp"})
        recorded.record({.verdict = Verdict::inconclusive, .file = file, .effect = 0.002});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::exploit);
}

TEST(Policy, CombinesTheSameChangeWithItselfNever) {
    RecordedLedger recorded;
    const std::string diff =
        "diff --git a/src/a.cpp b/src/a.cpp\n--- a/src/a.cpp\n+++ b/src/a.cpp\n"
        "@@ -1 +1 @@\n-one two three four\n+five six seven eight\n";
    for (int i = 0; i < 2; ++i)
        recorded.record(
            {.verdict = Verdict::inconclusive, .file = "src/a.cpp", .effect = 0.01, .diff = diff});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::exploit);
}

TEST(Policy, BringsANearMissToAChampionThatWasMadeSince) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::inconclusive, .file = "src/a.cpp", .effect = 0.003});
    recorded.record({.verdict = Verdict::kept, .file = "src/b.cpp", .effect = 0.1});
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.move, Move::combine);
    EXPECT_EQ(brief.focus, "#1 + #2");
    EXPECT_EQ(brief.reason, "#1 came near (+0.30% ± 1%); #2 was kept and is not in it");
}

TEST(Policy, CombinesWhatWasKeptAndConflictsAfterAVeto) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::kept, .file = "src/a.cpp", .effect = 0.1});
    recorded.record({.verdict = Verdict::rejected,
                     .file = "src/a.cpp",
                     .rejection = Rejection::conflict,
                     .proposer = "again"});
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.move, Move::combine);
    EXPECT_EQ(brief.reason, "#2 was kept once and conflicts now; #1 was kept and is not in it");
}

TEST(Policy, AsksForAnotherApproachOnAPlateauNowAndThen) {
    RecordedLedger recorded;
    recorded.campaign().budget.plateau = 12;
    EXPECT_EQ(plateau_of(recorded.campaign()), 6);
    std::vector<int> radical;
    for (int number = 1; number <= 18; ++number) {
        const Brief brief = plan(recorded.campaign(), recorded.ledger());
        if (brief.move == Move::radical) radical.push_back(number);
        if (number == 7) {
            EXPECT_EQ(brief.reason, "6 experiments since the campaign began: what was tried is exhausted");
        }
        recorded.record({.verdict = Verdict::regressed, .effect = -0.1, .move = brief.move});
    }
    EXPECT_EQ(radical, (std::vector{7, 12, 17}));
    recorded.campaign().budget.plateau.reset();
    EXPECT_EQ(plateau_of(recorded.campaign()), 20);
}

TEST(Policy, DoesNotExploitTwiceInARow) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::no_gain, .file = "src/a.cpp", .effect = 0.001});
    recorded.record({.verdict = Verdict::no_gain, .file = "src/b.cpp", .effect = 0.002});
    const Brief first = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(first.focus, "src/b.cpp") << "it came nearer";
    EXPECT_EQ(experiments_named(first), std::vector{ExperimentId{2}});
    recorded.record({.verdict = Verdict::regressed,
                     .file = "src/b.cpp",
                     .effect = -0.1,
                     .move = Move::exploit,
                     .focus = "src/b.cpp"});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
    recorded.record({.verdict = Verdict::regressed, .effect = -0.1});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).focus, "src/a.cpp");
}

// Whatever was recorded: the same ledger has the same brief, from a parent that is there, about a place that
// may be changed or about experiments that exist, and it says why.
RC_GTEST_PROP(Policy, IsPureAndStaysInScope, ()) {
    RecordedLedger recorded;
    recorded.campaign().seed = *rc::gen::arbitrary<std::uint32_t>();
    recorded.campaign().budget.plateau = *rc::gen::inRange(1, 30);
    const int count = *rc::gen::inRange(0, 40);
    const std::vector<std::string> files = {"src/a.cpp", "src/b.cpp", "src/c.h", "elsewhere/x.cpp"};
    for (int i = 0; i < count; ++i) {
        Told told;
        told.verdict =
            *rc::gen::element(Verdict::kept, Verdict::no_gain, Verdict::inconclusive, Verdict::regressed,
                              Verdict::gate_failed, Verdict::rejected, Verdict::no_proposal);
        told.file = *rc::gen::elementOf(files);
        const Brief brief = plan(recorded.campaign(), recorded.ledger());
        told.move = brief.move;
        told.focus = brief.focus;
        if (told.verdict == Verdict::kept || told.verdict == Verdict::no_gain ||
            told.verdict == Verdict::inconclusive || told.verdict == Verdict::regressed)
            told.effect = 0.001 * *rc::gen::inRange(-20, 21);
        recorded.record(told);
        if (told.verdict == Verdict::kept && *rc::gen::inRange(0, 3) == 0)
            recorded.ledger().add_leave_one_out(measured_worth(recorded, i + 1, {-0.003, 0, 0.003}));
    }
    const Places places{files_in_scope(recorded.campaign(), files)};
    const Brief brief = plan(recorded.campaign(), recorded.ledger(), places);
    RC_ASSERT(brief == plan(recorded.campaign(), recorded.ledger(), places));
    RC_ASSERT(brief.parent == recorded.ledger().champion().commit);
    RC_ASSERT(!brief.reason.empty());
    RC_TAG(std::string(name_of(brief.move)));
    if (brief.focus.starts_with('#')) {
        RC_ASSERT(!experiments_named(brief).empty());
        for (const ExperimentId id : experiments_named(brief))
            RC_ASSERT(recorded.ledger().experiment(id).has_value());
    } else if (!brief.focus.empty()) {
        RC_ASSERT(files_in_scope(recorded.campaign(), {brief.focus}).size() == 1U);
    }
}

TEST(Policy, GivesEachExperimentASeedOfItsOwn) {
    RecordedLedger recorded;
    std::set<std::uint64_t> seeds;
    for (int i = 0; i < 20; ++i) {
        seeds.insert(plan(recorded.campaign(), recorded.ledger()).seed);
        recorded.record({.verdict = Verdict::gate_failed});
    }
    EXPECT_EQ(seeds.size(), 20U);
}

TEST(Policy, AsksToRepairWhatBreaksAgainAndAgainThenToLookElsewhere) {
    RecordedLedger recorded;
    for (int i = 0; i < 2; ++i)
        recorded.record({.verdict = Verdict::build_failed});
    EXPECT_EQ(plan(recorded.campaign(), recorded.ledger()).move, Move::explore);
    for (int i = 2; i < 6; ++i) {
        recorded.record({.verdict = Verdict::build_failed});
        const Brief brief = plan(recorded.campaign(), recorded.ledger());
        EXPECT_EQ(brief.move, i < 5 ? Move::repair : Move::explore) << i;
        EXPECT_EQ(brief.focus, i < 5 ? "" : "src/matmul.cpp") << i;
    }
}

TEST(Policy, HasNothingToRepairWhereNothingWasProposed) {
    RecordedLedger recorded;
    recorded.record({.verdict = Verdict::regressed, .file = "src/only.cpp", .effect = -0.1});
    for (int i = 0; i < 3; ++i)
        recorded.record({.verdict = Verdict::no_proposal, .file = ""});
    const Brief brief = plan(recorded.campaign(), recorded.ledger());
    EXPECT_EQ(brief.move, Move::explore);
    EXPECT_NE(brief.focus, "");
}

}  // namespace
}  // namespace ratchet
