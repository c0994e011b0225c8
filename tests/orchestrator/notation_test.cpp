#include "orchestrator/notation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace ratchet {
namespace {

using std::chrono::milliseconds;

std::int64_t milliseconds_of(std::string_view text) {
    return parse_duration(text).value_or(milliseconds(-1)).count();
}

TEST(Notation, DurationsAreReadAsPeopleWriteThem) {
    EXPECT_EQ(milliseconds_of("90s"), 90'000);
    EXPECT_EQ(milliseconds_of("1h30m"), 5'400'000);
    EXPECT_EQ(milliseconds_of(" 1 h 30 min "), 5'400'000);
    EXPECT_EQ(milliseconds_of("1.5h"), 5'400'000);
    EXPECT_EQ(milliseconds_of("250ms"), 250);
    EXPECT_EQ(milliseconds_of("2 days"), 172'800'000);
    EXPECT_EQ(milliseconds_of("1 hour 1 second"), 3'601'000);
    EXPECT_EQ(milliseconds_of("0s"), 0);
}

TEST(Notation, WhatIsNoDurationIsRefused) {
    for (const char* text :
         {"", " ", "90", "s", "-5s", "1h30", "30m1h", "1m1m", "1x", "1e3s", "infs", "5 fortnights",
          "99999999999999999999d", "11000d 1", "20000000d", "mss", "1 ss"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(Notation, SizesCountIn1024sUnlessTheyAreDecimal) {
    EXPECT_EQ(parse_size("2GiB"), std::int64_t{2} << 30);
    EXPECT_EQ(parse_size("512MB"), 512'000'000);
    EXPECT_EQ(parse_size("64k"), 65'536);
    EXPECT_EQ(parse_size("1.5 gib"), std::int64_t{3} << 29);
    EXPECT_EQ(parse_size("4096"), 4096);
    EXPECT_EQ(parse_size("10 bytes"), 10);
}

TEST(Notation, WhatIsNoSizeIsRefused) {
    for (const char* text : {"", "GiB", "-1k", "2 GiB 3", "2XB", "1e9", "99999999T", "2Gi", "nan"}) {
        EXPECT_FALSE(parse_size(text)) << text;
    }
}

TEST(Notation, PercentagesAreFractionsAndNeedTheirSign) {
    EXPECT_DOUBLE_EQ(parse_percentage("0.5%").value_or(0), 0.005);
    EXPECT_DOUBLE_EQ(parse_percentage("+5 %").value_or(0), 0.05);
    EXPECT_DOUBLE_EQ(parse_percentage("-5%").value_or(0), -0.05);
    for (const char* text : {"", "%", "5", "5%%", "+-5%", "inf%", "five%"}) {
        EXPECT_FALSE(parse_percentage(text)) << text;
    }
}

TEST(Notation, TimesOfDayAreMinutesSinceMidnight) {
    EXPECT_EQ(parse_time_of_day("07:00"), std::chrono::minutes(420));
    EXPECT_EQ(parse_time_of_day("7:05"), std::chrono::minutes(425));
    EXPECT_EQ(parse_time_of_day("23:59:00"), std::chrono::minutes(1439));
    for (const char* text :
         {"", "7", "24:00", "07:60", "07:0", "007:00", "-1:00", "07:00:30", "ab:cd", ":30"}) {
        EXPECT_FALSE(parse_time_of_day(text)) << text;
    }
}

TEST(Notation, DurationsAreShownInAtMostTwoUnits) {
    EXPECT_EQ(format_duration(Seconds(0)), "0 s");
    EXPECT_EQ(format_duration(Seconds(0.0123)), "12.3 ms");
    EXPECT_EQ(format_duration(Seconds(0.35)), "350 ms");
    EXPECT_EQ(format_duration(Seconds(0.99999)), "1.0 s");
    EXPECT_EQ(format_duration(Seconds(4.21)), "4.2 s");
    EXPECT_EQ(format_duration(Seconds(59.7)), "1m 00s");
    EXPECT_EQ(format_duration(Seconds(90)), "1m 30s");
    EXPECT_EQ(format_duration(Seconds(3599.9)), "1h 00m");
    EXPECT_EQ(format_duration(Seconds(7500)), "2h 05m");
    EXPECT_EQ(format_duration(Seconds(86399)), "1d 00h");
    EXPECT_EQ(format_duration(Seconds(-90)), "-1m 30s");
    EXPECT_EQ(format_duration(Seconds(std::numeric_limits<double>::infinity())), "?");
}

TEST(Notation, SizesAreShownWithThreeDigits) {
    EXPECT_EQ(format_bytes(512), "512 B");
    EXPECT_EQ(format_bytes(1536), "1.50 KiB");
    EXPECT_EQ(format_bytes(24'536'678), "23.4 MiB");
    EXPECT_EQ(format_bytes(1'048'575), "1.00 MiB");
    EXPECT_EQ(format_bytes(std::int64_t{4} << 30), "4.00 GiB");
    EXPECT_EQ(format_bytes(-1536), "-1.50 KiB");
}

TEST(Notation, EffectsAreShownAsPercentAndFromADoublingOnAsFactor) {
    EXPECT_EQ(format_effect(0), "+0.00%");
    EXPECT_EQ(format_effect(std::log(1.182)), "+18.2%");
    EXPECT_EQ(format_effect(std::log(1.0052)), "+0.52%");
    EXPECT_EQ(format_effect(-std::log(1.0052)), "-0.52%");
    EXPECT_EQ(format_effect(-1e-9), "+0.00%");
    EXPECT_EQ(format_effect(std::log(0.5)), "-50.0%");
    EXPECT_EQ(format_effect(std::log(1.99)), "+99.0%");
    EXPECT_EQ(format_effect(std::log(2)), "×2.00");
    EXPECT_EQ(format_effect(std::log(69.3)), "×69.3");
    EXPECT_EQ(format_effect(std::log(1234)), "×1234");
    EXPECT_EQ(format_effect(std::nan("")), "?");
    EXPECT_EQ(format_effect(-0.25, Scale::difference), "-0.25");
    EXPECT_EQ(format_effect(3, Scale::difference), "+3");
    EXPECT_EQ(format_interval({std::log(1.16), std::log(1.182), std::log(1.201)}),
              "+18.2% (+16.0% to +20.1%)");
}

TEST(Notation, NumbersAreShownWithFourDigits) {
    EXPECT_EQ(format_number(8.31234), "8.312");
    EXPECT_EQ(format_number(12345), "12345");
    EXPECT_EQ(format_number(-0.0), "0");
    EXPECT_EQ(format_number(0.000125), "0.000125");
    EXPECT_EQ(format_value(8.31234, "ms"), "8.312 ms");
    EXPECT_EQ(format_value(3, ""), "3");
}

TEST(Notation, TheNearestNameIsTheOneThatWasMeant) {
    constexpr std::array<std::string_view, 4> known = {"command", "timeout", "cache", "min_effect"};
    EXPECT_EQ(nearest_name("comand", known), "command");
    EXPECT_EQ(nearest_name("timeuot", known), "timeout");
    EXPECT_EQ(nearest_name("Cache", known), "cache");
    EXPECT_EQ(nearest_name("mineffect", known), "min_effect");
    EXPECT_EQ(nearest_name("colour", known), std::nullopt);
    EXPECT_EQ(nearest_name(std::string(100'000, 'c'), known), std::nullopt);
}

RC_GTEST_PROP(Notation, AnyTextIsReadOrRefusedWithinBounds, (const std::string& text)) {
    if (const auto duration = parse_duration(text)) RC_ASSERT(duration->count() >= 0);
    if (const auto size = parse_size(text)) RC_ASSERT(*size >= 0);
    if (const auto number = parse_number(text)) RC_ASSERT(std::isfinite(*number));
    if (const auto share = parse_percentage(text)) RC_ASSERT(std::isfinite(*share));
    if (const auto time = parse_time_of_day(text)) RC_ASSERT(time->count() >= 0 && time->count() < 1440);
}

RC_GTEST_PROP(Notation, TextOfTheRightLettersIsReadOrRefusedWithinBounds, ()) {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789.+-: %eshmdkKiBG")));
    if (const auto duration = parse_duration(text)) RC_ASSERT(duration->count() >= 0);
    if (const auto size = parse_size(text)) RC_ASSERT(*size >= 0);
    if (const auto share = parse_percentage(text)) RC_ASSERT(std::isfinite(*share));
}

RC_GTEST_PROP(Notation, AWrittenDurationReadsBackWithinItsPrecision, ()) {
    const auto count = *rc::gen::inRange<std::int64_t>(0, 100'000'000'000);
    const auto read = parse_duration(format_duration(milliseconds(count)));
    RC_ASSERT(read.has_value());
    const double error = std::abs(static_cast<double>(read->count() - count));
    RC_ASSERT(error <= 1 + static_cast<double>(count) * 0.025);
}

RC_GTEST_PROP(Notation, AWrittenSizeReadsBackWithinItsPrecision, ()) {
    const auto bytes = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 49);
    const auto read = parse_size(format_bytes(bytes));
    RC_ASSERT(read.has_value());
    RC_ASSERT(std::abs(static_cast<double>(*read - bytes)) <= static_cast<double>(bytes) * 0.0051);
}

TEST(Notation, MoneyIsInDollars) {
    EXPECT_EQ(parse_money("$5"), 5);
    EXPECT_EQ(parse_money(" $0.50 "), 0.5);
    EXPECT_EQ(parse_money("12 USD"), 12);
    EXPECT_EQ(parse_money("0.25"), 0.25);
    for (const char* text : {"", "$", "five", "$-5", "$5 USD", "5 euros", "+5"})
        EXPECT_FALSE(parse_money(text)) << text;
    EXPECT_EQ(format_money(0), "$0");
    EXPECT_EQ(format_money(0.00423), "$0.0042");
    EXPECT_EQ(format_money(0.5), "$0.50");
    EXPECT_EQ(format_money(12.345), "$12.35");
    EXPECT_EQ(format_money(123456), "$123456");
    EXPECT_EQ(format_money(-2), "-$2.00");
}

TEST(Notation, CountsAreShort) {
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1000), "1.00k");
    EXPECT_EQ(format_count(12'345), "12.3k");
    EXPECT_EQ(format_count(999'600), "1.00M");
    EXPECT_EQ(format_count(-1'240'000), "-1.24M");
}

}  // namespace
}  // namespace ratchet
