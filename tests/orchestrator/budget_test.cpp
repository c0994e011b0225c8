#include "orchestrator/budget.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace ratchet {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// The clock on the wall: it can be set.
struct SetClock final : Clock {
    [[nodiscard]] Timestamp now() const override { return time; }
    Timestamp time;
};

/// The local time zone, for as long as it lives.
class InZone {
  public:
    explicit InZone(const char* zone) {
        if (const char* before = std::getenv("TZ")) before_ = before;
        move_to(zone);
    }
    ~InZone() {
        if (before_) {
            ::setenv("TZ", before_->c_str(), 1);
        } else {
            ::unsetenv("TZ");
        }
        ::tzset();
    }
    InZone(const InZone&) = delete;
    InZone& operator=(const InZone&) = delete;
    static void move_to(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }

  private:
    std::optional<std::string> before_;
};

Timestamp utc(int year, unsigned month, unsigned day, int hour) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    return std::chrono::time_point_cast<Timestamp::duration>(std::chrono::sys_days(date) + hours(hour));
}

Budget until(int hour) {
    Budget budget;
    budget.until = hours(hour);
    return budget;
}

TEST(TimeBudget, WithoutALimitThereIsNone) {
    const SetClock clock;
    EXPECT_EQ(TimeBudget(Budget{}, clock).left(), std::nullopt);
}

TEST(TimeBudget, UntilIsTheNextTimeThatClocksShowIt) {
    const InZone zone("UTC0");
    SetClock clock;
    clock.time = utc(2026, 3, 1, 22);
    EXPECT_EQ(TimeBudget(until(7), clock).left(), hours(9));
    EXPECT_EQ(TimeBudget(until(23), clock).left(), hours(1));
    EXPECT_EQ(TimeBudget(until(22), clock).left(), hours(24)) << "now is not later";
}

TEST(TimeBudget, UntilFollowsAClockThatIsSetAndAMachineThatSleeps) {
    const InZone zone("UTC0");
    SetClock clock;
    clock.time = utc(2026, 3, 1, 22);
    const TimeBudget budget(until(7), clock);
    clock.time += hours(6);
    EXPECT_EQ(budget.left(), hours(3));
    clock.time -= hours(8);
    EXPECT_EQ(budget.left(), hours(11));
    clock.time = utc(2026, 3, 2, 8);
    EXPECT_EQ(budget.left(), hours(0)) << "and not until the next morning";
}

TEST(TimeBudget, UntilIsLocalAlsoWhereTheZoneChanges) {
    const InZone zone("UTC0");
    SetClock clock;
    clock.time = utc(2026, 3, 1, 22);
    const TimeBudget budget(until(7), clock);
    InZone::move_to("XXX-2");  // two hours east: seven o'clock is earlier
    EXPECT_EQ(budget.left(), hours(7));
}

TEST(TimeBudget, ANightWithAChangeToSummerTimeIsAnHourShorter) {
    const InZone zone("CET-1CEST,M3.5.0,M10.5.0/3");
    SetClock clock;
    clock.time = utc(2026, 3, 28, 21);  // 22:00
    EXPECT_EQ(TimeBudget(until(7), clock).left(), hours(8));
}

TEST(TimeBudget, ADurationIsNotTheWallClocks) {
    SetClock clock;
    clock.time = utc(2026, 3, 1, 22);
    Budget night;
    night.duration = hours(8);
    const TimeBudget budget(night, clock);
    clock.time += hours(100);
    EXPECT_GT(budget.left(), hours(7));
    EXPECT_LE(budget.left(), hours(8));
}

TEST(TimeBudget, TheEarlierOfTheTwoCounts) {
    const InZone zone("UTC0");
    SetClock clock;
    clock.time = utc(2026, 3, 1, 22);
    Budget night = until(7);
    night.duration = hours(1);
    const TimeBudget budget(night, clock);
    EXPECT_LE(budget.left(), hours(1));
    clock.time += hours(9) - minutes(1);
    EXPECT_EQ(budget.left(), minutes(1));
}

}  // namespace
}  // namespace ratchet
