#pragma once

// Experiments that other tools made, and experiments that were judged once more. Part of the shared
// vocabulary; std only.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

/// How the other tool ended a run, in its own words.
enum class ImportedStatus { keep, discard, crash, checks_failed };
template <>
struct Names<ImportedStatus> {
    static constexpr std::array<std::string_view, 4> names = {"keep", "discard", "crash", "checks_failed"};
};

/// The number of an imported experiment: i1, i2, … in its campaign, for ever.
struct ImportedId {
    std::int64_t value = 0;
    auto operator<=>(const ImportedId&) const = default;
};

/// A run that another tool recorded. Nobody measured it here: it is told to proposers as unverified, and
/// never becomes champion, counts as a test or enters a sum.
struct ImportedExperiment {
    ImportedId id;       ///< given by the ledger
    std::string source;  ///< the name of the file, without folders
    std::int64_t line = 0;
    int segment = 0;      ///< from 0; each configuration in the file begins one
    std::string session;  ///< what that configuration calls it
    std::string metric;
    std::string unit;
    std::optional<Direction> direction;
    std::optional<std::int64_t> run;  ///< the other tool's own number
    bool baseline = false;            ///< the first of its segment, kept: nothing was tried yet
    std::string commit_name;          ///< as the file has it: abbreviated, a word, or nothing
    CommitId commit;                  ///< of this repository, where the name was one at the import
    std::vector<std::string> files;   ///< that this commit changes
    std::optional<double> value;      ///< nothing for a crash
    ImportedStatus status = ImportedStatus::discard;
    std::string description;
    std::string learned;  ///< why it was given up, or what it taught, where the record says so
    std::optional<double> confidence;
    std::optional<Timestamp> measured_at;
    std::string extra = "{}";  ///< a JSON object: every further field of the record
    std::string record;        ///< the line as it was
    Timestamp at;              ///< of the import
    bool operator==(const ImportedExperiment&) const = default;
};

/// An experiment judged once more on its own commits: what the verdict is here and now. One of `experiment`
/// and `imported` is set.
struct Replay {
    std::optional<ExperimentId> experiment;
    std::optional<ImportedId> imported;
    std::int64_t epoch = 1;
    CommitId champion;  ///< what it was measured against: the commit that the candidate stands on
    CommitId candidate;
    Decision decision;
    std::string host;
    Timestamp at;
    bool operator==(const Replay&) const = default;
};

}  // namespace ratchet
