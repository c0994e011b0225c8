#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/containment/sandbox_fixture.hpp"

// Limits and ends by uid: they count, and hit, everybody who has it. So nothing else runs beside these.

namespace ratchet {
namespace {

using ::testing::HasSubstr;

/// As on a machine without control groups.
class WeakWithoutGroups : public SandboxTest {
  protected:
    WeakWithoutGroups() : SandboxTest(Requirement::weak, false) {}
};

TEST_F(WeakWithoutGroups, ForkBombIsBounded) {
    ConfinedCommand confined = command(attacker("fork-bomb 400"));
    confined.processes = 40;
    const RunResult result = run(confined);
    EXPECT_THAT(result.output.text(), HasSubstr("refused")) << describe(result);
}

TEST_F(WeakWithoutGroups, MemoryHogEnds) {
    ConfinedCommand confined = command(attacker("take-memory 400"));
    confined.memory_bytes = 100 << 20;
    EXPECT_EQ(run(confined).output.text().find("done"), std::string::npos);
}

TEST_F(WeakWithoutGroups, WhoForksAllTheTimeIsGoneToo) {
    const std::string sign = marker();
    EXPECT_EQ(run(attacker("hop " + sign)).ending, Ending::exited);
    EXPECT_TRUE(processes_with(sign).empty());
}

}  // namespace
}  // namespace ratchet
