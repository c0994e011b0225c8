#include "tests/performance/spin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

namespace ratchet::performance {

namespace fs = std::filesystem;

namespace {

// Each turn needs the one before, so that neither the compiler nor the processor can shorten the way. The
// volatile accesses keep the turning between the two looks at the clock.
constexpr const char* program = R"(#include <stdio.h>
#include <time.h>
static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}
static volatile unsigned long long wheel = 88172645463325252ULL;
int main(void) {
    unsigned long long length = 0;
    FILE *file = fopen("length.txt", "r");
    if (!file || fscanf(file, "%llu", &length) != 1) return 1;
    double start = milliseconds();
    unsigned long long x = wheel;
    for (unsigned long long turn = 0; turn < length; ++turn) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    wheel = x;
    printf("METRIC time_ms=%.6f\n", milliseconds() - start);
    return 0;
}
)";

constexpr const char* build = "cc -O1 -o spin spin.c";

/// The least of seven runs of this length, in ms: what the loop itself takes.
double least_time(const fs::path& folder, std::int64_t length) {
    std::ofstream(folder / "length.txt") << length << '\n';
    double least = 0;
    for (int run = 0; run < 7; ++run) {
        FILE* output = ::popen(fmt::format("cd {} && ./spin", folder.string()).c_str(), "r");
        double time = 0;
        const bool read = output != nullptr && std::fscanf(output, "METRIC time_ms=%lf", &time) == 1;
        if (output == nullptr || ::pclose(output) != 0 || !read)
            throw std::runtime_error("the spin program does not run");
        least = run == 0 ? time : std::min(least, time);
    }
    return least;
}

}  // namespace

SpinLength calibrated_length(double milliseconds) {
    std::string name = (fs::temp_directory_path() / "ratchet-spin-XXXXXX").string();
    const fs::path folder = ::mkdtemp(name.data());
    std::ofstream(folder / "spin.c") << program;
    shell(fmt::format("cd {} && {}", folder.string(), build));
    constexpr std::int64_t trial = 5'000'000;
    SpinLength found;
    found.turns =
        static_cast<std::int64_t>(static_cast<double>(trial) * milliseconds / least_time(folder, trial));
    found.milliseconds = least_time(folder, found.turns);
    found.half = least_time(folder, found.turns / 2) / found.milliseconds;
    fs::remove_all(folder);
    return found;
}

RealCampaign::Files spin_files(const std::string& name, const std::string& proposer, std::int64_t length,
                               int budgeted, int seed) {
    const std::string campaign = fmt::format(R"([campaign]
name = "{}"
goal = "Turn the wheel in less time."
scope = ["spin.c", "length.txt"]
duplicates = "allow"
seed = {}
[build]
command = "{}"
[benchmark]
command = "./spin"
metric = "time_ms"
direction = "lower"
[proposer]
{}
[budget]
experiments = {}
)",
                                             name, seed, build, proposer, budgeted);
    return {{"ratchet.toml", campaign},
            {"spin.c", program},
            {"length.txt", fmt::format("{}\n", length)},
            {".gitignore", "spin\n"}};
}

std::string verdict_counts(std::span<const Experiment> experiments) {
    std::map<std::string, int> counts;
    for (const Experiment& experiment : experiments) {
        std::string word = "unfinished";
        if (experiment.decision) {
            word = name_of(experiment.decision->verdict);
            if (experiment.decision->rejection)
                word += fmt::format(" ({})", name_of(*experiment.decision->rejection));
        }
        ++counts[word];
    }
    std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    std::string text;
    for (const auto& [word, count] : sorted)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, word);
    return text;
}

}  // namespace ratchet::performance
