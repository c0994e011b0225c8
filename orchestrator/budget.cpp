#include "orchestrator/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "orchestrator/notation.hpp"

namespace ratchet {
namespace {

std::time_t seconds_of(Timestamp moment) {
    return std::chrono::system_clock::to_time_t(moment);
}

/// The next moment at which local clocks show this time of day, as they show it.
std::tm next(std::chrono::minutes time_of_day, std::time_t now) {
    std::tm local{};
    localtime_r(&now, &local);
    local.tm_hour = static_cast<int>(time_of_day.count() / 60);
    local.tm_min = static_cast<int>(time_of_day.count() % 60);
    local.tm_sec = 0;
    local.tm_isdst = -1;
    std::tm normalised = local;
    if (std::mktime(&normalised) <= now) local.tm_mday += 1;
    return local;
}

}  // namespace

TimeBudget::TimeBudget(const Budget& budget, const Clock& clock) : clock_(clock) {
    if (budget.duration) end_ = std::chrono::steady_clock::now() + *budget.duration;
    if (budget.until) until_ = next(*budget.until, seconds_of(clock.now()));
}

std::optional<Seconds> TimeBudget::left() const {
    std::optional<Seconds> left;
    if (end_) left = *end_ - std::chrono::steady_clock::now();
    if (until_) {
        ::tzset();  // the zone may be another one by now
        std::tm then = *until_;
        const Seconds until(std::difftime(std::mktime(&then), seconds_of(clock_.now())));
        left = left ? std::min(*left, until) : until;
    }
    return left ? std::optional(std::max(Seconds(0), *left)) : std::nullopt;
}

std::string spent(const Budget& budget, const TimeBudget& time, const Ledger& ledger) {
    if (budget.experiments && ledger.experiment_count() >= *budget.experiments) {
        return fmt::format("the budget of {} experiments is spent", *budget.experiments);
    }
    if (const auto left = time.left(); left && left->count() <= 0) return "the time is up";
    if (budget.plateau && ledger.since_last_kept() >= *budget.plateau) {
        return fmt::format("{} experiments without a kept one (budget.plateau)", ledger.since_last_kept());
    }
    return {};
}

}  // namespace ratchet
