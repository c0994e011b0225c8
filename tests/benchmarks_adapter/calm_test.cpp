#include "benchmarks_adapter/calm.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace ratchet {
namespace {

/// A machine as loud as the test says; its time passes by the windows that are looked at.
class ScriptedPressure final : public PressureGauge {
  public:
    std::optional<double> recent() override { return last_ten_seconds; }
    double during(Milliseconds window, const StopSignal&) override {
        passed += window;
        ++looks;
        if (next.empty()) return otherwise;
        const double now = next.front();
        next.pop_front();
        return now;
    }
    std::optional<double> last_ten_seconds = 0.0;
    std::deque<double> next;
    double otherwise = 0;
    Seconds passed{0};
    int looks = 0;
};

class Wish final : public StopSignal {
  public:
    [[nodiscard]] int descriptor() const override { return -1; }
    [[nodiscard]] bool requested() const override { return true; }
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const override {
        return std::nullopt;
    }
};

class CalmBeforeAPair : public ::testing::Test {
  protected:
    ScriptedPressure machine;
    Calm calm{machine};
    NeverStop never;
};

TEST_F(CalmBeforeAPair, goes_on_at_once_on_a_quiet_machine) {
    machine.last_ten_seconds = 0.05;
    const Calm::Outlook outlook = calm.await(never);
    EXPECT_EQ(outlook.pressure, 0.05);
    EXPECT_EQ(outlook.waited_seconds, 0);
    EXPECT_EQ(machine.looks, 0);
}

TEST_F(CalmBeforeAPair, goes_on_where_the_kernel_does_not_say) {
    machine.last_ten_seconds.reset();
    EXPECT_EQ(calm.await(never).pressure, std::nullopt);
    EXPECT_EQ(machine.looks, 0);
}

TEST_F(CalmBeforeAPair, does_not_take_its_own_last_pair_for_the_load_of_others) {
    machine.last_ten_seconds = 0.9;  // a benchmark with many threads, just ended
    machine.next = {0.01};
    calm.took(Seconds(5));
    const Calm::Outlook outlook = calm.await(never);
    EXPECT_EQ(outlook.pressure, 0.01);
    EXPECT_EQ(machine.looks, 1);
}

TEST_F(CalmBeforeAPair, waits_until_the_others_are_done) {
    machine.last_ten_seconds = 0.9;
    machine.next = {0.9, 0.8, 0.7, 0.1};
    calm.took(Seconds(1));
    const Calm::Outlook outlook = calm.await(never);
    EXPECT_EQ(outlook.pressure, 0.1);
    EXPECT_EQ(machine.looks, 4);
    EXPECT_DOUBLE_EQ(outlook.waited_seconds, machine.passed.count());
}

TEST_F(CalmBeforeAPair, waits_no_longer_than_ten_pairs_take_and_ten_seconds) {
    machine.last_ten_seconds = machine.otherwise = 0.9;
    calm.took(Seconds(0.1));
    EXPECT_NEAR(calm.await(never).waited_seconds, 1, 0.1);
    Calm patient(machine);
    patient.took(Seconds(600));
    EXPECT_NEAR(patient.await(never).waited_seconds, 10, 0.1);
    EXPECT_EQ(patient.await(never).pressure, 0.9) << "and then goes on, and says how it was";
}

TEST_F(CalmBeforeAPair, costs_a_bounded_time_in_all_where_it_never_gets_quiet) {
    machine.last_ten_seconds = machine.otherwise = 0.9;
    calm.took(Seconds(600));
    for (int i = 0; i < 100; ++i)
        calm.await(never);
    const Seconds so_far = machine.passed;
    EXPECT_LT(so_far.count(), 20 + 100 * 0.05);
    for (int i = 0; i < 100'000; ++i)
        calm.await(never);
    EXPECT_EQ(machine.looks - 100'000, static_cast<int>(so_far / Milliseconds(50) + 0.5)) << "one look each";
}

TEST_F(CalmBeforeAPair, has_its_patience_back_after_a_quiet_moment) {
    machine.last_ten_seconds = machine.otherwise = 0.9;
    calm.took(Seconds(600));
    for (int i = 0; i < 10; ++i)
        calm.await(never);
    machine.last_ten_seconds = 0;
    calm.await(never);
    machine.last_ten_seconds = 0.9;
    EXPECT_NEAR(calm.await(never).waited_seconds, 10, 0.1);
}

TEST_F(CalmBeforeAPair, ends_with_the_wish_to_stop) {
    machine.last_ten_seconds = machine.otherwise = 0.9;
    calm.took(Seconds(600));
    EXPECT_TRUE(calm.await(Wish()).stopped);
    EXPECT_EQ(machine.looks, 1);
}

TEST(MachinePressureTest, is_a_share_of_time) {
    MachinePressure machine;
    const NeverStop never;
    const double share = machine.during(Milliseconds(1), never);
    EXPECT_GE(share, 0);
    EXPECT_LE(share, 1);
    if (const auto recent = machine.recent()) {
        EXPECT_GE(*recent, 0);
        EXPECT_LE(*recent, 1);
    }
}

}  // namespace
}  // namespace ratchet
