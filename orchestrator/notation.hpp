#pragma once

// Figures as people write and read them: durations, sizes, percentages, effects; and the nearest of several
// names. Pure functions of text; nothing depends on the locale.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

/// A finite number: "12", "-0.5", "+3", "1e5". Nothing else may stand around it but blanks.
std::optional<double> parse_number(std::string_view text);

/// "90s", "1h30m", "1.5 h", "250ms", "2 days": numbers with units (ms, s, m, h, d and their words), the
/// larger first, each at most once. Not negative, at most ten years.
std::optional<Milliseconds> parse_duration(std::string_view text);

/// Bytes: "2GiB", "512MB", "64k", "1.5 GB", "4096". KiB, MiB, … and the bare letters k, M, G, T count in
/// 1024s; kB, MB, GB, TB in 1000s; case does not matter. Not negative, below 2^62.
std::optional<std::int64_t> parse_size(std::string_view text);

/// The fraction that a percentage stands for: "0.5%" is 0.005, "+5 %" is 0.05, "-5%" is -0.05. The sign of
/// percent is required.
std::optional<double> parse_percentage(std::string_view text);

/// US dollars: "$5", "$0.50", "5 USD", "1e-3". Not negative.
std::optional<double> parse_money(std::string_view text);

/// "07:00" or "7:00" (seconds may follow where they are zero), as minutes since midnight.
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);

/// At most two units: "350 ms", "4.2 s", "1m 30s", "2h 05m", "3d 04h".
std::string format_duration(Seconds duration);

/// Three significant digits in 1024s: "512 B", "1.50 KiB", "23.4 MiB".
std::string format_bytes(std::int64_t bytes);

/// US dollars: "$12.30"; below a dollar two significant digits, "$0.0042"; "$0".
std::string format_money(double dollars);

/// A count, in at most four digits: "940", "12.3k", "1.24M".
std::string format_count(std::int64_t count);

/// Four significant digits, trailing zeros cut: "8.312", "0.000125", "12345", "1.2e+09".
std::string format_number(double value);

/// A value of a metric with its unit: "8.312 ms"; the unit may be empty.
std::string format_value(double value, std::string_view unit);

/// An effect e (positive is better) for a person. On the ratio scale it is exp(e) - 1, that is by how much
/// more is done in the same time (or, for a metric where higher is better, by how much it rose): "+18.2%",
/// "-0.52%"; from a doubling on, the factor: "×2.31", "×69.3". On the difference scale the signed number.
std::string format_effect(double effect, Scale scale = Scale::ratio);

/// "+18.2% (+16.0% to +20.1%)".
std::string format_interval(const Interval& interval, Scale scale = Scale::ratio);

/// The known name that is nearest to a mistyped one (edits, counting a swap of neighbours as one), or nothing
/// where none is near enough to have been meant.
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string_view> known);

}  // namespace ratchet
