#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "experiment_store/ledger.hpp"
#include "sandbox/machine/counters.hpp"
#include "sandbox/machine/processors.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

// What guards a measurement: against the benchmark's own run, against a benchmark that measures something
// else, against another machine.

namespace ratchet::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

/// The processors of this process and those that it starts, for as long as it lives.
class OnProcessors {
  public:
    explicit OnProcessors(int number) {
        ::sched_getaffinity(0, sizeof before_, &before_);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(number), &one);
        ::sched_setaffinity(0, sizeof one, &one);
    }
    ~OnProcessors() { ::sched_setaffinity(0, sizeof before_, &before_); }
    OnProcessors(const OnProcessors&) = delete;
    OnProcessors& operator=(const OnProcessors&) = delete;

  private:
    cpu_set_t before_{};
};

constexpr const char* doubles_the_cost =
    "diff --git a/src/cost.txt b/src/cost.txt\n--- a/src/cost.txt\n+++ b/src/cost.txt\n@@ -1 +1 "
    "@@\n-1000\n+2000\n";

std::string hostile_benchmark(const std::string& command) {
    return "diff --git a/src/bench.sh b/src/bench.sh\n--- a/src/bench.sh\n+++ b/src/bench.sh\n@@ -1 +1,2 @@\n"
           " echo \"METRIC cost=$(head -n 1 src/cost.txt)\"\n+" +
           command + "\n";
}

CalibrationRecord calibration_of(const ToyCampaign& toy) {
    const StillClock clock;
    return Ledger(toy.ledger(), clock, Ledger::Mode::read_only).latest_calibration().value();
}

TEST(Guards, a_benchmark_run_that_alters_a_protected_file_is_no_sample) {
    for (const char* sandbox : {"strong", "none"}) {
        const ToyCampaign toy;
        toy.configure("[budget]", "[sandbox]\nrequire = \"" + std::string(sandbox) + "\"\n\n[budget]");
        toy.propose({{"writes", hostile_benchmark("echo unfair > guarded/rules.txt"), "benchmark-failed"},
                     {"removes", hostile_benchmark("rm -r guarded; mkdir guarded"), "benchmark-failed"},
                     {"writes elsewhere", hostile_benchmark("echo mine > guarded/new.txt"), "no-gain"}});

        const Ended run = ratchet(toy.folder(), {"run"});

        ASSERT_EQ(run.status, 0) << run.output << run.errors;
        EXPECT_THAT(words_of(toy.ledger()),
                    ElementsAreArray({"benchmark-failed", "benchmark-failed", "no-gain"}))
            << sandbox;
        EXPECT_THAT(ratchet(toy.folder(), {"show", "1"}).output,
                    HasSubstr("the run altered guarded/rules.txt, which is protected"));
        EXPECT_EQ(toy.read("guarded/rules.txt"), "fair\n");
    }
}

TEST(Guards, a_campaign_runs_in_the_weak_sandbox_where_the_strong_one_cannot_be_had) {
    const ToyCampaign toy;
    // Root's commands run as another user there, who has to get at the tree.
    shell(toy.root(), "chmod 711 . && mkdir .git/without && ln -s /bin/false .git/without/bwrap");
    const std::vector<std::string> environment = {"PATH=" + (toy.root() / ".git/without").string() +
                                                  ":/usr/bin:/bin"};
    auto patches = toy.twelve();
    patches.push_back({"writes", hostile_benchmark("echo unfair > guarded/rules.txt"), "benchmark-failed"});
    toy.propose(patches);

    const Ended refused = ratchet(toy.folder(), {"run"}, environment);
    EXPECT_NE(refused.status, 0);
    EXPECT_THAT(refused.errors, HasSubstr("sandbox.require = \"weak\""));

    toy.configure("[budget]", "[sandbox]\nrequire = \"weak\"\n\n[budget]");
    const Ended run = ratchet(toy.folder(), {"run"}, environment);

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    std::vector<std::string> expected;
    for (const ToyPatch& patch : patches)
        expected.push_back(patch.expected);
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected));
    EXPECT_THAT(calibration_of(toy).host, HasSubstr("; sandbox: weak"));
    EXPECT_EQ(toy.read("guarded/rules.txt"), "fair\n");
}

TEST(Guards, what_a_build_writes_over_a_protected_file_is_not_measured) {
    const ToyCampaign toy;
    toy.configure("command = \"test \\\"$(cat src/build.txt)\\\" = ok\"", "command = \"sh src/build.txt\"");
    toy.configure("command = \"sh src/bench.sh\"", "command = \"sh guarded/bench.sh\"");
    toy.write("src/build.txt", "true\n");
    toy.write(
        "guarded/bench.sh",
        "if [ -e guarded/more.sh ]; then . guarded/more.sh; fi; echo METRIC cost=$(cat src/cost.txt)\n");
    toy.commit("A benchmark that is protected");
    const std::string change =
        "diff --git a/src/build.txt b/src/build.txt\n--- a/src/build.txt\n+++ b/src/build.txt\n@@ -1 +1 "
        "@@\n-true\n+";
    toy.propose({{"cheats in the build", change + "echo echo METRIC cost=1 > guarded/bench.sh\n", "no-gain"},
                 {"beside it", change + "echo 'echo METRIC cost=1; exit' > guarded/more.sh\n", "no-gain"}});

    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);

    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({"no-gain", "no-gain"}));
}

TEST(Guards, what_stands_in_the_way_of_a_cache_fails_its_own_experiment_only) {
    const ToyCampaign toy;
    toy.configure("[build]", "[build]\ncache = [\"src/objects\"]");
    toy.write("src/objects/kept", "");
    toy.commit("A folder for a cache");
    toy.propose({{"a file for a folder",
                  "diff --git a/src/objects/kept b/src/objects/kept\ndeleted file mode 100644\nindex "
                  "e69de29..0000000\ndiff --git a/src/objects b/src/objects\nnew file mode 100644\n--- "
                  "/dev/null\n+++ b/src/objects\n@@ -0,0 +1 @@\n+no folder\n",
                  "build-failed"},
                 {"better", toy.cost_patch(1000, 900), "kept"}});

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({"build-failed", "kept"})) << run.output;
}

TEST(Guards, the_repository_itself_cannot_be_declared_to_the_sandbox) {
    for (const char* key : {"read", "write"}) {
        for (const std::string path : {"", "/.git/ratchet", "/.."}) {
            const ToyCampaign toy;
            const std::string declared = fs::weakly_canonical(toy.root().string() + path).string();
            toy.configure("[budget]",
                          std::string("[sandbox]\n") + key + " = [\"" + declared + "\"]\n\n[budget]");
            const Ended run = ratchet(toy.folder(), {"run"});
            EXPECT_EQ(run.status, 1);
            EXPECT_THAT(run.errors, HasSubstr("sandbox." + std::string(key)));
        }
    }
}

TEST(Guards, a_canary_that_is_seen_is_measured_once_an_epoch) {
    for (const std::string canary :
         {"patch = \"guarded/canary.patch\"", "command = \"echo 2000 > src/cost.txt\""}) {
        const ToyCampaign toy;
        toy.configure("[budget]", "[canary]\n" + canary + "\n\n[budget]");
        toy.write("guarded/canary.patch", doubles_the_cost);
        toy.commit("A canary");
        toy.propose({{"better", toy.cost_patch(1000, 900), "kept"}});

        const Ended first = ratchet(toy.folder(), {"run", "--json"});
        ASSERT_EQ(first.status, 0) << first.output << first.errors;
        EXPECT_THAT(first.output, HasSubstr("\"canary\""));
        EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({"kept"}));
        const StillClock clock;
        const auto record = Ledger(toy.ledger(), clock, Ledger::Mode::read_only).latest_canary();
        ASSERT_TRUE(record);
        EXPECT_TRUE(record->seen);
        EXPECT_LT(record->effect.estimate, -0.6);

        const Ended second = ratchet(toy.folder(), {"run", "--json"});
        EXPECT_EQ(second.status, 0);
        EXPECT_THAT(second.output, Not(HasSubstr("\"canary\"")));
    }
}

TEST(Guards, a_campaign_whose_canary_is_not_seen_does_not_begin) {
    const ToyCampaign toy;
    toy.configure("command = \"sh src/bench.sh\"", "command = \"echo METRIC cost=7\"");
    toy.configure("[budget]", "[canary]\npatch = \"guarded/canary.patch\"\n\n[budget]");
    toy.write("guarded/canary.patch", doubles_the_cost);
    toy.propose({{"better", toy.cost_patch(1000, 900), "kept"}});
    toy.commit("A benchmark that measures nothing");

    const Ended run = ratchet(toy.folder(), {"run"});

    EXPECT_EQ(run.status, 1) << run.output;
    EXPECT_THAT(run.errors, HasSubstr("does not measure the code in the worktree"));
    EXPECT_TRUE(words_of(toy.ledger()).empty());
    const Ended check = ratchet(toy.folder(), {"check"});
    EXPECT_EQ(check.status, 1);
    EXPECT_THAT(check.output, HasSubstr("NO   canary"));
}

TEST(Guards, a_canary_patch_that_does_not_apply_is_named) {
    const ToyCampaign toy;
    toy.configure("[budget]", "[canary]\npatch = \"guarded/canary.patch\"\n\n[budget]");
    toy.write("guarded/canary.patch", toy.cost_patch(5, 6));
    toy.commit("A canary of old");
    const Ended run = ratchet(toy.folder(), {"run"});
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.errors, HasSubstr("guarded/canary.patch does not apply to the base"));
}

TEST(Guards, the_champion_is_calibrated_again_when_the_machine_is_another_one) {
    const std::vector<Processor> allowed = allowed_processors();
    if (allowed.size() < 2) GTEST_SKIP() << "one processor only";
    const ToyCampaign toy;
    toy.configure("timeout = \"5s\"", "timeout = \"5s\"\ncores = 1");
    std::vector<CalibrationRecord> calibrations;
    for (const Processor& processor : {allowed[0], allowed[1], allowed[1]}) {
        const OnProcessors here(processor.number);
        const Ended check = ratchet(toy.folder(), {"check"});
        ASSERT_EQ(check.status, 0) << check.output << check.errors;
        EXPECT_THAT(check.output, HasSubstr("the benchmark runs on " + std::to_string(processor.number)));
        calibrations.push_back(calibration_of(toy));
    }
    EXPECT_NE(calibrations[1].host, calibrations[0].host);
    EXPECT_EQ(calibrations[1].id, calibrations[0].id + 1);
    EXPECT_EQ(calibrations[2].id, calibrations[1].id) << "the same machine needs no second one";
}

TEST(Guards, pairs_that_were_taken_on_another_machine_do_not_count) {
    const std::vector<Processor> allowed = allowed_processors();
    if (allowed.size() < 2) GTEST_SKIP() << "one processor only";
    const ToyCampaign toy;
    toy.configure("timeout = \"5s\"", "timeout = \"5s\"\ncores = 1");
    toy.write("src/bench.sh", "sleep 0.02\necho METRIC cost=$(($(cat src/cost.txt) + RATCHET_SEED % 7))\n");
    toy.commit("A cost that is not the same each time");
    toy.propose({{"better", toy.cost_patch(1000, 900), "kept"}});
    const StillClock clock;
    const auto pairs = [&]() -> std::vector<Pair> {
        try {
            const Ledger ledger(toy.ledger(), clock, Ledger::Mode::read_only);
            const auto experiment = ledger.experiment(ExperimentId{1});
            return experiment ? experiment->pairs : std::vector<Pair>();
        } catch (const std::exception&) {
            return {};  // it is only just being made
        }
    };
    {
        const OnProcessors here(allowed[0].number);
        // Where it can, it stops itself there: however busy the machine is, it is not done by then.
        Program first(toy.folder(), {"run"}, {"RATCHET_STOP_AT=ledger/add_pair committed#1"});
        ASSERT_TRUE(eventually([&] { return !pairs().empty(); }, std::chrono::seconds(60)));
        first.signal(SIGINT);
        first.signal(SIGCONT);
        ASSERT_EQ(first.end().status, 130);
    }
    // That machine's clock goes ahead.
    Pair late = pairs().front();
    late.index = static_cast<int>(pairs().size());
    late.at += std::chrono::hours(1);
    Ledger(toy.ledger(), clock).add_pair(ExperimentId{1}, late);
    const OnProcessors there(allowed[1].number);
    const Ended second = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(second.status, 0) << second.output << second.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({"kept"}));
    EXPECT_EQ(pairs().front().index, 0);
    const Timestamp calibrated = calibration_of(toy).at;
    EXPECT_TRUE(std::ranges::all_of(
        pairs(), [&](const Pair& pair) { return pair.at >= calibrated && pair.at < late.at; }));
}

TEST(Guards, instructions_are_a_metric_where_they_can_be_counted_and_refused_in_a_sentence_elsewhere) {
    const ToyCampaign toy;
    toy.configure("metric = \"cost\"", "metric = \"instructions\"");
    toy.propose({{"nothing", "", "rejected/empty"}});
    const Ended run = ratchet(toy.folder(), {"run"});
    const std::string problem = counter_problem(Counter::instructions);
    if (problem.empty()) {
        EXPECT_EQ(run.status, 0) << run.errors;
        EXPECT_GT(calibration_of(toy).champion_value, 10'000);
        return;
    }
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.errors, HasSubstr("the campaign measures instructions, but " + problem));
    const StillClock clock;
    EXPECT_FALSE(Ledger(toy.ledger(), clock, Ledger::Mode::read_only).identity()) << "nothing began";
    toy.configure("metric = \"instructions\"", "metric = \"cost\"");
    EXPECT_THAT(ratchet(toy.folder(), {"check"}).output,
                HasSubstr("less counters       no instruction counts: " + problem));
}

TEST(Guards, figures_of_a_pair_stand_in_the_json) {
    const ToyCampaign toy;
    toy.propose({{"better", toy.cost_patch(1000, 900), "kept"}});
    ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);
    const auto shown = nlohmann::json::parse(ratchet(toy.folder(), {"show", "1", "--json"}).output);
    // The search of a deterministic metric needs no run of the champion; its confirmation does.
    const auto& pair = shown["samples"].back();
    EXPECT_TRUE(pair["pressure_before"].is_number() || pair["pressure_before"].is_null());
    EXPECT_TRUE(pair["waited_seconds"].is_number());
    EXPECT_GT(pair["at"].get<std::int64_t>(), 0);
    const auto& figures = pair["champion"]["figures"];
    EXPECT_EQ(figures["instructions"].is_number(), counter_problem(Counter::instructions).empty());
    EXPECT_TRUE(figures.contains("processor_khz"));
}

}  // namespace
}  // namespace ratchet::test
