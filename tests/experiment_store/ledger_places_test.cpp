#include <fmt/format.h>
#include <gmock/gmock.h>

#include "ledger_fixture.hpp"

// What was tried in which function, and where failures happen.

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A proposal that changes these functions of a file.
Proposal change_of(const std::string& path, const std::string& functions) {
    Proposal proposed = proposal("change " + functions, path);
    proposed.diff = "--- a/" + path + "\n+++ b/" + path + "\n@@ -1 +1 @@ in " + functions + "\n-a\n+b\n";
    return proposed;
}

std::vector<std::string> names(const std::vector<FunctionRecord>& records) {
    std::vector<std::string> result;
    for (const FunctionRecord& record : records)
        result.push_back(record.path + " " + record.function);
    return result;
}

class PlacesTest : public LedgerTest {
  protected:
    /// An experiment on these functions that fails a gate with this output.
    ExperimentId broken(const std::string& path, const std::string& functions, const std::string& output) {
        const ExperimentId id = candidate(base, change_of(path, functions));
        ledger.advance(id, Stage::built, {failed_run(Stage::gated, "tests", output)});
        ledger.finish(id, decision(Verdict::gate_failed), ledger.champion().commit);
        return id;
    }
};

TEST_F(PlacesTest, maps_functions_as_it_maps_files) {
    finished(Verdict::no_gain, base, change_of("a.cpp", "f"), 0.001);
    finished(Verdict::kept, base, change_of("a.cpp", "f, g"), 0.05);
    finished(Verdict::gate_failed, commit(2), change_of("b.cpp", "f"));
    const std::vector<FunctionRecord> functions = ledger.functions(10);
    ASSERT_THAT(names(functions), ElementsAre("a.cpp f", "b.cpp f", "a.cpp g"));
    EXPECT_EQ(functions[0].attempts, 2);
    EXPECT_EQ(functions[0].failures, 1);
    EXPECT_EQ(functions[0].kept, 1);
    EXPECT_EQ(functions[0].best_effect, 0.05);
    EXPECT_EQ(functions[0].last_kept, ExperimentId{2});
    EXPECT_FALSE(functions[1].best_effect);
    EXPECT_FALSE(functions[1].last_kept);
    EXPECT_THAT(names(ledger.functions(1)), ElementsAre("a.cpp f"));
    EXPECT_THAT(names(ledger.functions_of("a.cpp", 10)), ElementsAre("a.cpp f", "a.cpp g"));
}

TEST_F(PlacesTest, maps_no_function_that_was_never_run) {
    finished(Verdict::rejected, base, change_of("a.cpp", "f"));
    finished(Verdict::interrupted, base, change_of("a.cpp", "f"));
    EXPECT_THAT(ledger.functions(10), IsEmpty());
}

TEST_F(PlacesTest, undoes_a_veto_in_the_map_of_functions) {
    finished(Verdict::kept, base, change_of("a.cpp", "f"), 0.01);
    finished(Verdict::kept, commit(1), change_of("a.cpp", "f"), 0.05);
    ledger.veto({2}, "it cheats");
    const FunctionRecord f = ledger.functions(1).at(0);
    EXPECT_EQ(f.kept, 1);
    EXPECT_EQ(f.failures, 1);
    EXPECT_EQ(f.best_effect, 0.01);
    EXPECT_EQ(f.last_kept, ExperimentId{1});
}

TEST_F(PlacesTest, calls_what_lost_on_the_holdout_no_best_effect) {
    finished(Verdict::holdout_failed, base, change_of("a.cpp", "f"), 0.2);
    EXPECT_FALSE(ledger.map(1).at(0).best_effect);
    EXPECT_FALSE(ledger.functions(1).at(0).best_effect);
    EXPECT_EQ(ledger.functions(1).at(0).failures, 1);
}

TEST_F(PlacesTest, knows_that_the_code_of_a_failure_was_changed_since) {
    const ExperimentId failed = finished(Verdict::no_gain, base, change_of("a.cpp", "f"));
    EXPECT_THAT(ledger.changed_since({failed}), IsEmpty());
    finished(Verdict::kept, base, change_of("a.cpp", "g"));
    EXPECT_THAT(ledger.changed_since({failed}), IsEmpty()) << "another function of the file";
    finished(Verdict::regressed, commit(2), change_of("a.cpp", "f"));
    EXPECT_THAT(ledger.changed_since({failed}), IsEmpty()) << "not kept";
    const ExperimentId change = finished(Verdict::kept, commit(2), change_of("a.cpp", "g, f"));
    EXPECT_THAT(ledger.changed_since({failed, change}), ElementsAre(std::pair(failed, change)))
        << "not by itself";
    ledger.veto(change, "");
    EXPECT_THAT(ledger.changed_since({failed}), IsEmpty()) << "taken back";
}

TEST_F(PlacesTest, tells_where_a_failure_happens) {
    for (int i = 0; i < 4; ++i)
        broken("a.cpp", i == 3 ? "g" : "f", fmt::format("FAILED test_corner in {}s", i));
    for (int i = 0; i < 6; ++i)
        finished(Verdict::no_gain, base, change_of("b.cpp", "h"));
    finished(Verdict::no_gain, base, change_of("a.cpp", "f"));
    const std::vector<FailureSignature> failures = ledger.recurring_failures(10);
    ASSERT_EQ(failures.size(), 1U);
    ASSERT_TRUE(failures[0].place);
    EXPECT_EQ(failures[0].place->path, "a.cpp");
    EXPECT_EQ(failures[0].place->function, "") << "f is in 3 of 4 only";
    EXPECT_EQ(failures[0].place->failures, 4);
    EXPECT_EQ(failures[0].place->attempts, 5);
}

TEST_F(PlacesTest, tells_the_function_rather_than_its_file) {
    for (int i = 0; i < 3; ++i)
        broken("a.cpp", "f", "FAILED test_corner");
    for (int i = 0; i < 3; ++i)
        finished(Verdict::no_gain, base, change_of("a.cpp", "g"));
    ASSERT_TRUE(ledger.recurring_failures(1).at(0).place);
    EXPECT_EQ(ledger.recurring_failures(1).at(0).place->function, "f");
}

TEST_F(PlacesTest, tells_no_place_that_everybody_touches) {
    for (int i = 0; i < 3; ++i)
        broken("a.cpp", "f", "FAILED test_corner");
    EXPECT_FALSE(ledger.recurring_failures(1).at(0).place);
}

}  // namespace
}  // namespace ratchet::test
