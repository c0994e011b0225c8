#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

// What becomes of an answer that repeats a failed experiment: a real proposer is asked once more, and told
// why.

namespace ratchet::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
namespace fs = std::filesystem;

/// A campaign whose proposer is a script. What it is told lies in `told/` for the test to read.
class AskedCampaign {
  public:
    /// `script` reads the prompt from the file $prompt, and $n is the number of the experiment.
    AskedCampaign(const std::string& script, int experiments, const std::string& policy = {}) {
        fs::create_directories(told());
        fs::permissions(told(), fs::perms::all);
        toy_.write("guarded/propose.sh",
                   "n=$(grep '\"experiment\"' $RATCHET_BRIEF | tr -dc 0-9)\nprompt=$RATCHET_PROMPT\n"
                   "cp $prompt " +
                       told().string() + "/$n.$(ls " + told().string() + " | grep -c \"^$n\\.\")\n" + script);
        toy_.commit("A proposer");
        toy_.configure("use = \"replay\"\npatches = \"proposals\"",
                       "use = \"command\"\ncommand = \"sh guarded/propose.sh\"");
        toy_.configure("experiments = 100", fmt::format("experiments = {}\n\n[sandbox]\nwrite = [\"{}\"]",
                                                        experiments, told().string()));
        if (!policy.empty())
            toy_.configure("name = \"toy\"", "name = \"toy\"\nduplicates = \"" + policy + "\"");
    }
    ~AskedCampaign() {
        std::error_code ignored;
        fs::remove_all(told(), ignored);
    }
    AskedCampaign(const AskedCampaign&) = delete;
    AskedCampaign& operator=(const AskedCampaign&) = delete;

    [[nodiscard]] const ToyCampaign& toy() const { return toy_; }
    [[nodiscard]] fs::path told() const { return toy_.root().string() + "-told"; }
    /// "1.0" is what it was told first about #1, "1.1" when it was asked once more.
    [[nodiscard]] std::vector<std::string> asked() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(told()))
            names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }
    [[nodiscard]] std::string prompt(const std::string& name) const {
        std::ifstream stream(told() / name);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    [[nodiscard]] Experiment experiment(std::int64_t number) const {
        const StillClock clock;
        return Ledger(toy_.ledger(), clock, Ledger::Mode::read_only).experiment({number}).value();
    }

  private:
    ToyCampaign toy_;
};

/// Always the same worse cost, each time with another number of blanks behind it: new files, the same edit.
const std::string insists =
    "printf '{\"hypothesis\": \"make it %s\", \"next_ideas\": [\"stop\"]}' dearer > .ratchet-notes.json\n"
    "printf \"1100%*s\\n\" $n '' > src/cost.txt\n";
/// The same, until it is asked once more.
const std::string gives_in =
    insists + "if grep -q 'You are asked once more' $prompt; then echo 900 > src/cost.txt; fi\n";

TEST(GivenBack, an_answer_that_repeats_a_failure_is_asked_for_once_more) {
    const AskedCampaign campaign(gives_in, 2);

    const Ended run = ratchet(campaign.toy().folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(campaign.toy().ledger()), ElementsAreArray({"regressed", "kept"})) << run.output;
    EXPECT_THAT(campaign.asked(), ElementsAreArray({"1.0", "2.0", "2.1"}));
    const std::string first = campaign.prompt("2.0");
    const std::string again = campaign.prompt("2.1");
    EXPECT_TRUE(again.starts_with(first));
    EXPECT_THAT(again.substr(first.size()), AllOf(HasSubstr("#1 regressed"), HasSubstr("make it dearer"),
                                                  HasSubstr("+1100"), HasSubstr("worse")));
}

TEST(GivenBack, the_first_answer_is_a_fact_that_everybody_can_see) {
    const AskedCampaign campaign(gives_in, 2);
    ASSERT_EQ(ratchet(campaign.toy().folder(), {"run", "--no-verify"}).status, 0);

    const Experiment second = campaign.experiment(2);

    ASSERT_TRUE(second.returned);
    EXPECT_EQ(second.returned->duplicate_of, ExperimentId{1});
    EXPECT_EQ(second.returned->likeness, Likeness::reformatted);
    EXPECT_THAT(second.returned->diff, HasSubstr("+1100"));
    EXPECT_EQ(second.returned->notes.hypothesis, "make it dearer");
    EXPECT_EQ(second.returned->notes.next_ideas, std::vector<std::string>{"stop"});
    EXPECT_GT(second.returned->usage.wall_seconds, 0);
    EXPECT_GT(second.proposal->usage.wall_seconds, second.returned->usage.wall_seconds);
    EXPECT_THAT(ratchet(campaign.toy().folder(), {"show", "2"}).output,
                HasSubstr("given back the same as #1 but for white space and comments: make it dearer"));
    EXPECT_EQ(ratchet(campaign.toy().folder(), {"show", "2", "--prompt"}).output, campaign.prompt("2.1"));
    const auto json = nlohmann::json::parse(ratchet(campaign.toy().folder(), {"show", "2", "--json"}).output);
    EXPECT_EQ(json["returned"]["duplicate_of"], 1);
    EXPECT_EQ(
        nlohmann::json::parse(ratchet(campaign.toy().folder(), {"show", "1", "--json"}).output)["returned"],
        nullptr);
}

TEST(GivenBack, who_insists_is_measured) {
    const AskedCampaign campaign(insists, 2);

    const Ended run = ratchet(campaign.toy().folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(campaign.toy().ledger()), ElementsAreArray({"regressed", "regressed"}));
    EXPECT_THAT(campaign.asked(), ElementsAreArray({"1.0", "2.0", "2.1"}));
    EXPECT_THAT(campaign.experiment(2).decision->reason,
                HasSubstr("the same change but for white space and comments as #1 (regressed), left again"));
}

TEST(GivenBack, who_has_nothing_else_is_rejected_as_a_duplicate) {
    const AskedCampaign campaign(
        insists + "if grep -q 'You are asked once more' $prompt; then echo 1000 > src/cost.txt; fi\n", 2);

    ASSERT_EQ(ratchet(campaign.toy().folder(), {"run"}).status, 0);

    EXPECT_THAT(words_of(campaign.toy().ledger()), ElementsAreArray({"regressed", "rejected/duplicate"}));
    EXPECT_EQ(campaign.experiment(2).decision->duplicate_of, ExperimentId{1});
}

TEST(GivenBack, nobody_is_asked_again_where_repetitions_are_rejected_or_allowed) {
    const std::vector<std::pair<std::string, std::string>> policies = {{"reject", "rejected/duplicate"},
                                                                       {"allow", "regressed"}};
    for (const auto& [policy, expected] : policies) {
        const AskedCampaign campaign(insists, 2, policy);

        ASSERT_EQ(ratchet(campaign.toy().folder(), {"run"}).status, 0);

        EXPECT_THAT(words_of(campaign.toy().ledger()),
                    ElementsAreArray({std::string("regressed"), expected}));
        EXPECT_THAT(campaign.asked(), ElementsAreArray({"1.0", "2.0"}));
    }
}

TEST(GivenBack, what_is_the_same_to_the_last_bit_is_rejected_at_once) {
    const AskedCampaign campaign("echo 1100 > src/cost.txt\n", 2);

    ASSERT_EQ(ratchet(campaign.toy().folder(), {"run"}).status, 0);

    EXPECT_THAT(words_of(campaign.toy().ledger()), ElementsAreArray({"regressed", "rejected/duplicate"}));
    EXPECT_THAT(campaign.asked(), ElementsAreArray({"1.0", "2.0"}));
}

TEST(GivenBack, what_comes_from_a_folder_is_measured_unless_repetitions_are_rejected) {
    const std::vector<std::pair<std::string, std::string>> policies = {{"return", "regressed"},
                                                                       {"reject", "rejected/duplicate"}};
    for (const auto& [policy, expected] : policies) {
        const ToyCampaign toy;
        toy.configure("name = \"toy\"", "name = \"toy\"\nduplicates = \"" + policy + "\"");
        const std::string head =
            "diff --git a/src/cost.txt b/src/cost.txt\n--- a/src/cost.txt\n+++ b/src/cost.txt\n";
        toy.propose({{"worse", head + "@@ -1 +1 @@\n-1000\n+1100\n", "regressed"},
                     {"in another form", head + "@@ -1 +1 @@\n-1000\n+1100 \n", expected}});

        ASSERT_EQ(ratchet(toy.folder(), {"run"}).status, 0);

        EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray({std::string("regressed"), expected}));
    }
}

TEST(GivenBack, what_was_rewritten_since_is_worth_trying_again) {
    // #1 adds a line to a list and fails; #2 rewrites the list and is kept; #3 is #1 once more.
    std::string line = "100";
    for (int word = 0; word < 70; ++word)
        line += " more";
    const AskedCampaign campaign("case $n in\n1) echo '" + line +
                                     "' >> src/list.txt;;\n"
                                     "2) printf '400 anything\\n450 else\\n' > src/list.txt;;\n"
                                     "3) echo '" +
                                     line + " ' >> src/list.txt;;\nesac\n",
                                 3);
    campaign.toy().write("src/list.txt", "500 something\n500 other\n");
    campaign.toy().write("src/bench.sh",
                         "echo METRIC cost=$(($(cut -d ' ' -f 1 src/list.txt | tr '\\n' '+')0))\n");
    campaign.toy().commit("A list of costs");

    const Ended run = ratchet(campaign.toy().folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.errors;
    EXPECT_THAT(words_of(campaign.toy().ledger()), ElementsAreArray({"regressed", "kept", "regressed"}));
    EXPECT_THAT(campaign.asked(), ElementsAreArray({"1.0", "2.0", "3.0"}));
    EXPECT_THAT(campaign.experiment(3).decision->reason,
                HasSubstr("as #1 (regressed), worth trying again since src/list.txt was rewritten"));
}

}  // namespace
}  // namespace ratchet::test
