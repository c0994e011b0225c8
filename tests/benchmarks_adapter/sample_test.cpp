#include <gmock/gmock.h>

#include "benchmarks_adapter/metrics/metric_reader.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;

class ReadSample : public ::testing::Test {
  protected:
    ReadSample() {
        benchmark.metric = "time";
        figures.wall_seconds = 2;
        figures.user_seconds = 1.5;
        figures.system_seconds = 0.25;
        figures.peak_memory_bytes = 4096;
    }
    [[nodiscard]] SampleReading read(const std::string& text) const {
        return read_sample(benchmark, constraints, {text, figures});
    }
    Benchmark benchmark;
    std::vector<Constraint> constraints;
    RunFigures figures;
};

TEST_F(ReadSample, takes_the_primary_metric_with_its_unit_and_the_figures) {
    const SampleReading reading = read("METRIC time=12.5 ms\nMETRIC other=1\n");
    ASSERT_TRUE(reading.sample) << reading.error;
    EXPECT_EQ(reading.sample->value, 12.5);
    EXPECT_EQ(reading.unit, "ms");
    EXPECT_EQ(reading.sample->figures, figures);
    EXPECT_TRUE(reading.sample->metrics.empty());
}

TEST_F(ReadSample, shows_the_unit_that_the_campaign_names) {
    benchmark.unit = "s";
    EXPECT_EQ(read("METRIC time=12.5 ms").unit, "s");
}

TEST_F(ReadSample, measures_from_outside_where_the_source_says_so) {
    benchmark.source = MetricSource::wall;
    EXPECT_EQ(read("METRIC wall=1").sample->value, 2);
    EXPECT_EQ(read("").unit, "s");
    benchmark.source = MetricSource::cpu;
    EXPECT_EQ(read("").sample->value, 1.75);
    benchmark.source = MetricSource::peak_memory;
    EXPECT_EQ(read("METRIC a=nan").sample->value, 4096);
}

TEST_F(ReadSample, counts_instructions_where_the_machine_does) {
    benchmark.source = MetricSource::instructions;
    EXPECT_EQ(read("METRIC instructions=1").error, "the kernel counted no instructions in this run");
    figures.instructions = 123456;
    EXPECT_EQ(read("METRIC instructions=1").sample->value, 123456);

    benchmark.source = MetricSource::metric_lines;
    constraints = {{"instructions", 0.05}};
    EXPECT_EQ(read("METRIC time=1\nMETRIC instructions=1").sample->metrics.at("instructions"), 123456);
    figures.instructions.reset();
    EXPECT_EQ(read("METRIC time=1\nMETRIC instructions=1").error,
              "the kernel counted no instructions in this run")
        << "nothing that is printed stands for a count";
}

TEST_F(ReadSample, knows_the_outside_figures_by_name_whatever_the_source) {
    benchmark.metric = "user+sys";
    EXPECT_EQ(read("no metric at all").sample->value, 1.75);
}

TEST_F(ReadSample, takes_the_constrained_metrics_from_outside_first) {
    constraints = {{"peak_memory", 0.05}, {"loss", 0.01}};
    const SampleReading reading = read("METRIC time=1\nMETRIC peak_memory=1\nMETRIC loss=-0.5\n");
    ASSERT_TRUE(reading.sample) << reading.error;
    EXPECT_EQ(reading.sample->metrics,
              (std::map<std::string, double>{{"peak_memory", 4096}, {"loss", -0.5}}));
}

TEST_F(ReadSample, finds_constrained_metrics_in_metric_lines_beside_another_source) {
    constraints = {{"loss", 0.01}};
    benchmark.source = MetricSource::wall;
    EXPECT_EQ(read("METRIC loss=3").sample->metrics.at("loss"), 3);
    EXPECT_THAT(read("METRIC los=3").error,
                HasSubstr("no metric \"loss\" for the constraint; there are: los"));
    EXPECT_THAT(read("METRIC loss=nan").error, HasSubstr("is not finite"));
}

TEST_F(ReadSample, says_which_metric_is_missing_and_which_there_are) {
    EXPECT_EQ(read("").error, "no metric \"time\"; the output has no metric at all");
    EXPECT_EQ(read("METRIC a=1\nMETRIC b=1\n").error, "no metric \"time\"; there are: a, b");
}

TEST_F(ReadSample, refuses_what_is_not_positive_unless_differences_are_judged) {
    EXPECT_THAT(read("METRIC time=0").error, HasSubstr("scale = \"difference\""));
    EXPECT_FALSE(read("METRIC time=-1").sample);
    benchmark.scale = Scale::difference;
    EXPECT_EQ(read("METRIC time=-1").sample->value, -1);
    EXPECT_FALSE(read("METRIC time=inf").sample);
}

TEST_F(ReadSample, refuses_what_is_out_of_the_plausible_range) {
    benchmark.plausible_low = 1;
    benchmark.plausible_high = 10;
    EXPECT_TRUE(read("METRIC time=1").sample);
    EXPECT_TRUE(read("METRIC time=10").sample);
    EXPECT_EQ(read("METRIC time=0.5").error, "metric time = 0.5 is implausible: less than 1");
    EXPECT_EQ(read("METRIC time=10.5").error, "metric time = 10.5 is implausible: more than 10");
}

TEST_F(ReadSample, refuses_two_different_values) {
    EXPECT_THAT(read("METRIC time=1\nMETRIC time=0.1\n").error, HasSubstr("two different values"));
}

TEST_F(ReadSample, says_in_which_units_its_metrics_were_read) {
    benchmark.unit = "shown";
    constraints = {{"peak_memory", 0.05}, {"loss", 0.01}};
    EXPECT_EQ(read("METRIC time=12.5 ms\nMETRIC loss=1\nMETRIC other=1 s\n").units,
              (MetricUnits{{"time", "ms"}, {"peak_memory", "B"}, {"loss", ""}}));
}

TEST(ChangeOfUnit, names_the_first_metric_that_has_another_unit) {
    EXPECT_EQ(change_of_unit({{"time", "ms"}}, {{"time", "ms"}}), "");
    EXPECT_EQ(change_of_unit({{"size", "B"}, {"time", "ms"}}, {{"size", "B"}, {"time", "s"}}),
              "metric time: the unit changed from ms to s");
    EXPECT_EQ(change_of_unit({{"time", ""}}, {{"time", "s"}}),
              "metric time: the unit changed from none to s");
    EXPECT_EQ(change_of_unit({{"time", "ms"}}, {}), "");
    EXPECT_EQ(change_of_unit({}, {{"time", "ms"}}), "");
}

TEST_F(ReadSample, reads_the_formats_of_benchmark_tools) {
    benchmark.metric = "x";
    const auto value = [&](MetricSource source, const std::string& text) {
        benchmark.source = source;
        return read(text).sample->value;
    };
    EXPECT_EQ(value(MetricSource::hyperfine, R"({"results": [{"command": "x", "times": [3]}]})"), 3);
    EXPECT_EQ(value(MetricSource::pytest_benchmark,
                    R"({"benchmarks": [{"name": "x", "fullname": "a::x", "stats": {"median": 3}}]})"),
              3);
    EXPECT_EQ(value(MetricSource::criterion, "test x ... bench: 3 ns/iter (+/- 0)"), 3);
    EXPECT_EQ(value(MetricSource::jmh, R"([{"benchmark": "x", "primaryMetric": {"score": 3}}])"), 3);
    EXPECT_EQ(value(MetricSource::catch2,
                    "<Catch><BenchmarkResults name=\"x\"><mean value=\"3\"/></BenchmarkResults></Catch>"),
              3);
    benchmark.metric = "BenchmarkX";
    EXPECT_EQ(value(MetricSource::go_bench, "BenchmarkX-8 10 3 ns/op"), 3);
}

TEST_F(ReadSample, reads_the_other_formats_by_their_locator) {
    benchmark.source = MetricSource::json;
    benchmark.locator = "/t";
    EXPECT_EQ(read(R"({"t": 3})").sample->value, 3);
    benchmark.source = MetricSource::regex;
    benchmark.locator = "took ([0-9]+)";
    EXPECT_EQ(read("took 7 ms").sample->value, 7);
    benchmark.source = MetricSource::google_benchmark;
    benchmark.metric = "x";
    EXPECT_EQ(read(R"({"benchmarks": [{"name": "x", "real_time": 2, "time_unit": "ms"}]})").sample->value,
              2e6);
}

}  // namespace
}  // namespace ratchet
