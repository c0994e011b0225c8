#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "experiment_store/agent_preset.hpp"

namespace ratchet {

/// What proposer.use can be that no preset is called.
inline constexpr std::array<std::string_view, 3> own_proposers = {"tune", "replay", "command"};

/// What a preset calls this very program.
inline constexpr const char* own_program = "ratchet";

/// What is known of the well-known agents, in the order of their names: the one place for all that depends on
/// their versions. docs/agents.md says with which versions each was tried.
const std::vector<AgentPreset>& built_in_presets();

/// The preset of this name; null where there is none.
const AgentPreset* find_preset(const std::vector<AgentPreset>& presets, std::string_view name);

/// Whether the agent cannot be started without a model being named.
bool needs_model(const AgentPreset& preset);
/// Whether it reaches its model through the gateway only.
bool needs_gateway(const AgentPreset& preset);
/// Whether it speaks several wire formats, of which the campaign names one.
bool takes_protocol(const AgentPreset& preset);

}  // namespace ratchet
