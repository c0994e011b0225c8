#include "orchestrator/stop_on_signal.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <optional>

namespace ratchet {
namespace {

TEST(StopOnSignalTest, AWishThatWasHeardBeforeIsHeardByWhoeverBeginsLater) {
    const StopOnSignal outer;
    EXPECT_FALSE(outer.requested());
    ::raise(SIGINT);
    const StopOnSignal inner;
    EXPECT_TRUE(inner.requested());
    EXPECT_TRUE(inner.deadline());
    EXPECT_EQ(inner.descriptor(), outer.descriptor());
}

TEST(StopOnSignalTest, WhoEndsEarlierLeavesTheSignalsToTheOthers) {
    std::optional<StopOnSignal> first(std::in_place);
    std::optional<StopOnSignal> second(std::in_place);
    second.reset();
    ::raise(SIGTERM);  // would end this test
    EXPECT_TRUE(first->requested());
    first.reset();
    const StopOnSignal anew;
    EXPECT_FALSE(anew.requested());
}

}  // namespace
}  // namespace ratchet
