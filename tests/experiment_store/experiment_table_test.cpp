#include "experiment_store/exchange/experiment_table.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

TEST_F(LedgerTest, is_a_table_with_a_line_for_each_experiment) {
    Proposal proposed = proposal("a\tb\nc\\d\r");
    proposed.usage.cost = 0.25;
    proposed.files.push_back({"src/other.cpp", 1, 0});
    const ExperimentId id = candidate(base, proposed);
    ledger.add_pair(id, pair(Phase::search, 0, 10, 9));
    ledger.add_pair(id, pair(Phase::search, 1, 12, 8));
    Pair disturbed = pair(Phase::search, 2, 100, 100);
    disturbed.set_aside = "pressure";
    ledger.add_pair(id, disturbed);
    ledger.finish(id, decision(Verdict::kept, 0.5), base);
    EXPECT_EQ(experiment_table_heading(),
              "experiment\tverdict\trejection\tbasis\teffect\teffect_low\teffect_high\te_value\tpairs\t"
              "champion_value\tcandidate_value\tcandidate\tparent\tproposer\tmove\tfocus\tepoch\tstarted_at\t"
              "finished_at\tcost\tfiles\tidea\treason\tvetoed\n");
    EXPECT_EQ(experiment_table_row(*ledger.experiment(id), proposed.notes.hypothesis),
              "1\tkept\t\tnone\t0.5\t0.49\t0.51\t0\t0\t11\t8.5\t" + hex(1) + "\t" + hex(0) +
                  "\ttune\texplore\t\t1\t1800000000000\t1800000000000\t0.25\tsrc/matmul.cpp, src/other.cpp\t"
                  "a\\tb\\nc\\\\d\\r\tbecause it is kept\t0\n");
}

TEST_F(LedgerTest, is_a_table_with_empty_cells_where_nothing_is_known) {
    const std::string row = experiment_table_row(*ledger.experiment(begin()), "");
    EXPECT_EQ(row,
              "1\t\t\t\t\t\t\t\t\t\t\t\t" + hex(0) + "\ttune\texplore\t\t1\t1800000000000\t\t\t\t\t\t0\n");
    const std::string heading = experiment_table_heading();
    EXPECT_EQ(std::count(row.begin(), row.end(), '\t'), std::count(heading.begin(), heading.end(), '\t'));
}

}  // namespace
}  // namespace ratchet::test
