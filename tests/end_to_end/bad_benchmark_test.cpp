#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

// What becomes of an experiment whose benchmark prints something odd: always a verdict that says why.

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr const char* good = "echo METRIC cost=1000 ms";

class BadBenchmark : public ::testing::Test {
  protected:
    /// `first` is what the benchmark of the champion does: one line of shell.
    void begin_with(const std::string& first) {
        first_ = first;
        toy.write("src/bench.sh", first + "\n");
        toy.commit("Another benchmark");
    }
    /// Adds a proposal that makes the benchmark do this instead.
    void propose(const std::string& line) {
        const std::string diff =
            fmt::format("--- a/src/bench.sh\n+++ b/src/bench.sh\n@@ -1 +1 @@\n-{}\n+{}\n", first_, line);
        patches_.push_back({fmt::format("change {}", patches_.size() + 1),
                            "diff --git a/src/bench.sh b/src/bench.sh\n" + diff, "benchmark-failed"});
        toy.propose(patches_);
    }
    void run() {
        const Ended ended = ratchet(toy.folder(), {"run"});
        ASSERT_EQ(ended.status, 0) << ended.output << ended.errors;
    }
    /// "verdict: reason" of every experiment.
    [[nodiscard]] std::vector<std::string> ends() const {
        std::vector<std::string> result;
        const std::vector<std::string> words = words_of(toy.ledger());
        for (std::size_t i = 0; i < words.size(); ++i) {
            const Ended shown = ratchet(toy.folder(), {"show", std::to_string(i + 1), "--json"});
            result.push_back(words[i] + ": " +
                             nlohmann::json::parse(shown.output).at("reason").get<std::string>());
        }
        return result;
    }

    ToyCampaign toy;

  private:
    std::string first_;
    std::vector<ToyPatch> patches_;
};

TEST_F(BadBenchmark, fails_with_a_sentence_whatever_it_prints) {
    begin_with(good);
    propose("true");
    propose("echo METRIC cost=nan ms");
    propose("echo METRIC cost=inf ms");
    propose("echo METRIC cost=1e400 ms");
    propose("echo METRIC cost=-5 ms");
    propose("echo METRIC cost=0 ms");
    propose("echo METRIC price=5 ms");
    propose("echo METRIC cost=5 ms; exit 3");
    propose("echo METRIC cost=5 ms; echo METRIC cost=6 ms");
    propose("yes METRIC cost=5 ms | head -c 10000000");
    run();

    EXPECT_THAT(
        ends(),
        ElementsAre("benchmark-failed: no metric \"cost\"; the output has no metric at all",
                    "benchmark-failed: metric cost: \"nan ms\" is not finite",
                    "benchmark-failed: metric cost: \"inf ms\" is not finite",
                    "benchmark-failed: metric cost: \"1e400 ms\" is outside of what a number can hold",
                    StartsWith("benchmark-failed: metric cost = -5 is not positive"),
                    StartsWith("benchmark-failed: metric cost = 0 is not positive"),
                    "benchmark-failed: no metric \"cost\"; there are: price",
                    "benchmark-failed: benchmark failed with exit status 3",
                    "benchmark-failed: metric cost has two different values, 5 ms and 6 ms",
                    "benchmark-failed: printed 10000000 bytes; a benchmark may print 8388608 at most"));
}

TEST_F(BadBenchmark, that_never_ends_is_timed_out) {
    toy.configure("timeout = \"5s\"", "timeout = \"3s\"");
    begin_with(good);
    propose("yes METRIC cost=5 ms");
    run();

    EXPECT_THAT(ends(), ElementsAre(StartsWith("timed-out: benchmark ran longer than its limit")));
}

TEST_F(BadBenchmark, that_changes_its_unit_is_no_comparison) {
    begin_with(good);
    propose("echo METRIC cost=0.9 s");
    propose("echo METRIC cost=900000 us");
    propose("echo METRIC cost=900");
    run();

    EXPECT_THAT(ends(), ElementsAre("benchmark-failed: metric cost: the unit changed from ms to s",
                                    "benchmark-failed: metric cost: the unit changed from ms to us",
                                    "benchmark-failed: metric cost: the unit changed from ms to none"));
}

TEST_F(BadBenchmark, that_changes_its_unit_is_found_out_after_a_restart_too) {
    begin_with(good);
    propose("true");
    run();
    propose("echo METRIC cost=0.9 s");
    propose("echo METRIC cost=5000 s");
    run();

    EXPECT_THAT(ends(), ElementsAre(StartsWith("benchmark-failed: no metric"),
                                    "benchmark-failed: metric cost: the unit changed from ms to s",
                                    "benchmark-failed: metric cost: the unit changed from ms to s"));
}

TEST_F(BadBenchmark, needs_its_constrained_metrics_in_the_champions_units) {
    toy.configure("[proposer]", "[[constraint]]\nmetric = \"size\"\nlimit = \"+5%\"\n\n[proposer]");
    begin_with("echo METRIC cost=1000; echo METRIC size=10 kB");
    propose("echo METRIC cost=900");
    propose("echo METRIC cost=900; echo METRIC size=1 MB");
    propose("echo METRIC cost=900; echo METRIC size=nan kB");
    run();

    EXPECT_THAT(ends(),
                ElementsAre("benchmark-failed: no metric \"size\" for the constraint; there are: cost",
                            "benchmark-failed: metric size: the unit changed from kB to MB",
                            "benchmark-failed: metric size: \"nan kB\" is not finite"));
}

TEST_F(BadBenchmark, may_print_more_or_fewer_values_than_the_champions) {
    toy.configure("metric = \"cost\"", "metric = \"cost\"\nsource = \"json\"\npointer = \"/times\"");
    begin_with("echo '{\"times\": [1000, 1001, 999]}'");
    propose("echo '{\"times\": []}'");
    propose("echo '{\"times\": [1200]}'");
    propose("echo '{\"times\": [900, 1, 900, 901, 9000]}'");
    run();

    EXPECT_THAT(ends(), ElementsAre("benchmark-failed: at \"/times\" the JSON has no number",
                                    StartsWith("regressed"), StartsWith("kept")));
}

}  // namespace
}  // namespace ratchet::test
