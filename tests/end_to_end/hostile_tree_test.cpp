#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// An agent that does something else in each experiment; it lowers the cost in the others.
constexpr const char* fourteen_attacks = R"sh(
number=$(sed -n 's/.*"experiment": *\([0-9]*\).*/\1/p' "$RATCHET_BRIEF")
cost() { echo "$1" > src/cost.txt; }
deep() { # 3,000 folders within each other, which no path reaches at once
    p=$(printf 'd/%.0s' $(seq 990))
    mkdir -p "e/$p" "f/$p" "g/$p" && mv g "f/$p" && mv f "e/$p"
}
case $number in
1) cost 900; ln -s /etc src/etc ;;
2) cost 900 ;;
3) git init -q src/r; git -C src/r config core.fsmonitor 'touch /tmp/ratchet-was-here'; echo 1 > src/r/f ;;
4) rm -rf .git; mkfifo src/fifo; rm src/gate.txt; mkfifo src/gate.txt ;;
5) cd src; deep; chmod 0 e . ;;
6) echo '* filter=evil' > src/.gitattributes ;;
7) truncate -s 900M src/cost.txt ;;
8) echo 1 > "src/$(printf 'a\033[2J\nb')" ;;
9) echo 1 > src/BENCH.SH ;;
10) rm -r src; ln -s /usr src ;;
11) cost 800; chmod 0 src/cost.txt src . ;;
12) mkdir x; cd x; i=0; while [ $i -lt 3000 ]; do : > $i; i=$((i+1)); done ;;
13) sed -n '/^deep()/,/^}/p' guarded/agent.sh > src/more.sh
    echo 'echo unfair > guarded/rules.txt; cd src; deep; chmod 0 e' >> src/more.sh
    echo broken > src/build.txt ;;
*) cost 500 ;;
esac
)sh";

std::string all_that_is_the_users(const ToyCampaign& toy) {
    return shell(toy.root(),
                 "find . -path ./.git -prune -o -printf '%p %y %m %T@ %l ' -type f -exec sha256sum {} \\; -o "
                 "-printf '\\n' | sort; sha256sum .git/index .git/HEAD .git/config;"
                 "find .git/hooks .git/info -type f -exec sha256sum {} + | sort; git status --porcelain=v2");
}

TEST(HostileTree, a_campaign_goes_on_after_whatever_its_agent_did) {
    const ToyCampaign toy;
    toy.write("guarded/agent.sh", fourteen_attacks);
    toy.configure("use = \"replay\"\npatches = \"proposals\"",
                  "use = \"command\"\ncommand = \"sh guarded/agent.sh\"");
    toy.configure("experiments = 100", "experiments = 14");
    // A build that runs what a candidate brings.
    toy.configure(
        "command = \"test \\\"$(cat src/build.txt)\\\" = ok\"",
        "command = \"test ! -e src/more.sh || sh src/more.sh; test \\\"$(cat src/build.txt)\\\" = ok\"");
    toy.commit("An agent");
    const std::string before = all_that_is_the_users(toy);

    const Ended run = ratchet(toy.folder(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_EQ(all_that_is_the_users(toy), before);
    EXPECT_THAT(
        words_of(toy.ledger()),
        ElementsAreArray({"rejected/unsafe", "kept", "rejected/unsafe", "gate-failed", "rejected/too-large",
                          "rejected/unsafe", "rejected/too-large", "rejected/unsafe", "rejected/unsafe",
                          "rejected/unsafe", "kept", "rejected/too-large", "build-failed", "kept"}));
    EXPECT_EQ(shell(toy.root(), "git show ratchet/toy:src/cost.txt"), "500\n");
    EXPECT_THAT(ratchet(toy.folder(), {"show", "8"}).output,
                HasSubstr("rejected (unsafe): \"src/a\\033[2J\\nb\" has a name"));
    EXPECT_EQ(shell(toy.root(), "git worktree list | wc -l"), "1\n");
    EXPECT_EQ(shell(toy.state(), "find . -name d | head -n 1"), "");
}

}  // namespace
}  // namespace ratchet::test
