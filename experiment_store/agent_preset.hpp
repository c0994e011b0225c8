#pragma once

// How a coding agent's command line is used without a person before it, as data. Part of the shared
// vocabulary; std only.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// Whose way of reporting what it did, used and failed at an agent's output is.
enum class AgentReporting { nothing, claude, codex, gemini, opencode, pi, qwen };
template <>
struct Names<AgentReporting> {
    static constexpr std::array<std::string_view, 7> names = {"nothing",  "claude", "codex", "gemini",
                                                              "opencode", "pi",     "qwen"};
};

/// A file that an agent finds in its fresh private HOME.
struct AgentFile {
    std::string path;  ///< relative to HOME
    std::string content;
    bool operator==(const AgentFile&) const = default;
};

/// What holds in addition to all else, or always.
struct AgentConfiguration {
    std::vector<std::string> environment;  ///< NAME=VALUE
    std::vector<AgentFile> files;
    bool operator==(const AgentConfiguration&) const = default;
};

/// Command, values of variables and contents of files are read by the shell inside of the sandbox, the latter
/// two as between double quotes: "$RATCHET_MODEL" is the campaign's model, "$RATCHET_GATEWAY" the base URL of
/// the gateway (without a slash at its end), where there is one.
struct AgentPreset {
    std::string name;
    std::string program;  ///< as the command calls it
    std::string path;     ///< where it is installed; empty: where the caller's PATH has it
    std::string command;  ///< gets the prompt on standard input
    AgentConfiguration always;
    AgentConfiguration gateway;     ///< where there is a gateway: how the agent is pointed at it
    std::vector<std::string> read;  ///< paths that are shown besides the program's own, read-only
    AgentReporting reporting = AgentReporting::nothing;
    bool operator==(const AgentPreset&) const = default;
};

}  // namespace ratchet
