#pragma once

#include <string>
#include <string_view>

#include "experiment_store/agent_preset.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

/// What an agent said of its own run. Outside text, never trusted with more than its own cost and failure.
struct AgentReport {
    /// Its own figures: requests that were answered, tokens, and cost where it knows one. No time.
    Usage usage;
    bool understood = false;  ///< there were figures
    bool finished = false;  ///< it said that it had come to its end; an agent that reports nothing never does
    std::string failure;    ///< in its words, one line; empty: it said of none
};

/// Reads what an agent printed on its standard output and standard error. Never throws; lines that do not fit
/// are passed over, and parts of the output may be missing.
AgentReport read_agent_report(AgentReporting reporting, std::string_view output, std::string_view errors);

}  // namespace ratchet
