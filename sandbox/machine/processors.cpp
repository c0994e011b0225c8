#include "sandbox/machine/processors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <tuple>

namespace ratchet {
namespace {

namespace fs = std::filesystem;

std::optional<std::int64_t> number_in(const fs::path& file) {
    std::ifstream stream(file);
    std::int64_t number = 0;
    if (stream >> number) return number;
    return std::nullopt;
}

fs::path processor_folder(const fs::path& folder, int processor) {
    return folder / fmt::format("cpu{}", processor);
}

/// Arm says it outright; on hybrid x86 processors the slower kind has a lower highest frequency.
std::int64_t capacity_of(const fs::path& folder) {
    if (const auto capacity = number_in(folder / "cpu_capacity")) return *capacity;
    return number_in(folder / "cpufreq/cpuinfo_max_freq").value_or(0);
}

Processor describe(const fs::path& folder, int number) {
    Processor processor;
    processor.number = number;
    const fs::path own = processor_folder(folder, number);
    std::ifstream siblings(own / "topology/thread_siblings_list");
    if (!std::getline(siblings, processor.core)) processor.core = std::to_string(number);
    processor.package = static_cast<int>(number_in(own / "topology/physical_package_id").value_or(0));
    processor.capacity = capacity_of(own);
    return processor;
}

}  // namespace

std::vector<Processor> allowed_processors(const fs::path& folder) {
    std::vector<Processor> processors;
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return processors;
    for (int number = 0; number < CPU_SETSIZE; ++number) {
        if (CPU_ISSET(static_cast<std::size_t>(number), &allowed))
            processors.push_back(describe(folder, number));
    }
    return processors;
}

std::vector<int> choose_processors(std::vector<Processor> from, int count) {
    std::sort(from.begin(), from.end(),
              [](const Processor& left, const Processor& right) { return left.number > right.number; });
    std::set<std::string> busy_core;
    for (const Processor& processor : from) {
        if (processor.number == 0) busy_core.insert(processor.core);
    }
    std::map<std::string, int> threads_before;
    std::vector<std::tuple<int, bool, std::int64_t, int, int>> ranking;
    for (const Processor& processor : from) {
        ranking.emplace_back(threads_before[processor.core]++, busy_core.contains(processor.core),
                             -processor.capacity, -processor.package, -processor.number);
    }
    std::sort(ranking.begin(), ranking.end());
    std::vector<int> chosen;
    for (const auto& rank : ranking) {
        if (static_cast<int>(chosen.size()) < count) chosen.push_back(-std::get<4>(rank));
    }
    std::sort(chosen.begin(), chosen.end());
    return chosen;
}

std::string list_text(const std::vector<int>& processors) {
    return fmt::format("{}", fmt::join(processors, ","));
}

std::optional<std::int64_t> highest_frequency(const std::vector<int>& processors, const fs::path& folder) {
    std::optional<std::int64_t> highest;
    for (const int processor : processors) {
        const auto frequency = number_in(processor_folder(folder, processor) / "cpufreq/scaling_cur_freq");
        if (frequency && (!highest || *frequency > *highest)) highest = frequency;
    }
    return highest;
}

}  // namespace ratchet
