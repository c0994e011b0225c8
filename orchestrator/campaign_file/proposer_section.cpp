#include <array>
#include <string_view>
#include <utility>

#include "orchestrator/campaign_file/sections.hpp"

namespace ratchet {

ProposerSettings read_proposer(const TomlValue& table, const std::string& file, std::vector<Knob> knobs) {
    static constexpr std::array<std::string_view, 8> keys = {"use",     "command", "patches", "timeout",
                                                             "backoff", "memory",  "lookup",  "policy"};
    static constexpr std::array<std::string_view, 3> proposers = {"tune", "replay", "command"};
    const TableReader reader(table, "proposer", file, keys);
    const std::optional<std::size_t> use = reader.choice("use", proposers);
    if (!use) reader.refuse("use", "is missing", "one of \"tune\", \"replay\" and \"command\"");
    ProposerSettings proposer;
    proposer.use = proposers.at(*use);
    proposer.command = reader.text("command").value_or("");
    proposer.patches = reader.text("patches").value_or("");
    proposer.timeout = reader.duration("timeout").value_or(proposer.timeout);
    proposer.backoff = reader.duration("backoff").value_or(proposer.backoff);
    proposer.memory = reader.choice<PromptMemory>("memory").value_or(proposer.memory);
    proposer.lookup = reader.switched("lookup").value_or(proposer.lookup);
    proposer.policy = reader.choice<ParentPolicy>("policy").value_or(proposer.policy);
    proposer.knobs = std::move(knobs);
    if (proposer.use == "tune" && proposer.knobs.empty()) {
        reader.refuse("use", "\"tune\" needs at least one [[knob]]",
                      "a knob has a name, a file, a pattern, and values or a range");
    }
    if (proposer.use == "replay" && proposer.patches.empty()) {
        reader.refuse("patches", "is missing: \"replay\" needs the folder of its patches");
    }
    if (proposer.use == "command" && proposer.command.empty()) {
        reader.refuse("command", "is missing: \"command\" needs the command line of the agent");
    }
    return proposer;
}

}  // namespace ratchet
