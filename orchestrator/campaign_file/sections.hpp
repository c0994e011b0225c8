#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "orchestrator/campaign_file/table_reader.hpp"
#include "orchestrator/campaign_file/toml_value.hpp"
#include "sandbox/workspace/scope.hpp"

// One function a table of the campaign file. All throw UserError as TableReader does.

namespace ratchet {

/// [campaign] into the campaign's own members.
void read_campaign_table(const TomlValue& table, const std::string& file, Campaign& campaign);
/// [sandbox]; its `timeout` is the default of every command of an evaluation that has none of its own.
SandboxSettings read_sandbox(const TomlValue& table, const std::string& file, Milliseconds& timeout);
Prepare read_prepare(const TomlValue& table, const std::string& file, Milliseconds timeout);
Build read_build(const TomlValue& table, const std::string& file, Milliseconds timeout);
std::vector<Gate> read_gates(const TomlValue& tables, const std::string& file, Milliseconds timeout);
/// [benchmark], or [holdout] whose defaults are the benchmark's.
Benchmark read_benchmark(const TomlValue& table, const std::string& name, const std::string& file,
                         Milliseconds timeout, const Benchmark* defaults);
std::vector<Constraint> read_constraints(const TomlValue& tables, const std::string& file,
                                         const std::string& primary_metric);
Canary read_canary(const TomlValue& table, const std::string& file);
ProposerSettings read_proposer(const TomlValue& table, const std::string& file, std::vector<Knob> knobs,
                               const std::vector<AgentPreset>& presets);
/// [proposer], or each [[proposer]], into the campaign's own members.
void read_proposers(const std::vector<const TomlValue*>& tables, const std::string& file,
                    const std::vector<Knob>& knobs, Campaign& campaign);
/// [proposers]: how one of them is chosen.
ProposerPolicy read_proposer_policy(const TomlValue& table, const std::string& file);
/// `gateway`, `endpoint` and `key` of [proposer]; none: there is no gateway.
std::optional<GatewayAccess> read_gateway(const TableReader& reader);
/// Throws where the gateway's key is passed into the sandbox besides.
void require_key_apart(const ProposerSettings& proposer, const SandboxSettings& sandbox,
                       const std::string& file);
/// [preset.NAME]: ratchet's own agents as the file changes them, and those that it adds. Null: none.
std::vector<AgentPreset> read_presets(const TomlValue* tables, const std::string& file);
/// A knob's file must be one that a proposal may change.
std::vector<Knob> read_knob_tables(const TomlValue& tables, const std::string& file, const Scope& scope);
Budget read_budget(const TomlValue& table, const std::string& file);
/// requests, input_tokens, output_tokens and cost, each key with this before it ("max_", or nothing).
Allowance read_allowance(const TableReader& reader, const std::string& prefix);
std::vector<Price> read_prices(const TomlValue& tables, const std::string& file);
LogRetention read_logs(const TomlValue& table, const std::string& file);

/// Paths of the machine that are shown inside, each absolute or beginning with ~/; never everything, never
/// the whole home directory.
std::vector<std::string> shown_paths(const TableReader& reader, const std::string& key);
/// Whether it can be the name of a variable of the environment.
bool is_variable_name(std::string_view name);
/// A path or glob below the campaign file's folder: not absolute, without `..`; throws else.
void require_inside(const TableReader& reader, const std::string& key, const std::string& path);

}  // namespace ratchet
