#include "orchestrator/briefing/streak.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string_view>

namespace ratchet {
namespace {

constexpr Seconds longest_wait = std::chrono::minutes(15);
// Some services close for hours; longer than that, a person wants to know.
constexpr Seconds longest_asked_for = std::chrono::hours(6);

/// Empty for what is no failure.
std::string kind_of(const Decision& decision) {
    switch (decision.verdict) {
        case Verdict::no_proposal:
            return "nothing";
        case Verdict::rejected:
            if (decision.rejection == Rejection::empty) return "nothing";
            return std::string(name_of(decision.verdict)) + "/" + std::string(name_of(*decision.rejection));
        case Verdict::build_failed:
        case Verdict::gate_failed:
        case Verdict::benchmark_failed:
        case Verdict::timed_out:
            return std::string(name_of(decision.verdict));
        default:
            return {};
    }
}

}  // namespace

Streak failure_streak(const Ledger& ledger, int most, std::optional<ExperimentId> after) {
    SummaryQuery query;
    query.limit = most;
    query.after = after;
    Streak streak;
    for (const Summary& experiment : ledger.summaries(query)) {
        if (!experiment.decision) continue;  // in flight
        const std::string kind = kind_of(*experiment.decision);
        if (kind.empty() || (streak.length > 0 && kind != streak.kind)) break;
        if (streak.length++ == 0) streak.reason = experiment.decision->reason;
        streak.kind = kind;
    }
    return streak;
}

Seconds backoff(int failures, Seconds first, std::uint64_t seed, std::optional<Seconds> retry_after) {
    if (failures <= 0) return Seconds(0);
    const Seconds doubled = first * std::pow(2.0, std::min(failures - 1, 30));
    const double chance = static_cast<double>(seed % 1024) / 1023.0;  // 0 to 1
    const Seconds wait = std::min(doubled, longest_wait) * (0.75 + 0.5 * chance);
    return std::max(wait, std::min(retry_after.value_or(Seconds(0)), longest_asked_for));
}

std::optional<Seconds> retry_after_of(const std::string& output) {
    std::string text(output.size(), '\0');
    std::transform(output.begin(), output.end(), text.begin(), [](unsigned char c) {
        return c == '_' || c == ' ' ? '-' : static_cast<char>(std::tolower(c));
    });
    constexpr std::string_view key = "retry-after";
    std::size_t place = text.rfind(key);
    if (place == std::string::npos) return std::nullopt;
    place = text.find_first_not_of("\"':=-", place + key.size());
    if (place == std::string::npos || text[place] < '0' || text[place] > '9') return std::nullopt;
    double seconds = 0;
    constexpr int most_digits = 9;
    for (int i = 0; i < most_digits && place < text.size() && text[place] >= '0' && text[place] <= '9'; ++i)
        seconds = seconds * 10 + (text[place++] - '0');
    return Seconds(seconds);
}

}  // namespace ratchet
