#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "tests/benchmarks_adapter/real_output.hpp"

namespace ratchet::test {
namespace {

using ::testing::HasSubstr;

TEST(GoBench, gives_time_under_the_name_and_every_unit_below_it) {
    const MetricReading reading = read_go_bench(real_output("go_bench/single.txt"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_EQ(reading.metrics.at("BenchmarkSort/64").value, 1438);
    EXPECT_EQ(reading.metrics.at("BenchmarkSort/64").unit, "ns/op");
    EXPECT_EQ(reading.metrics.at("BenchmarkSort/64/ns/op").value, 1438);
    EXPECT_EQ(reading.metrics.at("BenchmarkSort/64/comparisons/op").value, 326);
    EXPECT_EQ(reading.metrics.at("BenchmarkCopy/MB/s").value, 1114.84);
}

TEST(GoBench, may_be_named_with_processors_and_package) {
    const MetricReading reading = read_go_bench(real_output("go_bench/single.txt"));
    for (const char* name : {"BenchmarkSort/64", "BenchmarkSort/64-2", "example.com/sorting.BenchmarkSort/64",
                             "example.com/sorting.BenchmarkSort/64-2"}) {
        EXPECT_EQ(reading.metrics.at(name).value, 1438) << name;
    }
}

TEST(GoBench, reduces_several_runs_to_their_median_and_tells_packages_apart) {
    const MetricReading reading = read_go_bench(real_output("go_bench/count.txt"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_EQ(reading.metrics.at("BenchmarkSort/64").value, 1998);
    EXPECT_EQ(reading.metrics.at("BenchmarkSort/512/allocs/op").value, 3);
    EXPECT_EQ(reading.metrics.at("example.com/sorting.BenchmarkCopy/B/op").value, 4100);
    EXPECT_EQ(reading.metrics.at("example.com/sorting/sub.BenchmarkCopy").value, 126.1);
    EXPECT_FALSE(reading.metrics.contains("BenchmarkCopy"));
    EXPECT_FALSE(reading.metrics.contains("BenchmarkCopy-2"));
}

TEST(GoBench, tells_numbers_of_processors_apart) {
    const MetricReading reading = read_go_bench(real_output("go_bench/processors.txt"));
    EXPECT_EQ(reading.metrics.at("BenchmarkCopy-2").value, 2872);
    EXPECT_EQ(reading.metrics.at("example.com/sorting.BenchmarkCopy").value, 3335);
    EXPECT_FALSE(reading.metrics.contains("BenchmarkCopy")) << "could be either";
}

TEST(GoBench, refuses_a_run_with_a_benchmark_that_failed) {
    EXPECT_EQ(read_go_bench(real_output("go_bench/failed.txt")).error,
              "benchmark \"BenchmarkBroken\" failed");
}

TEST(GoBench, ignores_other_lines_and_refuses_broken_results) {
    EXPECT_TRUE(read_go_bench("").metrics.empty());
    EXPECT_TRUE(
        read_go_bench("BenchmarkX\nBenchmarkX-8 said so\nBenchmarks 1 2 ns/op\nPASS\n").metrics.empty());
    EXPECT_EQ(read_go_bench("BenchmarkX-8 \t 100\t NaN ns/op").error,
              "benchmark \"BenchmarkX-8\": \"NaN\" is not finite");
    EXPECT_THAT(read_go_bench("BenchmarkX 100 1e400 ns/op").error,
                HasSubstr("outside of what a number can hold"));
    EXPECT_EQ(read_go_bench("BenchmarkX 100 12 ns/op 3").error,
              "benchmark \"BenchmarkX\": \"3\" has no unit");
    EXPECT_EQ(read_go_bench("BenchmarkX 100 5 widgets\r\n").metrics.at("BenchmarkX").unit, "widgets");
}

TEST(Criterion, reads_the_lines_of_its_bencher_format) {
    const MetricReading reading = read_criterion(real_output("criterion/bencher.txt"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_EQ(reading.metrics.at("sort/64").value, 1922);
    EXPECT_EQ(reading.metrics.at("sort/64").unit, "ns");
    EXPECT_EQ(reading.metrics.at("copy text").value, 308);
    EXPECT_EQ(reading.metrics.size(), 4U);
}

TEST(Criterion, reads_the_messages_of_cargo_criterion) {
    const MetricReading reading = read_criterion(real_output("criterion/messages.txt"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_EQ(reading.metrics.at("sort/64").value, 1422);
    EXPECT_EQ(reading.metrics.at("sort/64").unit, "ns");
    EXPECT_EQ(reading.metrics.at("sort/64/slope").value, 1421.8);
    EXPECT_EQ(reading.metrics.at("sort/512/mean").value, 7959.8);
    EXPECT_FALSE(reading.metrics.contains("sort/512/slope"));
    EXPECT_EQ(reading.metrics.at("copy text/typical").value, 257.29);
}

TEST(Criterion, converts_units_and_reads_grouped_numbers) {
    const auto value = [](const std::string& figure) {
        return read_criterion("test x ... bench: " + figure + "/iter (+/- 5)").metrics.at("x").value;
    };
    EXPECT_EQ(value("1,234 ns"), 1234);
    EXPECT_EQ(value("1,234,567.25 ns"), 1234567.25);
    EXPECT_EQ(value("12 us"), 12e3);
    EXPECT_EQ(value("12 ms"), 12e6);
    const MetricReading cycles = read_criterion("test x ... bench:   70 cycles/iter (+/- 1)");
    EXPECT_EQ(cycles.metrics.at("x").unit, "cycles");
}

TEST(Criterion, says_what_is_wrong) {
    EXPECT_TRUE(read_criterion("test result: ok. 3 passed\ntest a::b ... ok\n").metrics.empty());
    EXPECT_EQ(read_criterion("test x ... bench: 12,34 ns/iter (+/- 5)").error,
              "benchmark \"x\": \"12,34\" is not a number");
    EXPECT_EQ(read_criterion("test x ... bench: NaN ns/iter").error,
              "benchmark \"x\": \"NaN\" is not finite");
    EXPECT_EQ(read_criterion("test x ... bench: 3").error, "benchmark \"x\": \"\" is no unit of a time");
    const std::string line = "test x ... bench: 3 ns/iter (+/- 0)\n";
    EXPECT_EQ(read_criterion(line + line).error, "benchmark \"x\" stands there twice");
    EXPECT_THAT(read_criterion("{\"reason\": \"benchmark-complete\", ").error, HasSubstr("not JSON"));
    EXPECT_EQ(read_criterion(R"({"reason": "benchmark-complete", "id": "x"})").error,
              "benchmark \"x\" has no median");
}

TEST(Catch2, gives_the_mean_under_the_name_where_one_benchmark_has_it) {
    const MetricReading reading = read_catch2(real_output("catch2/single.xml"));
    ASSERT_TRUE(reading.usable()) << reading.error;
    EXPECT_EQ(reading.metrics.at("sort <64 & more>").value, 167.104);
    EXPECT_EQ(reading.metrics.at("sort <64 & more>").unit, "ns");
    EXPECT_EQ(reading.metrics.at("sorting/sort <512 & more>/standardDeviation").value, 693.791);
    EXPECT_EQ(reading.metrics.at("sorting/copies/copy").value, 47.3543);
    EXPECT_EQ(reading.metrics.at("copying/copy/mean").value, 13.9249);
    EXPECT_FALSE(reading.metrics.contains("copy"));
}

TEST(Catch2, refuses_a_run_with_a_benchmark_that_failed) {
    EXPECT_EQ(read_catch2(real_output("catch2/failed.xml")).error,
              "benchmark \"throws\" failed: \"no input\"");
}

TEST(Catch2, says_what_is_wrong) {
    EXPECT_THAT(read_catch2("benchmark name   samples\n").error,
                HasSubstr("run the benchmarks with `-r xml`"));
    const std::string begin = "<Catch2TestRun name=\"b\"><TestCase name=\"t\">";
    const std::string end = "</TestCase></Catch2TestRun>";
    const auto benchmark = [](const std::string& mean) {
        return "<BenchmarkResults name=\"x\"><mean value=\"" + mean + "\"/></BenchmarkResults>";
    };
    EXPECT_EQ(read_catch2(begin + benchmark("12") + end).metrics.at("t/x").value, 12);
    EXPECT_EQ(read_catch2(begin + benchmark("12")).error, "Catch2's XML breaks off before its end");
    EXPECT_EQ(read_catch2(begin + benchmark("nan") + end).error,
              "benchmark \"x\": mean \"nan\" is not finite");
    EXPECT_EQ(read_catch2(begin + benchmark("1") + benchmark("2") + end).error,
              "benchmark \"t/x\" stands there twice");
    EXPECT_EQ(read_catch2(begin + "<BenchmarkResults name=\"x\"/>" + end).error,
              "benchmark \"x\" has no mean");
    EXPECT_TRUE(read_catch2(begin + "<!--" + benchmark("1") + "--><![CDATA[" + benchmark("1") + "]]>" + end)
                    .metrics.empty());
}

TEST(Catch2, survives_deep_nesting_and_tags_without_end) {
    std::string deep = "<Catch name=\"b\">";
    for (int i = 0; i < 200'000; ++i)
        deep += "<Section name=\"a\">";
    EXPECT_EQ(read_catch2(deep + "<BenchmarkResults name=\"x\">").error, "benchmark \"x\" stands too deep");
    std::string open;
    for (int i = 0; i < 500'000; ++i)
        open += "<!-- <a b=\"";
    EXPECT_FALSE(read_catch2(open).usable());
}

}  // namespace
}  // namespace ratchet::test
