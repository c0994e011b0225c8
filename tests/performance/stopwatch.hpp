#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace ratchet::performance {

class Stopwatch {
  public:
    [[nodiscard]] double milliseconds() const {
        const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start_;
        return passed.count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

inline double middle_of(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// The median time of some work in ms, each time on what `prepare` gives, whose time does not count.
template <typename Prepare, typename Work>
double median(int times, const Prepare& prepare, const Work& work) {
    std::vector<double> taken;
    for (int i = 0; i < times; ++i) {
        const auto on = prepare();
        const Stopwatch watch;
        static_cast<void>(work(on));
        taken.push_back(watch.milliseconds());
    }
    return middle_of(std::move(taken));
}

template <typename Work>
double median(int times, const Work& work) {
    return median(times, [] { return 0; }, [&](int) { return work(); });
}

/// Runs a program in a folder, with its output thrown away; returns its highest resident memory in KiB.
/// Throws std::runtime_error where it fails.
long run_program(const std::string& program, const std::vector<std::string>& arguments,
                 const std::filesystem::path& folder);

}  // namespace ratchet::performance
