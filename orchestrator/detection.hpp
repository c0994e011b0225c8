#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "orchestrator/set_up/drafting_agent.hpp"

namespace ratchet {

/// What a folder of a repository tells about how it is built, tested and measured. A first guess for
/// `ratchet init`, to be read by a person.
struct Detection {
    std::string name;                  ///< a campaign's name, made of the folder's
    std::vector<std::string> found;    ///< one line each: what was found, and what it is taken for
    std::vector<std::string> to_edit;  ///< one line each: what nobody but the user can know
    std::vector<std::string> scope;
    std::vector<std::string> protect;
    std::optional<Prepare> prepare;
    Build build;
    std::vector<Gate> gates;
    Benchmark benchmark;
    bool benchmark_is_a_guess = true;  ///< nothing was found that prints a metric
    std::vector<std::string> hints;    ///< lines worth a comment: what this tool chain needs in a sandbox
};

/// Looks at the folder: CMake, Make, Cargo, Go, npm, pytest, scripts that print METRIC lines,
/// benchmarks of pytest-benchmark, Go and criterion. Runs nothing,
/// and reads no file to more than 1 MiB.
Detection detect(const std::filesystem::path& folder);

/// A commented campaign file for it, that read_campaign accepts where it accepts what is said of the agent.
/// Without one, who makes the proposals is left to be filled in.
std::string campaign_text(const Detection& detection, const std::optional<DraftingAgent>& agent = {});

}  // namespace ratchet
