#include "orchestrator/backoff.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ratchet {
namespace {

TEST(Backoff, DoublesUpToAQuarterOfAnHour) {
    constexpr std::uint64_t middle = 512;  // hardly more or less
    const auto wait = [](int failures) {
        return backoff(failures, Seconds(10), middle, std::nullopt).count();
    };
    EXPECT_EQ(wait(0), 0);
    EXPECT_NEAR(wait(1), 10, 0.1);
    EXPECT_NEAR(wait(2), 20, 0.1);
    EXPECT_NEAR(wait(5), 160, 0.1);
    EXPECT_NEAR(wait(8), 900, 1);
    EXPECT_NEAR(wait(1'000'000), 900, 1);
}

TEST(Backoff, DiffersByChanceByAQuarter) {
    double least = 1e9;
    double most = 0;
    for (std::uint64_t seed = 0; seed < 1024; ++seed) {
        const double wait = backoff(1, Seconds(100), seed, std::nullopt).count();
        least = std::min(least, wait);
        most = std::max(most, wait);
    }
    EXPECT_DOUBLE_EQ(least, 75);
    EXPECT_DOUBLE_EQ(most, 125);
}

TEST(Backoff, WaitsAsLongAsItWasAskedTo) {
    EXPECT_EQ(backoff(1, Seconds(1), 0, Seconds(3600)), Seconds(3600));
    EXPECT_EQ(backoff(1, Seconds(1), 0, Seconds(1e9)), Seconds(6 * 3600))
        << "but a person wants to know by then";
    EXPECT_GT(backoff(9, Seconds(10), 0, Seconds(1)), Seconds(600));
    EXPECT_EQ(backoff(5, Seconds(0), 7, std::nullopt), Seconds(0));
}

}  // namespace
}  // namespace ratchet
