#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "benchmarks_adapter/machine.hpp"
#include "experiment_store/migrations.hpp"
#include "tests/end_to_end/doctor_fixture.hpp"
#include "tests/support/released_ledger.hpp"

// The ledgers of earlier versions in the whole program: recorded once, then checked and gone on with for
// ever.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

/// What became of the recorded campaign of this version.
std::vector<std::string> released_words(int version) {
    std::vector<std::string> words = {"vetoed",
                                      "timed-out",
                                      "kept",
                                      "regressed",
                                      "no-gain",
                                      "build-failed",
                                      "gate-failed",
                                      "benchmark-failed",
                                      "rejected/protected",
                                      "rejected/out-of-scope",
                                      "rejected/empty",
                                      "rejected/duplicate",
                                      "kept",
                                      "kept"};
    if (version > 1) words.insert(words.end() - 1, "regressed");
    if (version > 2) words.insert(words.end(), {"gate-failed", "kept"});
    return words;
}

std::vector<ToyPatch> released_patches(const ToyCampaign& toy) {
    const std::vector<ToyPatch> twelve = toy.twelve();
    return {
        {"better", toy.cost_patch(1000, 900), "vetoed"},
        {"never ends",
         "diff --git a/src/slow b/src/slow\nnew file mode 100644\n--- /dev/null\n+++ b/src/slow\n@@ -0,0 +1 "
         "@@\n+yes\n",
         "timed-out"},
        {"better in another way", toy.cost_patch(1000, 850), "kept"},
        {"worse", toy.cost_patch(850, 950), "regressed"},
        {"hardly better", toy.cost_patch(850, 849), "no-gain"},
        twelve[3],
        twelve[4],
        twelve[5],
        twelve[6],
        twelve[7],
        twelve[8],
        {"worse again", toy.cost_patch(850, 950), "rejected/duplicate"},
        {"better still", toy.cost_patch(850, 500), "kept"}};
}

/// What the champion of the recorded campaign costs.
int released_cost(int version) {
    return version > 2 ? 300 : 400;
}

void declare_much(const ToyCampaign& toy) {
    toy.configure("command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"",
                  "command = \"sh guarded/gate.sh\"\ntimeout = \"3s\"");
    toy.configure("[proposer]",
                  "[[constraint]]\nmetric = \"size\"\nlimit = \"+50%\"\n\n"
                  "[canary]\ncommand = \"echo 2000 > src/cost.txt\"\n\n[proposer]");
    toy.write("src/bench.sh", toy.read("src/bench.sh") + "echo \"METRIC size=$(ls src | wc -l)\"\n");
    toy.write("guarded/gate.sh",
              "if test -f src/slow; then exec sleep 600; fi\ntest \"$(cat src/gate.txt)\" = ok\n");
    // Worse, then the same but for a blank, which is given back: then it is better.
    toy.write("guarded/agent.sh",
              "prompt=$(cat)\nn=$(grep '\"experiment\"' $RATCHET_BRIEF | tr -dc 0-9)\n"
              "printf '1100%*s\\n' $((n - 13)) '' > src/cost.txt\n"
              "case $prompt in *'You are asked once more'*) echo 400 > src/cost.txt ;; esac\n"
              "echo '{\"hypothesis\": \"four hundred\", \"expected_effect\": \"20 %\", \"risk\": \"none\", "
              "\"learned\": \"a number\", \"next_ideas\": [\"three hundred\", \"two hundred\"]}' > "
              ".ratchet-notes.json\n"
              "case $n in\n16) echo 390 > src/cost.txt; echo broken again > src/gate.txt ;;\n"
              "17) echo 300 > src/cost.txt ;;\nesac\n");
    toy.commit("A campaign with a bit of everything");
}

void expect_done(const ToyCampaign& toy, const std::vector<std::string>& arguments) {
    const Ended ended = ratchet(toy.folder(), arguments);
    ASSERT_EQ(ended.status, 0) << arguments.front() << ": " << ended.output << ended.errors;
}

/// Beside the patches, which are at their end by then: who is asked, and may mend once what it breaks.
constexpr const char* the_agent =
    "use = \"command\"\ncommand = \"sh guarded/agent.sh\"\nname = \"agent\"\nrepair = 1\n\n";

/// The campaign file of the recorded campaign, with patches only.
void ask_for_patches(const ToyCampaign& toy, int version) {
    if (version > 2) return toy.configure(std::string(the_agent) + "[[proposer]]\n", "");
    toy.configure("use = \"command\"\ncommand = \"sh guarded/agent.sh\"",
                  "use = \"replay\"\npatches = \"proposals\"");
}

/// A campaign with rows in every table: killed, vetoed, measured again, with two harnesses and two proposers.
void live_through_everything(const ToyCampaign& toy) {
    declare_much(toy);
    toy.propose(released_patches(toy));
    {
        Program program(toy.folder(), {"run"});
        ASSERT_TRUE(eventually([&] { return stage_of(toy, ExperimentId{2}) >= Stage::built; },
                               std::chrono::seconds(60)));
        program.signal(SIGKILL);
        program.end();
    }
    expect_done(toy, {"veto", "1", "--reason", "too clever"});
    expect_done(toy, {"note", "Numbers below one hundred are not allowed."});
    expect_done(toy, {"run"});
    toy.configure("[proposer]\nuse = \"replay\"",
                  std::string("[[proposer]]\n") + the_agent + "[[proposer]]\nuse = \"replay\"");
    toy.configure("min_effect = \"1%\"", "min_effect = \"2%\"");
    toy.configure("experiments = 100",
                  "experiments = " + std::to_string(released_experiments(schema_version())));
    expect_done(toy, {"run"});
    expect_done(toy, {"verify", "--each"});
    expect_done(toy, {"replay", "3"});
    const std::string tried = shell(toy.root(), "git rev-parse refs/ratchet/toy/4");
    toy.write(".git/results.tsv", "commit\tcost\tmemory_gb\tstatus\tdescription\n" +
                                      tried.substr(0, tried.find('\n')) + "\t950\t0.1\tdiscard\tworse\n");
    expect_done(toy, {"import", ".git/results.tsv"});
    ASSERT_THAT(words_of(toy.ledger()), ElementsAreArray(released_words(schema_version())));
    expect_done(toy, {"doctor"});
    toy.commit("The campaign file as it was at last");
}

/// Which machine it was that recorded it is of no interest.
std::string without_host(std::string ledger) {
    const std::string host = host_fingerprint(0, Requirement::strong);
    for (std::size_t at = 0; (at = ledger.find(host, at)) != std::string::npos; at += host.size())
        ledger.replace(at, host.size(), std::string(host.size(), 'x'));
    return ledger;
}

void record(const ToyCampaign& toy, int version) {
    live_through_everything(toy);
    if (::testing::Test::HasFatalFailure()) return;
    expect_done(toy, {"ledger", "backup", ".git/backup.sqlite"});
    fs::create_directories(released_folder());
    std::ofstream(released_ledger(version), std::ios::binary)
        << compressed(without_host(toy.read(".git/backup.sqlite")));
    shell(toy.root(), "git bundle create -q " + released_repository(version).string() + " --all");
}

TEST(ReleasedLedger, of_this_version_is_kept) {
    const int version = schema_version();
    ASSERT_EQ(released_versions.back(), version) << "see tests/data/ledger/README.md";
    if (std::getenv("RATCHET_RECORD_LEDGER") != nullptr && !fs::exists(released_ledger(version)))
        record(ToyCampaign(), version);
    for (const int each : released_versions) {
        EXPECT_TRUE(fs::exists(released_ledger(each))) << each;
        EXPECT_TRUE(fs::exists(released_repository(each))) << each;
    }
}

class ReleasedLedger : public ::testing::TestWithParam<int> {};

TEST_P(ReleasedLedger, is_whole_in_its_repository_and_its_campaign_goes_on) {
    const ToyCampaign toy;  // its repository gives way to the recorded one
    shell(toy.root(),
          "rm -rf .git && git init -q -b main . && git fetch -q " + released_repository(GetParam()).string() +
              " '+refs/*:refs/*' --update-head-ok && git reset -q --hard main && mkdir -p .git/ratchet/toy");
    restore_released_ledger(GetParam(), toy.ledger());
    // A writer brings it up to date; a reader of an older one would say so.
    expect_done(toy, {"note", "Found again."});

    const Ended check = ratchet(toy.folder(), {"ledger", "check"});
    EXPECT_EQ(check.status, 0) << check.output << check.errors;
    EXPECT_THAT(check.output, HasSubstr(fmt::format("The ledger is whole: {} experiments",
                                                    released_experiments(GetParam()))));
    const Ended doctor = ratchet(toy.folder(), {"doctor"});
    EXPECT_EQ(doctor.status, 0) << doctor.output << doctor.errors;
    expect_done(toy, {"ledger", "rebuild"});
    EXPECT_EQ(ratchet(toy.folder(), {"ledger", "check"}).status, 0);
    for (const char* verb : {"status", "log", "report", "prompt"})
        expect_done(toy, {verb});

    ask_for_patches(toy, GetParam());
    toy.configure(fmt::format("experiments = {}", released_experiments(GetParam())),
                  fmt::format("experiments = {}", released_experiments(GetParam()) + 1));
    toy.propose({{"far better", toy.cost_patch(released_cost(GetParam()), 200), "kept"}});
    expect_done(toy, {"run"});
    std::vector<std::string> words = released_words(GetParam());
    words.emplace_back("kept");
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(words));
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "200\n");
    EXPECT_EQ(ratchet(toy.folder(), {"doctor"}).status, 0);
}

INSTANTIATE_TEST_SUITE_P(Version, ReleasedLedger, ::testing::ValuesIn(released_versions));

}  // namespace
}  // namespace ratchet::test
