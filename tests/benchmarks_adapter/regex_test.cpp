#include <gmock/gmock.h>

#include "benchmarks_adapter/metrics/metric_reader.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;

TEST(Regex, takes_the_first_group_of_the_match) {
    const MetricReading reading = read_regex("run 1\ntotal: 12.5 ms\n", "time", R"(total: ([0-9.]+) (ms|s))");
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_EQ(reading.metrics.at("time").value, 12.5);
}

TEST(Regex, allows_matches_that_agree_and_no_others) {
    EXPECT_EQ(read_regex("t=3 t=3.0", "t", "t=([0-9.]+)").metrics.at("t").value, 3);
    EXPECT_EQ(read_regex("t=3 t=4", "t", "t=([0-9.]+)").error, "metric t has two different values, 3 and 4");
}

TEST(Regex, says_what_is_wrong) {
    EXPECT_THAT(read_regex("x", "t", "t=([0-9]+)").error, HasSubstr("nothing in the output matches"));
    EXPECT_THAT(read_regex("t=1", "t", "t=[0-9]+").error, HasSubstr("no group"));
    EXPECT_THAT(read_regex("t=1", "t", "t=([0-9]+").error, HasSubstr("not a regular expression"));
    EXPECT_EQ(read_regex("t=nan", "t", "t=(.*)").error, "metric t: \"nan\" is not finite");
    EXPECT_EQ(read_regex("t=1 s", "t", "t=(.*)").error, "metric t: \"1 s\" is not a number");
    EXPECT_THAT(read_regex("", "t", "()").error, HasSubstr("is not a number"));
}

TEST(Regex, knows_the_beginning_and_the_end_of_lines) {
    EXPECT_EQ(read_regex("at=1\nt=2\nt=3x\n", "t", "^t=([0-9]+)$").metrics.at("t").value, 2);
    EXPECT_EQ(read_regex("t=1\nu=2", "t", "t=(.*)").metrics.at("t").value, 1);
}

TEST(Regex, survives_long_lines_and_costly_patterns) {
    const std::string line(1'000'000, 'a');
    EXPECT_FALSE(read_regex(line, "t", "((a|aa)+)$x").usable());
    EXPECT_FALSE(read_regex(line, "t", "t=(.*)").usable());
    const MetricReading costly = read_regex(std::string(40, 'a') + "b", "t", "(a+)+$");
    EXPECT_FALSE(costly.usable());
}

}  // namespace
}  // namespace ratchet
