#include "orchestrator/proposers/retry_after.hpp"

#include <gtest/gtest.h>

namespace ratchet {
namespace {

TEST(RetryAfter, IsFoundInWhatWasPrinted) {
    EXPECT_EQ(retry_after_of("HTTP/1.1 429\r\nRetry-After: 20\r\n"), Seconds(20));
    EXPECT_EQ(retry_after_of("{\"error\": {\"retry_after\": 7}}"), Seconds(7));
    EXPECT_EQ(retry_after_of("retry after 90s"), Seconds(90));
    EXPECT_EQ(retry_after_of("retry-after: 1\nretry-after: 2"), Seconds(2)) << "the last one counts";
    EXPECT_EQ(retry_after_of("retry-after: Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
    EXPECT_EQ(retry_after_of("retry-after"), std::nullopt);
    EXPECT_EQ(retry_after_of(""), std::nullopt);
    EXPECT_EQ(retry_after_of("retry-after: 99999999999999999999"), Seconds(999'999'999));
}

}  // namespace
}  // namespace ratchet
