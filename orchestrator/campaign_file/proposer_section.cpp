#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "orchestrator/api/chat_protocol.hpp"
#include "orchestrator/campaign_file/sections.hpp"
#include "orchestrator/proposers/declared.hpp"
#include "orchestrator/proposers/given.hpp"
#include "orchestrator/proposers/presets.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

/// A name that fits a column and a line of a prompt.
void require_name(const TableReader& reader, const std::string& name) {
    constexpr std::size_t longest = 40;
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    };
    if (name.size() > longest || !std::all_of(name.begin(), name.end(), allowed))
        reader.refuse("name", fmt::format("{} cannot name a proposer", in_quotes(name)),
                      "use letters, digits, '.', '_' and '-', 40 at most");
    if (name == try_proposer || name == again_proposer)
        reader.refuse("name", fmt::format("{} is what `ratchet` itself proposes", in_quotes(name)),
                      "choose another name");
}

double read_weight(const TableReader& reader) {
    const std::optional<double> weight = reader.number("weight");
    if (!weight) return ProposerSettings{}.weight;
    constexpr double most = 1e6;
    if (*weight <= 0 || *weight > most) reader.expected("weight", "a number above 0 such as 2");
    return *weight;
}

/// Into the command line of an agent, into files of any format, and into prices: one plain word.
std::string read_model(const TableReader& reader) {
    constexpr std::size_t longest = 200;
    std::string model = reader.text("model").value_or("");
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._:/@+-[]").find(c) != std::string_view::npos;
    };
    if (model.size() > longest || !std::all_of(model.begin(), model.end(), allowed) || model.starts_with('-'))
        reader.refuse("model", fmt::format("{} is no name of a model", in_quotes(model)));
    return model;
}

}  // namespace

ProposerSettings read_proposer(const TomlValue& table, const std::string& file, std::vector<Knob> knobs,
                               const std::vector<AgentPreset>& presets) {
    static constexpr std::array<std::string_view, 20> keys = {
        "use",      "command", "patches",  "timeout", "backoff",      "memory",           "lookup",
        "policy",   "name",    "weight",   "repair",  "max_requests", "max_input_tokens", "max_output_tokens",
        "max_cost", "gateway", "endpoint", "key",     "model",        "protocol"};
    std::vector<std::string_view> proposers(own_proposers.begin(), own_proposers.end());
    for (const AgentPreset& preset : presets)
        proposers.push_back(preset.name);
    const TableReader reader(table, "proposer", file, keys);
    const std::optional<std::size_t> use = reader.choice("use", proposers);
    if (!use)
        reader.refuse("use", "is missing",
                      "\"tune\", \"replay\", \"command\", or an agent such as \"claude\"");
    ProposerSettings proposer;
    proposer.use = proposers.at(*use);
    proposer.name = reader.text("name").value_or(proposer.use);
    require_name(reader, proposer.name);
    proposer.weight = read_weight(reader);
    proposer.model = read_model(reader);
    if (const auto protocol = reader.choice("protocol", spoken_protocols))
        proposer.protocol = spoken_protocols.at(*protocol);
    proposer.command = reader.text("command").value_or("");
    proposer.patches = reader.text("patches").value_or("");
    proposer.timeout = reader.duration("timeout").value_or(proposer.timeout);
    proposer.backoff = reader.duration("backoff").value_or(proposer.backoff);
    proposer.repair = static_cast<int>(reader.integer("repair", 0, 1).value_or(proposer.repair));
    proposer.allowance = read_allowance(reader, "max_");
    proposer.memory = reader.choice<PromptMemory>("memory").value_or(proposer.memory);
    proposer.lookup = reader.switched("lookup").value_or(proposer.lookup);
    proposer.policy = reader.choice<ParentPolicy>("policy").value_or(proposer.policy);
    proposer.gateway = read_gateway(reader);
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
    if (proposer.repair > 0 && !asks_somebody(proposer)) {
        reader.refuse("repair", fmt::format("\"{}\" mends nothing", proposer.use),
                      "only who is asked, and told what broke, can mend it");
    }
    const AgentPreset* preset = find_preset(presets, proposer.use);
    if (preset != nullptr && proposer.model.empty() && needs_model(*preset)) {
        reader.refuse("model", fmt::format("is missing: \"{}\" is not started without one", proposer.use),
                      "the name that the endpoint knows the model by");
    }
    if (preset != nullptr && needs_gateway(*preset) && !proposer.gateway) {
        reader.refuse("gateway", fmt::format("is missing: \"{}\" reaches its model through it", proposer.use),
                      "set gateway = \"on\", and the model's base URL as endpoint");
    }
    if (!proposer.protocol.empty() && (preset == nullptr || !takes_protocol(*preset))) {
        reader.refuse("protocol", fmt::format("\"{}\" has its own", proposer.use), "it is for \"api\"");
    }
    if (preset != nullptr && !proposer.command.empty()) {
        reader.refuse("command", fmt::format("\"{}\" has a command of its own", proposer.use),
                      fmt::format("change it in [preset.{}]", proposer.use));
    }
    return proposer;
}

void read_proposers(const std::vector<const TomlValue*>& tables, const std::string& file,
                    const std::vector<Knob>& knobs, Campaign& campaign) {
    std::set<std::string> names;
    for (const TomlValue* table : tables) {
        ProposerSettings proposer = read_proposer(*table, file, knobs, campaign.presets);
        if (!names.insert(proposer.name).second) {
            throw UserError(fmt::format("{}:{}: proposer.name: {} is taken by an earlier proposer", file,
                                        table->line, in_quotes(proposer.name)),
                            "give each its own `name`");
        }
        if (names.size() == 1) {
            campaign.proposer = std::move(proposer);
        } else {
            campaign.further_proposers.push_back(std::move(proposer));
        }
    }
}

ProposerPolicy read_proposer_policy(const TomlValue& table, const std::string& file) {
    static constexpr std::array<std::string_view, 1> keys = {"policy"};
    const TableReader reader(table, "proposers", file, keys);
    return reader.choice<ProposerPolicy>("policy").value_or(ProposerPolicy::weights);
}

}  // namespace ratchet
