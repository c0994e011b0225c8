#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "tests/benchmarks_adapter/real_output.hpp"

namespace ratchet::test {
namespace {

using ::testing::HasSubstr;

TEST(Hyperfine, gives_the_median_of_the_runs_under_the_command_and_the_rest_below_it) {
    const MetricReading reading = read_hyperfine(real_output("hyperfine/single.json"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    const Metric& nap = reading.metrics.at("nap");
    EXPECT_EQ(nap.unit, "s");
    EXPECT_DOUBLE_EQ(nap.value, reading.metrics.at("nap/median").value);
    EXPECT_GE(nap.value, 0.01);
    EXPECT_LT(nap.value, 1);
    for (const char* field : {"mean", "stddev", "user", "system", "min", "max"})
        EXPECT_EQ(reading.metrics.at(std::string("nap/") + field).unit, "s") << field;
    EXPECT_EQ(reading.metrics.size(), 8U);
}

TEST(Hyperfine, reads_the_list_that_is_printed_after_each_of_several_commands) {
    const MetricReading reading = read_hyperfine(real_output("hyperfine/two_with_log.txt"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_LT(reading.metrics.at("short").value, reading.metrics.at("long").value);
}

TEST(Hyperfine, reduces_the_memory_of_all_runs_to_its_median) {
    const MetricReading reading = read_hyperfine(
        R"({"results": [{"command": "x", "times": [3, 1, 2], "memory_usage_byte": [4096, 8192, 4096]}]})");
    EXPECT_EQ(reading.metrics.at("x").value, 2);
    EXPECT_EQ(reading.metrics.at("x/memory_usage_byte").value, 4096);
    EXPECT_EQ(reading.metrics.at("x/memory_usage_byte").unit, "B");
}

TEST(Hyperfine, refuses_two_times_for_one_command) {
    const std::string one = R"({"command": "x", "times": [1]})";
    const std::string other = R"({"command": "x", "times": [2]})";
    EXPECT_EQ(read_hyperfine("{\"results\": [" + one + "," + one + "]}").error,
              "benchmark \"x\" stands there twice");
    EXPECT_EQ(read_hyperfine("{\"results\": [" + one + "]}\n{\"results\": [" + other + "]}\n").error,
              "benchmark \"x\" stands there twice");
    EXPECT_TRUE(read_hyperfine("{\"results\": [" + one + "]}\n{\"results\": [" + one + "]}\n").usable());
}

TEST(Hyperfine, says_what_is_wrong) {
    EXPECT_EQ(read_hyperfine("").error, "the output is empty, not JSON");
    EXPECT_EQ(read_hyperfine("Time: 3 ms").error, "the output is not JSON: it starts with \"Time: 3 ms\"");
    EXPECT_THAT(read_hyperfine("{}").error, HasSubstr("has no list \"results\""));
    EXPECT_EQ(read_hyperfine(R"({"results": [{"command": "x"}]})").error, "hyperfine has no times of \"x\"");
    EXPECT_EQ(read_hyperfine(R"({"results": [{"command": "x", "times": []}]})").error,
              "hyperfine has no times of \"x\"");
    EXPECT_THAT(read_hyperfine(R"({"results": [{"times": [1]}]})").error, HasSubstr("without a name"));
    EXPECT_THAT(read_hyperfine("{\"results\": [{\"command\": \"a\\nb\", \"times\": [1]}]}").error,
                HasSubstr("cannot be shown"));
    EXPECT_THAT(read_hyperfine(R"({"results": [{"command": "x", "times": [1e400]}]})").error,
                HasSubstr("outside of what a double can hold"));
    EXPECT_EQ(read_hyperfine("[1]").error, "the JSON is no object, or does not start where a line does");
}

TEST(PytestBenchmark, gives_the_median_in_seconds_under_the_name_and_the_full_name) {
    const MetricReading reading = read_pytest_benchmark(real_output("pytest_benchmark/single.json"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    const Metric& sort = reading.metrics.at("test_sort[64]");
    EXPECT_EQ(sort.unit, "s");
    EXPECT_EQ(sort.value, reading.metrics.at("test_sort.py::test_sort[64]").value);
    EXPECT_EQ(sort.value, reading.metrics.at("test_sort[64]/median").value);
    EXPECT_GT(sort.value, 1e-7);
    EXPECT_LT(sort.value, 1e-3);
    EXPECT_EQ(reading.metrics.at("test_join/ops").unit, "1/s");
    EXPECT_EQ(reading.metrics.at("test_join/parts").value, 100);
    EXPECT_FALSE(reading.metrics.contains("test_join/rounds"));
    EXPECT_FALSE(reading.metrics.contains("test_join/data"));
}

TEST(PytestBenchmark, tells_tests_of_one_name_apart_by_their_files) {
    const MetricReading reading =
        read_pytest_benchmark(real_output("pytest_benchmark/two_files_with_log.txt"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_FALSE(reading.metrics.contains("test_join"));
    EXPECT_TRUE(reading.metrics.contains("test_sort.py::test_join"));
    EXPECT_TRUE(reading.metrics.contains("other/test_sort.py::test_join/min"));
}

TEST(PytestBenchmark, says_what_is_wrong) {
    EXPECT_THAT(read_pytest_benchmark("{}").error, HasSubstr("has no list \"benchmarks\""));
    EXPECT_THAT(read_pytest_benchmark("[]").error, HasSubstr("has no list \"benchmarks\""));
    EXPECT_EQ(read_pytest_benchmark(R"({"benchmarks": [{"name": "x", "fullname": "a::x"}]})").error,
              "benchmark \"x\" has no times");
    EXPECT_EQ(read_pytest_benchmark(R"({"benchmarks": [{"name": "x", "stats": {"median": "NaN"}}]})").error,
              "benchmark \"x\" has no times");
    EXPECT_TRUE(read_pytest_benchmark(R"({"benchmarks": []})").metrics.empty());
}

TEST(Jmh, gives_the_median_of_all_iterations_in_ns_an_operation) {
    const MetricReading reading = read_jmh(real_output("jmh/results.json"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    const Metric& ints = reading.metrics.at("org.example.Sort.ints/size=64");
    EXPECT_EQ(ints.value, 1500);
    EXPECT_EQ(ints.unit, "ns/op");
    EXPECT_EQ(reading.metrics.at("Sort.ints/size=64").value, 1500);
    EXPECT_EQ(reading.metrics.at("Sort.ints/size=512").value, 12'500);
    EXPECT_EQ(reading.metrics.at("Sort.ints/size=512/score").value, 12'500);
    EXPECT_EQ(reading.metrics.at("Sort.ints/size=64/p100.0").value, 2000);
}

TEST(Jmh, gives_what_profilers_measured_below_the_name) {
    const MetricReading reading = read_jmh(real_output("jmh/results.json"));
    EXPECT_EQ(reading.metrics.at("Sort.ints/size=64/gc.alloc.rate").value, 321.5);
    EXPECT_EQ(reading.metrics.at("Sort.ints/size=64/gc.alloc.rate").unit, "MB/sec");
    EXPECT_EQ(reading.metrics.at("Sort.ints/size=64/gc.count").value, 1);
}

TEST(Jmh, gives_throughput_in_operations_a_second_and_sampled_time_by_its_percentiles) {
    const MetricReading reading = read_jmh(real_output("jmh/results.json"));
    EXPECT_EQ(reading.metrics.at("Text.copy").value, 3.5e6);
    EXPECT_EQ(reading.metrics.at("Text.copy").unit, "ops/s");
    EXPECT_EQ(reading.metrics.at("Text.open").value, 2.4e6);
    EXPECT_EQ(reading.metrics.at("Text.open/p99.9").value, 9.5e6);
}

TEST(Jmh, reads_the_list_behind_what_it_prints) {
    EXPECT_EQ(read_jmh(real_output("jmh/with_log.txt")).metrics.at("Text.copy").value, 3.5e6);
}

TEST(Jmh, does_not_let_the_declared_unit_change_the_value) {
    const auto value = [](const std::string& unit) {
        return read_jmh(R"([{"benchmark": "A.b", "primaryMetric": {"rawData": [[2]], "scoreUnit": ")" + unit +
                        "\"}}]")
            .metrics.at("A.b");
    };
    EXPECT_EQ(value("ms/op").value, 2e6);
    EXPECT_EQ(value("s/op").value, 2e9);
    EXPECT_EQ(value("min/op").value, 120e9);
    EXPECT_EQ(value("ops/ms").value, 2e3);
    EXPECT_EQ(value("ops/min").value, 2.0 / 60);
    EXPECT_EQ(value("#").value, 2);
    EXPECT_EQ(
        read_jmh(R"([{"benchmark": "A.b", "primaryMetric": {"score": 1e300, "scoreUnit": "day/op"}}])").error,
        "benchmark \"A.b\" is not finite");
    EXPECT_EQ(value("#").unit, "#");
}

TEST(Jmh, says_what_is_wrong) {
    EXPECT_EQ(read_jmh("{}").error, "the JSON is not JMH's: it is no list of results");
    EXPECT_EQ(read_jmh(R"([{"benchmark": "A.b"}])").error, "benchmark \"A.b\" has no score that is a number");
    EXPECT_EQ(
        read_jmh(R"([{"benchmark": "A.b", "primaryMetric": {"score": "NaN", "rawData": [["NaN"]]}}])").error,
        "benchmark \"A.b\" has no score that is a number");
    const std::string one = R"({"benchmark": "A.b", "mode": "avgt", "primaryMetric": {"score": 1}})";
    EXPECT_EQ(read_jmh("[" + one + "," + one + "]").error, "benchmark \"A.b\" stands there twice");
}

TEST(ToolJson, with_too_many_or_too_long_names_is_refused) {
    std::string many = R"({"results": [{"command": "x0", "times": [1]})";
    for (int i = 1; i <= 10'000; ++i)
        many += R"(,{"command": "x)" + std::to_string(i) + R"(", "times": [1]})";
    EXPECT_EQ(read_hyperfine(many + "]}").error, "more than 10000 metrics");
    EXPECT_THAT(
        read_hyperfine(R"({"results": [{"command": ")" + std::string(1001, 'x') + R"(", "times": [1]}]})")
            .error,
        HasSubstr("cannot be shown"));
}

TEST(ToolJson, survives_deep_nesting) {
    const std::string open(50'000, '[');
    const std::string close(50'000, ']');
    for (const std::string& entry :
         {R"({"results": [{"command": "x", "times": )" + open + close + "}]}",
          R"({"benchmarks": [{"name": "x", "fullname": "x", "stats": {"median": )" + open + close + "}}]}",
          R"([{"benchmark": "x", "primaryMetric": {"rawData": )" + open + close + "}}]"}) {
        EXPECT_FALSE(read_hyperfine(entry).usable());
        EXPECT_FALSE(read_pytest_benchmark(entry).usable());
        EXPECT_FALSE(read_jmh(entry).usable());
    }
}

}  // namespace
}  // namespace ratchet::test
