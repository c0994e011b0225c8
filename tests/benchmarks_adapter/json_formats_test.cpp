#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"
#include "tests/benchmarks_adapter/real_output.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;

std::string real_output(const std::string& file) {
    return test::real_output("google_benchmark/" + file);
}

TEST(JsonPointer, finds_a_number) {
    const std::string text = R"({"results": [{"mean": 0.25}], "a/b": 3})";
    EXPECT_EQ(read_json(text, "time", "/results/0/mean").metrics.at("time").value, 0.25);
    EXPECT_EQ(read_json(text, "time", "/a~1b").metrics.at("time").value, 3);
    EXPECT_EQ(read_json("12", "time", "").metrics.at("time").value, 12);
}

TEST(JsonPointer, reduces_an_array_to_its_median) {
    EXPECT_EQ(read_json(R"({"times": [9, 1, 3, 4]})", "time", "/times").metrics.at("time").value, 3.5);
    EXPECT_FALSE(read_json(R"({"times": []})", "time", "/times").usable());
    EXPECT_FALSE(read_json(R"({"times": [1, "2"]})", "time", "/times").usable());
}

TEST(JsonPointer, reads_a_document_between_other_lines) {
    EXPECT_EQ(read_json("starting\n{\"t\": 1}\ndone\n", "t", "/t").metrics.at("t").value, 1);
    EXPECT_EQ(read_json("starting {now}\n  [4]\n", "t", "/0").metrics.at("t").value, 4);
}

TEST(JsonPointer, says_what_is_wrong) {
    EXPECT_EQ(read_json("", "t", "/t").error, "the output is empty, not JSON");
    EXPECT_EQ(read_json("fast\n", "t", "/t").error, "the output is not JSON: it starts with \"fast\\n\"");
    EXPECT_EQ(read_json(R"({"t": 1})", "t", "/u").error, "the JSON has nothing at \"/u\"");
    EXPECT_EQ(read_json(R"({"t": "1"})", "t", "/t").error, "at \"/t\" the JSON has no number");
    EXPECT_THAT(read_json(R"({"t": 1})", "t", "t").error, HasSubstr("is not a JSON pointer"));
    EXPECT_EQ(read_json(R"({"t": 1e400})", "t", "/t").error,
              "the JSON holds a number outside of what a double can hold");
    EXPECT_FALSE(read_json(R"({"t": NaN})", "t", "/t").usable());
    EXPECT_FALSE(read_json(R"({"t": Infinity})", "t", "/t").usable());
    EXPECT_FALSE(read_json(R"({"t": null})", "t", "/t").usable());
    EXPECT_FALSE(read_json(R"({"t": true})", "t", "/t").usable());
}

TEST(JsonPointer, refuses_one_key_twice_in_one_object) {
    EXPECT_EQ(read_json(R"({"t": 1, "t": 2})", "t", "/t").error,
              "the JSON has the key \"t\" twice in one object");
    EXPECT_FALSE(read_json(R"({"": 1, "": 2, "t": 3})", "t", "/t").usable());
    EXPECT_TRUE(read_json(R"({"a": {"t": 1}, "b": {"t": 2}})", "t", "/a/t").usable());
}

TEST(JsonPointer, survives_deep_nesting) {
    EXPECT_FALSE(read_json(std::string(200'000, '['), "t", "/t").usable());
    EXPECT_FALSE(read_json(std::string(200'000, '[') + std::string(200'000, ']'), "t", "/t").usable());
}

RC_GTEST_PROP(JsonPointer, never_breaks_whatever_is_printed,
              (const std::string& text, const std::string& pointer)) {
    for (const std::string& output : {text, "{" + text, "{\"t\":" + text + "}"}) {
        const MetricReading reading = read_json(output, "t", pointer);
        RC_ASSERT(reading.usable() != reading.metrics.empty());
        RC_ASSERT(is_plain_text(reading.error));
    }
}

TEST(GoogleBenchmark, gives_real_time_under_the_name_and_every_field_below_it) {
    const MetricReading reading = read_google_benchmark(real_output("single.json"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    const Metric& sort = reading.metrics.at("sort_numbers/64");
    EXPECT_EQ(sort.unit, "ns");
    EXPECT_EQ(sort.value, reading.metrics.at("sort_numbers/64/real_time").value);
    // Printed in µs: a sort of 64 numbers takes between 0.01 and 100 of them.
    EXPECT_GT(sort.value, 10);
    EXPECT_LT(sort.value, 100'000);
    EXPECT_GT(reading.metrics.at("sort_numbers/512/cpu_time").value, sort.value / 100);
    EXPECT_EQ(reading.metrics.at("sort_numbers/64/comparisons").value, 12.5);
    EXPECT_GT(reading.metrics.at("sort_numbers/64/items_per_second").value, 0);
    EXPECT_FALSE(reading.metrics.contains("sort_numbers/64/iterations"));
}

TEST(GoogleBenchmark, keeps_the_name_of_a_benchmark_that_is_timed_by_the_wall_clock) {
    const MetricReading reading = read_google_benchmark(real_output("single.json"));
    EXPECT_EQ(reading.metrics.at("copy_text/real_time").value,
              reading.metrics.at("copy_text/real_time/real_time").value);
    EXPECT_FALSE(reading.metrics.contains("copy_text"));
}

TEST(GoogleBenchmark, reduces_repetitions_to_their_median) {
    const MetricReading reading = read_google_benchmark(real_output("repetitions.json"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_DOUBLE_EQ(reading.metrics.at("sort_numbers/64").value,
                     reading.metrics.at("sort_numbers/64_median").value);
    // A coefficient of variation has no unit, although a time unit stands beside it.
    EXPECT_EQ(reading.metrics.at("sort_numbers/64_cv").unit, "");
    EXPECT_LT(reading.metrics.at("sort_numbers/64_cv").value, 10);
}

TEST(GoogleBenchmark, takes_the_median_where_only_aggregates_are_reported) {
    const MetricReading reading = read_google_benchmark(real_output("aggregates_only.json"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_EQ(reading.metrics.at("sort_numbers/64").value,
              reading.metrics.at("sort_numbers/64_median").value);
    EXPECT_EQ(reading.metrics.at("sort_numbers/64/cpu_time").value,
              reading.metrics.at("sort_numbers/64_median/cpu_time").value);
}

TEST(GoogleBenchmark, refuses_a_run_with_a_benchmark_that_failed) {
    EXPECT_EQ(read_google_benchmark(real_output("error.json")).error,
              "benchmark \"broken\" failed: \"no input\"");
}

TEST(GoogleBenchmark, converts_units) {
    const auto value = [](const std::string& unit) {
        return read_google_benchmark(R"({"benchmarks": [{"name": "x", "real_time": 2, "time_unit": ")" +
                                     unit + "\"}]}");
    };
    EXPECT_EQ(value("ns").metrics.at("x").value, 2);
    EXPECT_EQ(value("us").metrics.at("x").value, 2e3);
    EXPECT_EQ(value("ms").metrics.at("x").value, 2e6);
    EXPECT_EQ(value("s").metrics.at("x").value, 2e9);
    EXPECT_EQ(value("fortnight").error, "benchmark \"x\" has no known time unit");
}

TEST(GoogleBenchmark, refuses_what_is_ambiguous_or_something_else) {
    const std::string entry = R"({"name": "x", "real_time": 2, "time_unit": "ns"})";
    EXPECT_EQ(read_google_benchmark("{\"benchmarks\": [" + entry + "," + entry + "]}").error,
              "benchmark \"x\" stands there twice");
    EXPECT_THAT(read_google_benchmark("{}").error, HasSubstr("has no list \"benchmarks\""));
    EXPECT_THAT(read_google_benchmark("[1]").error, HasSubstr("has no list \"benchmarks\""));
    EXPECT_THAT(read_google_benchmark(R"({"benchmarks": [1]})").error, HasSubstr("without a name"));
    EXPECT_TRUE(read_google_benchmark(R"({"benchmarks": []})").metrics.empty());
}

}  // namespace
}  // namespace ratchet
