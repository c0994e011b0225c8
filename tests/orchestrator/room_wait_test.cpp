#include "orchestrator/room_wait.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <deque>
#include <sstream>

namespace ratchet {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uintmax_t mebibyte = std::uintmax_t{1} << 20;

/// Has so much room at each look; the last value stays.
struct ScriptedDisks final : Disks {
    explicit ScriptedDisks(std::deque<std::uintmax_t> looks) : left(std::move(looks)) {}
    [[nodiscard]] bool have_room() const override {
        if (left.size() > 1 && !first) left.pop_front();
        first = false;
        return least_left() >= static_cast<std::uintmax_t>(NoRoom::least_bytes);
    }
    [[nodiscard]] std::uintmax_t least_left() const override { return left.front(); }
    mutable std::deque<std::uintmax_t> left;
    mutable bool first = true;
};

struct WallClock final : Clock {
    [[nodiscard]] Timestamp now() const override { return {}; }
};

class ScriptedStop final : public StopSignal {
  public:
    explicit ScriptedStop(bool wished)
        : wished_(wished), descriptor_(::eventfd(wished ? 1 : 0, EFD_CLOEXEC)) {}
    ~ScriptedStop() override { ::close(descriptor_); }
    ScriptedStop(const ScriptedStop&) = delete;
    ScriptedStop& operator=(const ScriptedStop&) = delete;
    [[nodiscard]] int descriptor() const override { return descriptor_; }
    [[nodiscard]] bool requested() const override { return wished_; }
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const override {
        return {};
    }

  private:
    bool wished_;
    int descriptor_;
};

struct Waiting {
    explicit Waiting(std::deque<std::uintmax_t> looks, Budget budget = {})
        : disks(std::move(looks)), time(budget, clock) {}

    bool wait(std::int64_t finished = 0) {
        disks.first = true;
        return room.wait(full, finished, stop);
    }
    [[nodiscard]] std::string told() const { return out.str(); }

    const NoRoom full{"the ledger cannot be written"};
    ScriptedDisks disks;
    WallClock clock;
    TimeBudget time;
    std::ostringstream out;
    std::unique_ptr<Status> status = make_plain_status(out);
    Events events{"", {}};
    ScriptedStop stop{false};
    RoomWait room{disks, *status, events, time, milliseconds(100)};
};

TEST(RoomWait, EndsWhenThereIsRoom) {
    Waiting waiting({0, 0, 8 * mebibyte, 20 * mebibyte});
    EXPECT_TRUE(waiting.wait());
    EXPECT_THAT(waiting.told(),
                AllOf(HasSubstr("the disk is full: the ledger cannot be written. The run waits, "
                                "and nothing that was recorded is lost: it goes on by itself "
                                "once there is room (16 MiB at least)\n"),
                      HasSubstr("there is room on the disk again: the run goes on\n")));
}

TEST(RoomWait, WithRoomThatWasNotEnoughTriesAgainLater) {
    Waiting waiting({20 * mebibyte});
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(waiting.wait());
    EXPECT_TRUE(waiting.wait());
    EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(300)) << "100, then 200";
    EXPECT_THAT(waiting.told(), HasSubstr("what is left now was not enough; it tries again in "));
}

TEST(RoomWait, WithTwiceAsMuchRoomTriesAtOnce) {
    Waiting waiting({20 * mebibyte, 39 * mebibyte, 40 * mebibyte});
    RoomWait patient(waiting.disks, *waiting.status, waiting.events, waiting.time, std::chrono::hours(1));
    EXPECT_TRUE(patient.wait(waiting.full, 0, waiting.stop));
}

TEST(RoomWait, EndsAtAWishToStop) {
    Waiting waiting({0});
    EXPECT_FALSE(waiting.room.wait(waiting.full, 0, ScriptedStop(true)));
    EXPECT_THAT(waiting.told(), Not(HasSubstr("goes on\n")));
}

TEST(RoomWait, ThrowsWhatItWasToldWhenTheTimeIsUp) {
    Budget budget;
    budget.duration = milliseconds(150);
    Waiting waiting({0}, budget);
    EXPECT_THROW(waiting.wait(), NoRoom);
}

TEST(RoomWait, AsksTheDisksOfFoldersThatAreNotThereYet) {
    EXPECT_EQ(DisksOf({"/nowhere/at/all"}).least_left(), DisksOf({"/"}).least_left());
    EXPECT_EQ(DisksOf({"/proc"}).least_left(), 0) << "nobody knows";
    EXPECT_TRUE(DisksOf({"/proc"}).have_room());
}

}  // namespace
}  // namespace ratchet
