#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "experiment_store/campaign.hpp"

namespace ratchet {

/// A benchmark whose tool prints what ratchet reads.
struct FoundBenchmark {
    std::string file;  ///< relative to the folder
    std::string tool;
    std::string command;
    std::string metric;
    MetricSource source = MetricSource::metric_lines;
};

/// The first benchmark of the folder that is made with pytest-benchmark, Go's testing package or criterion,
/// and whose metric's name can be told from its source. Runs nothing; looks at 2000 entries of the folder at
/// most, and at 1 MiB of a file.
std::optional<FoundBenchmark> find_benchmark(const std::filesystem::path& folder);

/// The first MiB of a regular file; empty where there is none.
std::string first_of_file(const std::filesystem::path& file);

}  // namespace ratchet
