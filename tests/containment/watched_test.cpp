#include <gtest/gtest.h>

#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

/// What the benchmark is made of is not to be touched by the benchmark's own run.
class Watched : public SandboxTest {
  protected:
    Watched() {
        put("bench/run.py", "honest\n");
        put("bench/data/numbers", "1 2 3\n");
        put("top.sh", "honest\n");
        put("src/code", "fast\n");
    }
    RunResult run_watched(const std::string& shell) {
        ConfinedCommand confined = command(shell);
        confined.access = TreeAccess::discarded;
        confined.watched = {"bench/data/numbers", "bench/run.py", "top.sh"};
        return run(confined);
    }
};

TEST_F(Watched, WhateverTouchesAWatchedFileIsFound) {
    const std::vector<std::pair<std::string, std::string>> attacks = {
        {"echo evil > bench/run.py", "bench/run.py"},
        {"echo evil >> bench/data/numbers", "bench/data/numbers"},
        {"echo evil > top.sh", "top.sh"},
        {"rm top.sh", "top.sh"},
        {"chmod 777 bench/run.py", "bench/run.py"},
        {"touch bench/run.py", "bench/run.py"},
        {"mv bench/run.py bench/away.py", "bench/run.py"},
        {"ln -f src/code bench/run.py", "bench/run.py"},
        {"ln -sf /tree/src/code bench/run.py", "bench/run.py"},
        {"rm bench/run.py; mkdir bench/run.py", "bench/run.py"},
        {"rm -r bench/data", "bench/data/numbers"},
        {"rm -r bench/data; mkdir bench/data", "bench/data/numbers"},
        {"rm -r bench/data; ln -s ../src bench/data", "bench/data/numbers"},
        {"rm -r bench; mkdir bench", "bench/data/numbers"},
        {"rm -r bench; echo file > bench", "bench/data/numbers"},
        {"rm -r bench; mkdir -p bench/data; echo honest > bench/run.py; echo 1 2 3 > bench/data/numbers",
         "bench/data/numbers"},
        // Put right again, to the last attribute that a run can set.
        {"cp -p bench/run.py /tmp/kept; echo evil > bench/run.py; cp -p /tmp/kept bench/run.py",
         "bench/run.py"},
        {"mv bench/run.py /tmp/kept; mv /tmp/kept bench/run.py", "bench/run.py"},
        // By something that would go on after the command.
        {"(sleep 0.05; echo evil > top.sh) & wait", "top.sh"},
        {"chmod 000 bench", "bench/data/numbers"},
    };
    for (const auto& [attack, file] : attacks) {
        const RunResult result = run_watched(attack);
        EXPECT_EQ(result.altered, file) << attack << '\n' << describe(result);
        EXPECT_TRUE(result.succeeded()) << attack << '\n' << describe(result);
    }
}

TEST_F(Watched, WhatLeavesThemAloneIsFine) {
    const std::vector<std::string> harmless = {
        "true",
        "cat bench/run.py bench/data/numbers top.sh",
        "mkdir bench/__pycache__ && echo compiled > bench/__pycache__/run.pyc",
        "echo made > bench/new && rm bench/new && echo slow > src/code && rm -r src",
        "test \"$(cat bench/run.py)\" = honest",
    };
    for (const std::string& command : harmless) {
        const RunResult result = run_watched(command);
        EXPECT_EQ(result.altered, "") << command;
        EXPECT_TRUE(result.succeeded()) << command << '\n' << describe(result);
    }
}

TEST_F(Watched, NothingOfARunIsLeftForTheNextOne) {
    EXPECT_EQ(run_watched("echo evil > bench/run.py").altered, "bench/run.py");
    const RunResult next = run_watched("cat bench/run.py");
    EXPECT_EQ(next.altered, "");
    EXPECT_EQ(next.output.text(), "honest\n");
}

TEST_F(Watched, ThousandsOfFilesAreWatchedToo) {
    ConfinedCommand confined = command("touch bench/new; echo evil > bench/many/4999");
    for (int i = 0; i < 5000; ++i) {
        const std::string name = "bench/many/" + std::to_string(i);
        write(tree / name, "honest\n");
        confined.watched.push_back(name);
    }
    confinement->give(tree);
    confined.access = TreeAccess::discarded;
    EXPECT_EQ(run(confined).altered, "bench/many/4999");
}

TEST_F(Watched, TheRunHoldsNothingByWhichItCouldCoverItsTraces) {
    const RunResult result =
        run_watched("for f in /proc/$$/fd/* /proc/1/fd/*; do [ -e $f ] && echo ${f##*/}; done");
    EXPECT_EQ(result.output.text(), "0\n1\n2\n") << describe(result);
}

}  // namespace
}  // namespace ratchet
