#pragma once

#include <string>

#include "experiment_store/campaign.hpp"
#include "orchestrator/proposers/agent_program.hpp"
#include "orchestrator/proposers/agent_report.hpp"
#include "sandbox/confinement.hpp"

namespace ratchet {

/// A preset on this machine: how the command of a proposer is made of it, and what its output says.
class Agent {
  public:
    /// `search_path` is the caller's PATH. Throws UserError where the program is not installed, or lies where
    /// proposers may write.
    Agent(AgentPreset preset, std::string model, std::string protocol, const SandboxSettings& sandbox);

    /// Sets the shell command and adds what it needs to be seen and to be set.
    void equip(ConfinedCommand& command) const;
    [[nodiscard]] AgentReport heard(const RunResult& result) const;
    [[nodiscard]] const std::string& name() const { return preset_.name; }
    /// Where it was found, and what of the machine it is shown.
    [[nodiscard]] const AgentProgram& program() const { return program_; }

  private:
    AgentPreset preset_;
    std::string model_;
    std::string protocol_;
    AgentProgram program_;
    std::vector<Mount> mounts_;
};

/// The script that sets up and starts an agent: names in PATH, variables, files of its HOME, its command.
std::string agent_script(const AgentPreset& preset, const AgentProgram& program);

}  // namespace ratchet
