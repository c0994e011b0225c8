#include "orchestrator/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "orchestrator/notation.hpp"
#include "orchestrator/spending.hpp"
#include "sandbox/safe_text.hpp"

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

std::optional<double> median(std::vector<double> values) {
    if (values.empty()) return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::vector<double> candidate_values(const std::vector<Pair>& pairs, Phase phase) {
    std::vector<double> values;
    for (const Pair& pair : pairs) {
        if (pair.phase == phase && pair.set_aside.empty()) values.push_back(pair.candidate.value);
    }
    return values;
}

/// Empty: the target is not reached, or there is none.
std::string reached(const Campaign& campaign, const Ledger& ledger) {
    const std::optional<double>& target = campaign.budget.target;
    if (!target) return {};
    const std::optional<double> value = champion_value(ledger);
    if (!value) return {};
    const Benchmark& benchmark = campaign.benchmark;
    const bool there = benchmark.direction == Direction::lower ? *value <= *target : *value >= *target;
    if (!there) return {};
    const std::string unit = one_line(benchmark.unit);
    return fmt::format("the champion's {} is {}: the target of {} is reached (budget.target)",
                       one_line(benchmark.metric), format_value(*value, unit), format_value(*target, unit));
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

std::optional<Seconds> usual_duration(const Ledger& ledger) {
    std::vector<double> took;
    for (const FinishedExperiment& outcome : ledger.newest_finished(experiments_that_tell)) {
        if (was_run(outcome)) took.push_back(outcome.duration.count());
    }
    const std::optional<double> middle = median(std::move(took));
    return middle ? std::optional(Seconds(*middle)) : std::nullopt;
}

std::optional<double> champion_value(const Ledger& ledger) {
    const Champion champion = ledger.champion();
    const auto calibration = ledger.latest_calibration();
    if (calibration && calibration->champion == champion.commit) return calibration->champion_value;
    if (!champion.experiment) return std::nullopt;
    const auto experiment = ledger.experiment(*champion.experiment);
    if (!experiment) return std::nullopt;
    // What made it a winner flatters it; fresh pairs do not.
    if (const auto confirmed = median(candidate_values(experiment->pairs, Phase::confirmation)))
        return confirmed;
    return median(candidate_values(experiment->pairs, Phase::search));
}

std::string spent(const Campaign& campaign, const TimeBudget& time, const Ledger& ledger) {
    const Budget& budget = campaign.budget;
    if (budget.experiments && ledger.experiment_count() >= *budget.experiments) {
        return fmt::format("the budget of {} experiments is spent", *budget.experiments);
    }
    if (const auto left = time.left()) {
        if (left->count() <= 0) return "the time is up";
        const auto usual = usual_duration(ledger);
        if (usual && *left < *usual) {
            return fmt::format("the time that is left ({}) is less than an experiment takes ({})",
                               format_duration(*left), format_duration(*usual));
        }
    }
    if (budget.plateau && ledger.since_last_kept() >= *budget.plateau) {
        return fmt::format("{} experiments without a kept one (budget.plateau)", ledger.since_last_kept());
    }
    return reached(campaign, ledger);
}

}  // namespace ratchet
