#include "benchmarks_adapter/swap_test.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace ratchet {
namespace {

// Beyond these the normal approximation is right to a fraction of a rank.
constexpr std::size_t most_for_exact_tail = 20;

/// By how many ranks the candidate of each pair stands before its champion, doubled so that the middle ranks
/// of ties are whole; `shift` is taken off the champion's side.
std::vector<long> rank_leads(const PairedCosts& pairs, double shift) {
    struct Run {
        double cost;
        std::size_t pair;
        bool champion;
    };
    std::vector<Run> runs;
    runs.reserve(2 * pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        runs.push_back({pairs.champion[i] - shift, i, true});
        runs.push_back({pairs.candidate[i], i, false});
    }
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.cost < b.cost; });
    std::vector<long> leads(pairs.size(), 0);
    for (std::size_t first = 0; first < runs.size();) {
        std::size_t last = first + 1;
        while (last < runs.size() && runs[last].cost == runs[first].cost)
            ++last;
        const auto doubled_rank = static_cast<long>(first + last + 1);
        for (std::size_t i = first; i < last; ++i)
            leads[runs[i].pair] += runs[i].champion ? doubled_rank : -doubled_rank;
        first = last;
    }
    return leads;
}

double score_of(const std::vector<long>& leads) {
    double sum = 0;
    double squares = 0;
    for (const long lead : leads) {
        sum += static_cast<double>(lead);
        squares += static_cast<double>(lead) * static_cast<double>(lead);
    }
    return squares > 0 ? sum / std::sqrt(squares) : 0;
}

double normal_tail(double score) {
    return 0.5 * std::erfc(score / std::sqrt(2.0));
}

/// P(sum of the leads, each with the sign of a fair coin, >= the sum as it is).
double exact_tail(const std::vector<long>& leads) {
    // Counted from the least sum upwards: a positive sign adds twice the lead to it.
    std::size_t reach = 0;
    std::size_t least = 0;
    for (const long lead : leads)
        least += lead > 0 ? static_cast<std::size_t>(lead) : 0;
    const std::size_t all = std::accumulate(
        leads.begin(), leads.end(), std::size_t{0},
        [](std::size_t sum, long lead) { return sum + static_cast<std::size_t>(std::labs(lead)); });
    std::vector<double> mass(all + 1, 0.0);
    mass[0] = 1;
    for (const long lead : leads) {
        const auto size = static_cast<std::size_t>(std::labs(lead));
        reach += size;
        for (std::size_t sum = reach + 1; sum-- > 0;)
            mass[sum] = 0.5 * (mass[sum] + (sum >= size ? mass[sum - size] : 0.0));
    }
    return std::accumulate(mass.begin() + static_cast<std::ptrdiff_t>(least), mass.end(), 0.0);
}

double tail_of(const std::vector<long>& leads) {
    return leads.size() <= most_for_exact_tail ? exact_tail(leads) : normal_tail(score_of(leads));
}

/// The point of [low, high] where `below` turns from true to false.
template <typename Below>
double turning_point(double low, double high, Below below) {
    constexpr int halvings = 50;
    for (int i = 0; i < halvings && low < high; ++i) {
        const double middle = std::midpoint(low, high);
        (below(middle) ? low : high) = middle;
    }
    return std::midpoint(low, high);
}

}  // namespace

double swap_score(const PairedCosts& pairs, double shift) {
    return score_of(rank_leads(pairs, shift));
}

double swap_p_value(const PairedCosts& pairs, double shift) {
    return tail_of(rank_leads(pairs, shift));
}

Interval shift_interval(const PairedCosts& pairs, double confidence) {
    const auto [champion_least, champion_most] =
        std::minmax_element(pairs.champion.begin(), pairs.champion.end());
    const auto [candidate_least, candidate_most] =
        std::minmax_element(pairs.candidate.begin(), pairs.candidate.end());
    const double low = *champion_least - *candidate_most;
    const double high = *champion_most - *candidate_least;
    const double tail = (1 - confidence) / 2;
    const auto lead = [&](double shift) {
        const std::vector<long> leads = rank_leads(pairs, shift);
        return std::accumulate(leads.begin(), leads.end(), 0L);
    };
    // Where whole stretches of shifts leave the statistic at 0, the middle of them.
    const double estimate =
        std::midpoint(turning_point(low, high, [&](double shift) { return lead(shift) > 0; }),
                      turning_point(low, high, [&](double shift) { return lead(shift) >= 0; }));
    const auto gains_more = [&](double shift) { return tail_of(rank_leads(pairs, shift)); };
    const auto gains_less = [&](double shift) {
        std::vector<long> leads = rank_leads(pairs, shift);
        for (long& each : leads)
            each = -each;
        return tail_of(leads);
    };
    return {turning_point(low, high, [&](double shift) { return gains_more(shift) < tail; }), estimate,
            turning_point(low, high, [&](double shift) { return gains_less(shift) >= tail; })};
}

}  // namespace ratchet
