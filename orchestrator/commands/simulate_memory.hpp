#pragma once

#include <string>
#include <vector>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/memory_trial/memory_trial.hpp"

namespace ratchet {

/// What `ratchet simulate --memory` is asked beyond what all simulations are.
struct MemoryTrialOptions {
    bool asked = false;
    int experiments = 300;
    double recognition = 90;  ///< %
    double skew = 1;
    double overlook = 5;  ///< %
    bool read_anew = false;
    std::vector<std::string> arms;
};

void add_memory_options(CLI::App& verb, MemoryTrialOptions& options);

/// Prints what came of it; `request` has what all simulations are asked.
int simulate_memory(const CommandLine& line, const MemoryTrialOptions& options, MemoryTrialRequest request);

}  // namespace ratchet
