#include "orchestrator/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "orchestrator/notation.hpp"

namespace ratchet {
namespace {

/// From now to the next time that local clocks show this time of day.
std::chrono::seconds until_time_of_day(std::chrono::minutes time_of_day) {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    local.tm_hour = static_cast<int>(time_of_day.count() / 60);
    local.tm_min = static_cast<int>(time_of_day.count() % 60);
    local.tm_sec = 0;
    local.tm_isdst = -1;
    std::time_t then = std::mktime(&local);
    if (then <= now) {
        local.tm_mday += 1;
        local.tm_isdst = -1;
        then = std::mktime(&local);
    }
    return std::chrono::seconds(then - now);
}

}  // namespace

TimeBudget::TimeBudget(const Budget& budget) {
    const auto now = std::chrono::steady_clock::now();
    if (budget.duration) end_ = now + *budget.duration;
    if (budget.until) {
        const auto end = now + until_time_of_day(*budget.until);
        end_ = end_ ? std::min(*end_, end) : end;
    }
}

std::optional<Seconds> TimeBudget::left() const {
    if (!end_) return std::nullopt;
    return std::max(Seconds(0), Seconds(*end_ - std::chrono::steady_clock::now()));
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
