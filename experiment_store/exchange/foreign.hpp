#pragma once

// What other tools of this kind leave behind, read as far as it can be read. docs/exchange.md says how each
// field is understood. Nothing here trusts its input: a line that is not understood is named and left out.

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/imported.hpp"

namespace ratchet {

/// A line that holds no experiment that could be read, and why, in one clause.
struct BrokenLine {
    std::int64_t line = 0;
    std::string what;
    bool operator==(const BrokenLine&) const = default;
};

/// All that a file of another tool holds.
struct ForeignRecords {
    std::vector<ImportedExperiment> experiments;  ///< in the order of the file; without ids, source and times
    std::vector<BrokenLine> broken;
    int segments = 0;        ///< configurations
    std::int64_t hooks = 0;  ///< lines that tell of a hook, and of no experiment
};

enum class ForeignFormat {
    run_log,        ///< `.auto/log.jsonl`, `autoresearch.jsonl`: a JSON object a line
    results_table,  ///< `results.tsv`: a heading, then a run a line
};
template <>
struct Names<ForeignFormat> {
    static constexpr std::array<std::string_view, 2> names = {"jsonl", "tsv"};
};

/// By the first line that is not empty; nothing where it is neither.
std::optional<ForeignFormat> foreign_format(std::istream& in);

/// A configuration line (`"type": "config"`) begins a segment; every other line with a status is a run.
ForeignRecords read_run_log(std::istream& in);

/// The second column is the metric, unless a configuration elsewhere says more; `status` and `description`
/// are found by their names, all other columns with a number in them are further metrics.
ForeignRecords read_results_table(std::istream& in);

/// A line that is longer than this is no record.
inline constexpr std::size_t longest_record = std::size_t{1} << 20;

}  // namespace ratchet
