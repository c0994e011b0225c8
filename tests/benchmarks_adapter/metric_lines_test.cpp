#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;

TEST(MetricLines, are_found_between_any_other_text) {
    const MetricReading reading = read_metric_lines(
        "warming up\nMETRIC time_ms=12.5\n  METRIC loss=-3e-2\r\nMETRICS are above\nMETRIC collection done\n"
        "see METRIC other=1\nMETRIC total=4");
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_EQ(reading.metrics.size(), 3U);
    EXPECT_EQ(reading.metrics.at("time_ms").value, 12.5);
    EXPECT_EQ(reading.metrics.at("loss").value, -0.03);
    EXPECT_EQ(reading.metrics.at("total").value, 4);
}

TEST(MetricLines, may_have_a_unit_after_the_value) {
    for (const char* line : {"METRIC time=12.5 ms", "METRIC time=12.5ms", "\tMETRIC  time = 12.5  ms \r\n"}) {
        const MetricReading reading = read_metric_lines(line);
        ASSERT_TRUE(reading.usable()) << line << ": " << reading.error;
        EXPECT_EQ(reading.metrics.at("time").value, 12.5);
        EXPECT_EQ(reading.metrics.at("time").unit, "ms");
    }
    EXPECT_EQ(read_metric_lines("METRIC rate=3 /s").metrics.at("rate").unit, "/s");
    EXPECT_EQ(read_metric_lines("METRIC share=3%").metrics.at("share").unit, "%");
    EXPECT_EQ(read_metric_lines("METRIC speedup=+3x").metrics.at("speedup").unit, "x");
    EXPECT_EQ(read_metric_lines("METRIC time=3µs").metrics.at("time").unit, "µs");
}

TEST(MetricLines, may_have_names_in_any_script) {
    const MetricReading reading =
        read_metric_lines("\xef\xbb\xbfMETRIC durée=1\nMETRIC 時間=2\nMETRIC a/b:c[3]=3\n");
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_EQ(reading.metrics.at("durée").value, 1);
    EXPECT_EQ(reading.metrics.at("時間").value, 2);
    EXPECT_EQ(reading.metrics.at("a/b:c[3]").value, 3);
}

TEST(MetricLines, with_the_same_value_again_are_one_metric) {
    EXPECT_EQ(read_metric_lines("METRIC a=1 ms\nMETRIC a=1.0 ms\n").metrics.size(), 1U);
}

TEST(MetricLines, with_two_different_values_for_one_name_are_an_error) {
    const MetricReading reading = read_metric_lines("METRIC a=1\nMETRIC b=2\nMETRIC a=3\n");
    EXPECT_EQ(reading.error, "metric a has two different values, 1 and 3");
    EXPECT_TRUE(reading.metrics.empty());
    EXPECT_FALSE(read_metric_lines("METRIC a=1 ms\nMETRIC a=1 s\n").usable());
}

TEST(MetricLines, refuse_what_is_not_a_finite_number) {
    for (const char* value :
         {"nan",   "NaN",   "-nan",   "inf",    "-inf",          "Infinity", "1e400",  "-1e400", "1e-400",
          "",      "abc",   "0x10",   "-0x1p3", "--1",           "+-1",      ".",      "1e",     "1,5",
          "1.2.3", "12 34", "1 2 ms", "1_000",  "5 ms and more", "1=2",      "[1, 2]", "1;2"}) {
        const MetricReading reading = read_metric_lines("METRIC a=" + std::string(value) + "\n");
        // "1e" is the number 1 with the unit e: harmless, because the unit is compared as well.
        if (std::string(value) == "1e") continue;
        EXPECT_FALSE(reading.usable()) << value;
        EXPECT_TRUE(reading.metrics.empty()) << value;
    }
}

TEST(MetricLines, say_what_is_wrong) {
    EXPECT_EQ(read_metric_lines("METRIC a=nan").error, "metric a: \"nan\" is not finite");
    EXPECT_EQ(read_metric_lines("METRIC a=1e400").error,
              "metric a: \"1e400\" is outside of what a number can hold");
    EXPECT_EQ(read_metric_lines("METRIC a=fast").error, "metric a: \"fast\" is not a number");
    EXPECT_EQ(read_metric_lines("METRIC a=1,5").error, "metric a: \",5\" after the number is not a unit");
    EXPECT_THAT(read_metric_lines("METRIC =1").error, HasSubstr("\"\" is not a name"));
}

TEST(MetricLines, refuse_names_that_could_not_be_shown) {
    for (const char* name : {"a\x1b[31m", "a b", "\xff\xfe", "\xc0\xaf", "\xed\xa0\x80", "a\x7f"}) {
        const MetricReading reading = read_metric_lines("METRIC " + std::string(name) + "=1");
        EXPECT_FALSE(reading.usable());
        EXPECT_TRUE(is_plain_text(reading.error));
    }
    EXPECT_FALSE(read_metric_lines("METRIC " + std::string(201, 'a') + "=1").usable());
}

TEST(MetricLines, of_nothing_are_nothing) {
    EXPECT_TRUE(read_metric_lines("").usable());
    EXPECT_TRUE(read_metric_lines("\n\n\r\n").metrics.empty());
    EXPECT_TRUE(read_metric_lines(std::string(100, '\0')).metrics.empty());
}

TEST(MetricLines, of_ten_megabytes_are_read_within_bounds) {
    std::string same;
    while (same.size() < 10'000'000)
        same += "METRIC time=12.5 ms\n";
    EXPECT_EQ(read_metric_lines(same).metrics.size(), 1U);
    std::string different;
    for (int i = 0; i < 20'000; ++i)
        different += "METRIC name" + std::to_string(i) + "=1\n";
    EXPECT_EQ(read_metric_lines(different).error, "more than 10000 metrics");
    EXPECT_FALSE(read_metric_lines("METRIC a=" + std::string(10'000'000, '1')).usable());
    EXPECT_TRUE(read_metric_lines(std::string(10'000'000, 'x')).usable());
}

RC_GTEST_PROP(MetricLines, never_break_whatever_is_printed, (const std::string& text)) {
    for (const std::string& output : {text, "METRIC " + text, "METRIC a=" + text, "METRIC a=1" + text}) {
        const MetricReading reading = read_metric_lines(output);
        RC_ASSERT(reading.usable() || reading.metrics.empty());
        RC_ASSERT(is_plain_text(reading.error));
        for (const auto& [name, metric] : reading.metrics)
            RC_ASSERT(std::isfinite(metric.value));
    }
}

RC_GTEST_PROP(MetricLines, return_every_number_that_was_printed, (double value)) {
    char buffer[64];
    const int length = std::snprintf(buffer, sizeof buffer, "METRIC a=%.17g", value);
    const MetricReading reading = read_metric_lines(std::string(buffer, static_cast<std::size_t>(length)));
    RC_ASSERT(reading.usable() == std::isfinite(value));
    if (reading.usable()) RC_ASSERT(reading.metrics.at("a").value == value);
}

}  // namespace
}  // namespace ratchet
