#include "orchestrator/gateway/retry_after.hpp"

#include <gtest/gtest.h>

namespace ratchet {
namespace {

const Timestamp noon = std::chrono::sys_days(std::chrono::October / 21 / 2026) + std::chrono::hours(12);

TEST(RetryAfter, IsFoundInWhatWasPrinted) {
    EXPECT_EQ(retry_after_of("HTTP/1.1 429\r\nRetry-After: 20\r\n", noon), Seconds(20));
    EXPECT_EQ(retry_after_of("{\"error\": {\"retry_after\": 7}}", noon), Seconds(7));
    EXPECT_EQ(retry_after_of("retry after 90s", noon), Seconds(90));
    EXPECT_EQ(retry_after_of("retry-after: 1\nretry-after: 2", noon), Seconds(2)) << "the last one counts";
    EXPECT_EQ(retry_after_of("retry-after", noon), std::nullopt);
    EXPECT_EQ(retry_after_of("", noon), std::nullopt);
    EXPECT_EQ(retry_after_of("retry-after: 99999999999999999999", noon), Seconds(999'999'999));
}

TEST(RetryAfter, IsUnderstoodAsADate) {
    EXPECT_EQ(retry_after_of("Retry-After: Wed, 21 Oct 2026 12:01:30 GMT\r\nServer: x", noon), Seconds(90));
    EXPECT_EQ(retry_after_of("{\"retry-after\": \"Thu, 22 Oct 2026 12:00:00 GMT\"}", noon), Seconds(86'400));
    EXPECT_EQ(retry_after_of("retry-after: Wed, 21 Oct 2026 07:28:00 GMT", noon), Seconds(0)) << "has passed";
    EXPECT_EQ(retry_after_of("retry-after: Wed, 21 Oct 2026 13:00:00 CEST", noon), std::nullopt);
    EXPECT_EQ(retry_after_of("retry-after: Wed, soon", noon), std::nullopt);
}

}  // namespace
}  // namespace ratchet
