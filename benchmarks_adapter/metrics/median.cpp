#include "benchmarks_adapter/metrics/median.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace ratchet {

double median(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    if (sorted.size() % 2 == 1) return *middle;
    return std::midpoint(*std::max_element(sorted.begin(), middle), *middle);
}

}  // namespace ratchet
