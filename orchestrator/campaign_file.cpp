#include "orchestrator/campaign_file.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_file/sections.hpp"
#include "orchestrator/proposers/declared.hpp"

namespace ratchet {

namespace {

constexpr std::array<std::string_view, 16> table_names = {
    "campaign", "prepare",   "build",  "gate", "benchmark", "constraint", "canary", "holdout",
    "proposer", "proposers", "preset", "knob", "budget",    "price",      "logs",   "sandbox"};

/// The tables of the document, each found by its name and of the right form.
class CampaignDocument {
  public:
    CampaignDocument(const TomlValue& root, const std::string& file) : reader_(root, "", file, table_names) {}

    /// [name], or null where it is missing.
    [[nodiscard]] const TomlValue* table(const std::string& name) const {
        const TomlValue* value = reader_.find(name);
        if (value != nullptr && value->kind != TomlValue::Kind::table) {
            reader_.refuse(name, fmt::format("expected one table, written [{}]", name));
        }
        return value;
    }

    [[nodiscard]] const TomlValue& required_table(const std::string& name) const {
        const TomlValue* value = table(name);
        if (value == nullptr) {
            throw UserError(fmt::format("{}: the table [{}] is missing", reader_.file(), name),
                            "`ratchet init` writes an example; docs/campaign-file.md has every key");
        }
        return *value;
    }

    /// [name], or all of [[name]], of which there must be one.
    [[nodiscard]] std::vector<const TomlValue*> table_or_tables(const std::string& name) const {
        const TomlValue* value = reader_.find(name);
        if (value == nullptr || value->kind != TomlValue::Kind::array) return {&required_table(name)};
        std::vector<const TomlValue*> found;
        for (const TomlValue& element : tables(name).elements)
            found.push_back(&element);
        if (found.empty()) reader_.refuse(name, "is an empty array");
        return found;
    }

    /// All of [[name]]; an empty array where there is none.
    [[nodiscard]] const TomlValue& tables(const std::string& name) const {
        static const TomlValue nothing = [] {
            TomlValue value;
            value.kind = TomlValue::Kind::array;
            return value;
        }();
        const TomlValue* value = reader_.find(name);
        if (value == nullptr) return nothing;
        bool fits = value->kind == TomlValue::Kind::array;
        for (const TomlValue& element : value->elements)
            fits &= element.kind == TomlValue::Kind::table;
        if (!fits) {
            reader_.refuse(name, fmt::format("expected an array of tables, each written [[{}]]", name));
        }
        return *value;
    }

  private:
    TableReader reader_;
};

void read_evaluation(const CampaignDocument& document, const std::string& file, Campaign& campaign) {
    // The default of all commands of an evaluation, unless sandbox.timeout sets another.
    Milliseconds timeout = Build{}.timeout;
    const TomlValue* sandbox = document.table("sandbox");
    Milliseconds prepare_timeout = Prepare{}.timeout;
    if (sandbox != nullptr) {
        campaign.sandbox = read_sandbox(*sandbox, file, timeout);
        if (sandbox->entries.contains("timeout")) prepare_timeout = timeout;
    }
    if (const TomlValue* table = document.table("prepare")) {
        campaign.prepare = read_prepare(*table, file, prepare_timeout);
    }
    campaign.build.timeout = timeout;
    if (const TomlValue* table = document.table("build")) campaign.build = read_build(*table, file, timeout);
    campaign.gates = read_gates(document.tables("gate"), file, timeout);
    campaign.benchmark =
        read_benchmark(document.required_table("benchmark"), "benchmark", file, timeout, nullptr);
    campaign.constraints = read_constraints(document.tables("constraint"), file, campaign.benchmark.metric);
    if (const TomlValue* table = document.table("canary")) campaign.canary = read_canary(*table, file);
    if (const TomlValue* table = document.table("holdout")) {
        campaign.holdout = read_benchmark(*table, "holdout", file, timeout, &campaign.benchmark);
    }
}

nlohmann::json json_of(const Benchmark& benchmark) {
    nlohmann::json json = {
        {"command", benchmark.command},
        {"metric", benchmark.metric},
        {"direction", name_of(benchmark.direction)},
        {"source", name_of(benchmark.source)},
        {"locator", benchmark.locator},
        {"scale", name_of(benchmark.scale)},
        {"design", name_of(benchmark.design)},
        {"min_effect", benchmark.min_effect},
        {"min_pairs", benchmark.min_pairs},
        {"max_pairs", benchmark.max_pairs},
        {"cores", benchmark.cores},
        {"timeout_ms", benchmark.timeout.count()},
        {"plausible", nlohmann::json::array({nullptr, nullptr})},
    };
    if (benchmark.plausible_low) json["plausible"][0] = *benchmark.plausible_low;
    if (benchmark.plausible_high) json["plausible"][1] = *benchmark.plausible_high;
    return json;
}

}  // namespace

Campaign read_campaign(std::string_view text, const std::filesystem::path& file) {
    const std::string name = file.string();
    // A hundred times what the longest sensible file has; bounds the work on what is no campaign file at all.
    constexpr std::size_t most_bytes = std::size_t{1} << 20;
    if (text.size() > most_bytes) throw UserError(fmt::format("{}: is larger than 1 MiB", name));

    const TomlValue root = parse_toml(text, name);
    const CampaignDocument document(root, name);
    Campaign campaign;
    campaign.file_name = file.filename().string();
    read_campaign_table(document.required_table("campaign"), name, campaign);
    read_evaluation(document, name, campaign);
    campaign.presets = read_presets(document.table("preset"), name);
    read_proposers(document.table_or_tables("proposer"), name,
                   read_knob_tables(document.tables("knob"), name, {campaign.scope, campaign.protect, ""}),
                   campaign);
    if (const TomlValue* table = document.table("proposers"))
        campaign.proposer_policy = read_proposer_policy(*table, name);
    campaign.prices = read_prices(document.tables("price"), name);
    for (const ProposerSettings* proposer : proposers_of(campaign))
        require_key_apart(*proposer, campaign.sandbox, name);
    if (const TomlValue* table = document.table("budget")) campaign.budget = read_budget(*table, name);
    if (const TomlValue* table = document.table("logs")) campaign.logs = read_logs(*table, name);
    return campaign;
}

std::string harness_text(const Campaign& campaign) {
    // What only changes how a figure is shown (its unit) is left out. Objects of this library are sorted by
    // key, so the text does not depend on the order of the file.
    nlohmann::json gates = nlohmann::json::array();
    for (const Gate& gate : campaign.gates) {
        gates.push_back({{"name", gate.name},
                         {"command", gate.command},
                         {"timeout_ms", gate.timeout.count()},
                         {"attempts", gate.attempts}});
    }
    nlohmann::json constraints = nlohmann::json::array();
    for (const Constraint& constraint : campaign.constraints) {
        constraints.push_back({{"metric", constraint.metric}, {"limit", constraint.limit}});
    }
    nlohmann::json harness = {
        {"build",
         {{"command", campaign.build.command},
          {"cache", campaign.build.cache},
          {"timeout_ms", campaign.build.timeout.count()}}},
        {"gates", std::move(gates)},
        {"benchmark", json_of(campaign.benchmark)},
        {"constraints", std::move(constraints)},
        {"protect", campaign.protect},
        {"prepare", nullptr},
        {"holdout", nullptr},
    };
    if (campaign.holdout) harness["holdout"] = json_of(*campaign.holdout);
    if (campaign.prepare) {
        harness["prepare"] = {{"command", campaign.prepare->command},
                              {"inputs", campaign.prepare->inputs},
                              {"outputs", campaign.prepare->outputs}};
    }
    return harness.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace ratchet
