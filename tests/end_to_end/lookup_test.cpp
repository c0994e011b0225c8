// A proposer looks into the ledger while it works, from inside its sandbox.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// The first proposal is kept, the second wins on the benchmark and loses on the held-out one; what the third
// one writes down is its proposal.
constexpr const char* agent_that_looks = R"sh(
number=$(sed -n 's/.*"experiment": *\([0-9]*\).*/\1/p' "$RATCHET_BRIEF")
case $number in
1) echo 900 > src/cost.txt; echo '{"hypothesis": "lower it", "next_ideas": ["lower it more"]}' > .ratchet-notes.json ;;
2) echo 500 > src/cost.txt; echo 2000 > src/held.txt; echo '{"hypothesis": "cheat"}' > .ratchet-notes.json ;;
*) sh guarded/look.sh > src/seen.txt 2>&1 ;;
esac
)sh";

class LookingUp : public ::testing::Test {
  protected:
    LookingUp() {
        toy.write("guarded/agent.sh", agent_that_looks);
        toy.write("src/held.txt", "1000\n");
        toy.configure("use = \"replay\"\npatches = \"proposals\"",
                      "use = \"command\"\ncommand = \"sh guarded/agent.sh\"");
        toy.configure("experiments = 100",
                      "experiments = 3\n[holdout]\ncommand = "
                      "\"echo METRIC secret_cost=$(cat src/held.txt)\"\nmetric = \"secret_cost\"\n");
    }

    /// Runs the campaign, in which the third proposer runs this script, and returns what that printed.
    std::string seen_by(const std::string& script) {
        // A sanitized program looks for leaks by ptrace, which the sandbox refuses; other tests find those.
        toy.write("guarded/look.sh", "export ASAN_OPTIONS=detect_leaks=0\n" + script);
        toy.commit("A campaign");
        const Ended run = ratchet(toy.folder(), {"run", "--no-verify"});
        EXPECT_EQ(run.status, 0) << run.output << run.errors;
        EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept", "holdout-failed", "no-gain"));
        const StillClock clock;
        const Ledger ledger(toy.ledger(), clock, Ledger::Mode::read_only);
        std::istringstream diff(ledger.experiment({3})->proposal->diff);
        std::string text;
        for (std::string line; std::getline(diff, line);) {
            if (line.starts_with('+') && !line.starts_with("+++")) text += line.substr(1) + '\n';
        }
        return text;
    }

    ToyCampaign toy;
};

constexpr const char* all_verbs = R"sh(
for verb in "log" "search lower" "search cheat" "show 1" "show 2" "show 1 --family" "log --near 1" "map" "ideas"; do
    echo "== $verb"
    ratchet $verb || echo "status $?"
done
echo "== json"
ratchet log --json
ratchet show 2 --json
ratchet show 1 --diff
echo '{"jsonrpc":"2.0","id":1,"method":"ping"}' | ratchet mcp
)sh";

TEST_F(LookingUp, sees_what_was_tried_and_nothing_of_the_holdout) {
    const std::string seen = seen_by(all_verbs);
    EXPECT_THAT(seen, Not(HasSubstr("\nstatus ")));
    EXPECT_THAT(seen, HasSubstr("#1 kept"));
    EXPECT_THAT(seen, HasSubstr("#2 inconclusive: the gain was not confirmed"));
    EXPECT_THAT(seen, HasSubstr("from #1  lower it more"));
    EXPECT_THAT(seen, HasSubstr("In scope, and touched by nobody (3):\n  src/bench.sh\n"));
    EXPECT_THAT(seen, HasSubstr("\"verdict\": \"kept\""));
    EXPECT_THAT(seen, HasSubstr("+900"));
    EXPECT_THAT(seen, HasSubstr(R"({"jsonrpc":"2.0","id":1,"result":{}})"));
    for (const char* secret : {"holdout", "held-out", "secret_cost", "+80", "×1.8"})
        EXPECT_THAT(seen, Not(HasSubstr(secret)));
}

TEST_F(LookingUp, has_no_verb_that_writes_and_no_prompt) {
    const std::string seen = seen_by(
        "ratchet veto 1\necho \"status $?\"\nratchet run\necho \"status $?\"\nratchet status\n"
        "ratchet show 1 --prompt\n");
    EXPECT_THAT(seen,
                HasSubstr("ratchet: `ratchet veto` is not to be had here: this is a copy of the ledger, for "
                          "reading\n  what to do: log, show, search, map, ideas and mcp look into it\n"
                          "status 1\n"));
    EXPECT_THAT(seen, HasSubstr("`ratchet run` is not to be had here"));
    EXPECT_THAT(seen, HasSubstr("`ratchet status` is not to be had here"));
    EXPECT_THAT(seen, HasSubstr("this copy of the ledger has no prompts"));
}

/// What the bytes of the copy hold, what else of the campaign is to be found, and who may change it.
constexpr const char* attack = R"sh(
folder=$RATCHET_LOOKUP
grep -rlaE 'holdout|held-out|secret_cost' "$folder" && echo "found a secret"
find / -name 'ledger.sqlite*' -not -path "$folder/*" 2>/dev/null | sed 's/^/another ledger: /'
for file in "$folder"/ledger.sqlite "$folder"/ledger.sqlite-wal "$folder"/ledger.sqlite-shm "$folder"/files; do
    { echo x >> "$file"; } 2>/dev/null && echo "wrote to $file"
    rm -f "$file" 2>/dev/null && echo "removed $file"
    mv "$file" "$file.gone" 2>/dev/null && echo "moved $file"
done
touch "$folder/new" 2>/dev/null && echo "made a file"
program=$(command -v ratchet)
{ echo x >> "$program"; } 2>/dev/null && echo "wrote to the program"
ratchet show 1 | head -n 1
echo the end
)sh";

TEST_F(LookingUp, cannot_change_the_copy_nor_find_more_than_it) {
    const std::string seen = seen_by(attack);
    EXPECT_EQ(seen.substr(seen.find('#')), seen) << "nothing was found, and nothing could be changed";
    EXPECT_THAT(seen, AllOf(HasSubstr("#1 kept"), HasSubstr("the end\n")));
    const StillClock clock;
    EXPECT_TRUE(Ledger(toy.state() / "lookup/ledger.sqlite", clock, Ledger::Mode::read_only).intact());
}

TEST_F(LookingUp, works_without_a_sandbox_too) {
    toy.configure("[budget]", "[sandbox]\nrequire = \"none\"\n[budget]");
    EXPECT_THAT(seen_by("ratchet show 1\nratchet map\n"),
                AllOf(HasSubstr("#1 kept"), HasSubstr("src/bench.sh")));
}

TEST_F(LookingUp, finds_a_campaign_file_with_a_path_of_its_own) {
    toy.configure("[budget]", "[sandbox]\nenv = [\"PATH=/usr/bin:/bin\"]\n[budget]");
    EXPECT_THAT(seen_by("ratchet show 1\necho $PATH\n"),
                AllOf(HasSubstr("#1 kept"), HasSubstr("/ratchet/bin:/usr/bin:/bin\n")));
}

TEST_F(LookingUp, is_told_of_it_and_only_where_it_is_so) {
    seen_by("true\n");
    EXPECT_THAT(ratchet(toy.folder(), {"show", "3", "--prompt"}).output, HasSubstr("`ratchet search WORDS`"));
    toy.configure("use = \"command\"", "use = \"command\"\nlookup = false");
    EXPECT_THAT(ratchet(toy.folder(), {"prompt"}).output, Not(HasSubstr("`ratchet search WORDS`")));
}

TEST_F(LookingUp, can_be_switched_off) {
    toy.configure("use = \"command\"", "use = \"command\"\nlookup = false");
    EXPECT_THAT(seen_by("command -v ratchet\necho \"${RATCHET_LOOKUP:-none}\"\n"), HasSubstr("none\n"));
    EXPECT_FALSE(std::filesystem::exists(toy.state() / "lookup"));
}

/// What a person sees is the ledger itself.
TEST_F(LookingUp, changes_nothing_for_people) {
    seen_by("true\n");
    EXPECT_THAT(ratchet(toy.folder(), {"log"}).output, HasSubstr("holdout-failed"));
    EXPECT_THAT(ratchet(toy.folder(), {"map"}).output, HasSubstr("src/cost.txt"));
    EXPECT_THAT(ratchet(toy.folder(), {"ideas", "--json"}).output, HasSubstr("\"from\": 1"));
    EXPECT_THAT(ratchet(toy.folder(), {"show", "2", "--family"}).output, HasSubstr("└ #2 holdout-failed"));
    EXPECT_EQ(ratchet(toy.folder(), {"log", "--near", "77"}).status, 1);
    EXPECT_EQ(ratchet(toy.folder(), {"log", "--near", "0"}).status, 2);
    EXPECT_EQ(ratchet(toy.folder(), {"show", "1", "--family", "--diff"}).status, 2);
}

}  // namespace
}  // namespace ratchet::test
