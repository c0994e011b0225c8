#include "experiment_store/exchange/foreign.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::ifstream sample_file(const std::string& name) {
    std::ifstream file(std::string(RATCHET_TEST_DATA) + "/exchange/" + name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    return file;
}

ForeignRecords run_log(const std::string& text) {
    std::istringstream in(text);
    return read_run_log(in);
}

ForeignRecords results_table(const std::string& text) {
    std::istringstream in(text);
    return read_results_table(in);
}

TEST(RunLog, says_all_that_its_records_say) {
    std::ifstream file = sample_file("run_log/autoresearch.jsonl");
    const ForeignRecords records = read_run_log(file);
    ASSERT_THAT(records.experiments, SizeIs(7));
    const ImportedExperiment& second = records.experiments[1];
    EXPECT_EQ(second.line, 4);
    EXPECT_EQ(second.segment, 0);
    EXPECT_EQ(second.session, "Optimize sort");
    EXPECT_EQ(second.metric, "total_ms");
    EXPECT_EQ(second.unit, "ms");
    EXPECT_EQ(second.direction, Direction::lower);
    EXPECT_EQ(second.run, 2);
    EXPECT_EQ(second.commit_name, "b2c3d4e");
    EXPECT_EQ(second.value, 380.2);
    EXPECT_EQ(second.status, ImportedStatus::keep);
    EXPECT_EQ(second.description, "reduce worker churn");
    EXPECT_EQ(second.learned, "the pool itself");
    EXPECT_EQ(second.confidence, 2.3);
    EXPECT_EQ(second.measured_at, Timestamp(std::chrono::milliseconds(1774886460000)));
    EXPECT_EQ(records.hooks, 1);
    EXPECT_EQ(records.segments, 2);
}

TEST(RunLog, keeps_unknown_fields_and_the_line_itself) {
    std::ifstream file = sample_file("run_log/autoresearch.jsonl");
    const ForeignRecords records = read_run_log(file);
    const auto extra = nlohmann::json::parse(records.experiments[1].extra);
    EXPECT_EQ(extra["iterationTokens"], 18231);
    EXPECT_EQ(extra["metrics"]["compile_ms"], 90);
    EXPECT_EQ(extra["asi"]["hypothesis"], "workers are started once for each batch");
    EXPECT_TRUE(records.experiments[1].record.starts_with(R"({"run":2,"commit":"b2c3d4e")"));
    const auto of_the_second_segment = nlohmann::json::parse(records.experiments[5].extra);
    EXPECT_EQ(of_the_second_segment["config"]["noiseFloor"], 0.03);
}

TEST(RunLog, begins_a_segment_with_each_configuration) {
    std::ifstream file = sample_file("run_log/autoresearch.jsonl");
    const ForeignRecords records = read_run_log(file);
    std::vector<int> segments;
    std::vector<bool> baselines;
    for (const ImportedExperiment& run : records.experiments) {
        segments.push_back(run.segment);
        baselines.push_back(run.baseline);
    }
    EXPECT_THAT(segments, ElementsAre(0, 0, 0, 0, 0, 1, 1));
    EXPECT_THAT(baselines, ElementsAre(true, false, false, false, false, true, false));
    EXPECT_EQ(records.experiments[5].metric, "total_s") << "the other spelling";
}

TEST(RunLog, names_broken_lines_and_goes_on) {
    std::ifstream file = sample_file("run_log/autoresearch.jsonl");
    EXPECT_THAT(read_run_log(file).broken,
                ElementsAre(BrokenLine{8, "it is not JSON"}, BrokenLine{11, "it is no JSON object"},
                            BrokenLine{12, "its status is none of keep, discard, crash, checks_failed"}));
}

TEST(RunLog, takes_a_metric_of_zero_in_a_crash_for_none) {
    std::ifstream file = sample_file("run_log/autoresearch.jsonl");
    const ForeignRecords records = read_run_log(file);
    EXPECT_EQ(records.experiments[3].status, ImportedStatus::crash);
    EXPECT_EQ(records.experiments[3].value, std::nullopt);
}

TEST(RunLog, understands_seconds_where_milliseconds_would_be_long_ago) {
    std::ifstream file = sample_file("run_log/autoresearch.jsonl");
    EXPECT_EQ(read_run_log(file).experiments[4].measured_at,
              Timestamp(std::chrono::milliseconds(1774886640000)));
}

TEST(RunLog, reads_a_log_in_its_folder_of_today) {
    std::ifstream file = sample_file("run_log/auto_log.jsonl");
    const ForeignRecords records = read_run_log(file);
    EXPECT_THAT(records.experiments, SizeIs(2));
    EXPECT_THAT(records.broken, IsEmpty());
    EXPECT_EQ(records.hooks, 1);
}

TEST(RunLog, needs_no_configuration) {
    const ForeignRecords records = run_log(R"({"metric":"12.5","status":"Keep "})");
    ASSERT_THAT(records.experiments, SizeIs(1));
    EXPECT_EQ(records.experiments[0].value, 12.5);
    EXPECT_EQ(records.experiments[0].direction, std::nullopt);
    EXPECT_TRUE(records.experiments[0].baseline);
}

TEST(RunLog, says_what_is_wrong_with_a_record) {
    const std::string nested(100, '[');
    EXPECT_THAT(run_log(R"({"run":1,"metric":1}
{"run":1,"metric":null,"status":"keep"}
{"run":1,"metric":1e999,"status":"keep"}
)" + nested + "\n{\"status\":\"\xff\"}\n" +
                        std::string(longest_record + 1, ' ') + "{}\n")
                    .broken,
                ElementsAre(BrokenLine{1, "it has no status"}, BrokenLine{2, "it has no metric"},
                            BrokenLine{3, "it is not JSON"}, BrokenLine{4, "it is nested too deep"},
                            BrokenLine{5, "it is not JSON"}));
}

TEST(RunLog, leaves_out_a_record_that_is_too_long) {
    const ForeignRecords records =
        run_log(R"({"metric":1,"status":"keep","description":")" + std::string(longest_record, 'x') +
                "\"}\n" + R"({"metric":1,"status":"keep"})" + "\n");
    EXPECT_THAT(records.broken, ElementsAre(BrokenLine{1, "it is longer than 1 MiB"}));
    EXPECT_THAT(records.experiments, SizeIs(1));
}

TEST(ResultsTable, says_all_that_its_lines_say) {
    std::ifstream file = sample_file("results_table/results.tsv");
    const ForeignRecords records = read_results_table(file);
    ASSERT_THAT(records.experiments, SizeIs(5));
    const ImportedExperiment& third = records.experiments[2];
    EXPECT_EQ(third.line, 4);
    EXPECT_EQ(third.commit_name, "c3d4e5f");
    EXPECT_EQ(third.metric, "val_bpb");
    EXPECT_EQ(third.value, 1.005);
    EXPECT_EQ(third.status, ImportedStatus::discard);
    EXPECT_EQ(third.description, "switch to GeLU activation");
    EXPECT_EQ(third.extra, R"({"memory_gb":44.0})");
    EXPECT_EQ(third.direction, std::nullopt);
    EXPECT_TRUE(records.experiments[0].baseline);
    EXPECT_FALSE(records.experiments[1].baseline);
}

TEST(ResultsTable, takes_a_metric_of_zero_in_a_crash_for_none) {
    std::ifstream file = sample_file("results_table/results.tsv");
    const ForeignRecords records = read_results_table(file);
    EXPECT_EQ(records.experiments[3].status, ImportedStatus::crash);
    EXPECT_EQ(records.experiments[3].value, std::nullopt);
}

TEST(ResultsTable, names_broken_lines_and_goes_on) {
    std::ifstream file = sample_file("results_table/results.tsv");
    const ForeignRecords records = read_results_table(file);
    EXPECT_THAT(records.broken, ElementsAre(BrokenLine{6, "it has 3 columns, the heading has 5"},
                                            BrokenLine{7, "its metric is no number"}));
    EXPECT_EQ(records.experiments.back().description, "RoPE base 50k\tand\ttabs in it");
}

TEST(ResultsTable, finds_its_columns_by_their_names) {
    const ForeignRecords records = results_table(
        "status\tscore\tsharpe\tval_pass\tdescription\tcommit\n"
        "keep\t0.42\t0.58\ttrue\tbaseline\tabc1234\r\n");
    ASSERT_THAT(records.experiments, SizeIs(1));
    EXPECT_EQ(records.experiments[0].metric, "score");
    EXPECT_EQ(records.experiments[0].commit_name, "abc1234");
    EXPECT_EQ(records.experiments[0].extra, R"({"sharpe":0.58,"val_pass":"true"})");
}

TEST(ResultsTable, without_a_usable_heading_has_no_lines) {
    EXPECT_THAT(results_table("a\tb\nc\td\n").broken,
                ElementsAre(BrokenLine{1, "it is no heading with a metric and a status"}));
}

TEST(ForeignFormats, are_told_by_their_first_line) {
    const auto format = [](const std::string& text) {
        std::istringstream in(text);
        return foreign_format(in);
    };
    EXPECT_EQ(format("\n \n{\"type\":\"config\"}"), ForeignFormat::run_log);
    EXPECT_EQ(format("\xef\xbb\xbf"
                     "commit\tx\tstatus\n"),
              ForeignFormat::results_table);
    EXPECT_EQ(format("hello"), std::nullopt);
    EXPECT_EQ(format(""), std::nullopt);
}

}  // namespace
}  // namespace ratchet::test
