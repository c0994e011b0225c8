#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_file.hpp"
#include "orchestrator/campaign_file/sections.hpp"
#include "orchestrator/proposers/presets.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

/// NAME=VALUE each; a later one of the same name takes the place of an earlier one.
void read_environment(const TableReader& reader, const std::string& key, std::vector<std::string>& all) {
    for (const std::string& variable : reader.texts(key)) {
        const std::size_t equals = variable.find('=');
        if (equals == std::string::npos || !is_variable_name(variable.substr(0, equals)))
            reader.refuse(key, fmt::format("{} must be NAME=VALUE", in_quotes(variable)));
        const std::string name = variable.substr(0, equals + 1);
        std::erase_if(all, [&](const std::string& other) { return other.starts_with(name); });
        all.push_back(variable);
    }
}

/// A table of path = content; a later one of the same path takes the place of an earlier one.
void read_files(const TableReader& reader, const std::string& key, std::vector<AgentFile>& all) {
    const TomlValue* table = reader.find(key);
    if (table == nullptr) return;
    if (table->kind != TomlValue::Kind::table)
        reader.expected(key, "a table of texts by path, such as { \".agent/settings.json\" = \"{}\" }");
    for (const auto& [path, content] : table->entries) {
        require_inside(reader, key, path);
        const std::string place = std::filesystem::path(path).lexically_normal().string();
        if (place.empty() || place == "." || place.ends_with('/') || !is_plain_text(place))
            reader.refuse(key, fmt::format("{} is no file below HOME", in_quotes(path)));
        if (content.kind != TomlValue::Kind::text)
            reader.refuse(key, fmt::format("what stands in {} must be a text", in_quotes(path)));
        std::erase_if(all, [&](const AgentFile& other) { return other.path == place; });
        all.push_back({place, content.text});
    }
}

AgentPreset read_preset(const std::string& name, const TomlValue& table, const std::string& file,
                        const std::vector<AgentPreset>& known) {
    static constexpr std::array<std::string_view, 10> keys = {
        "like",          "program", "path",     "command", "environment", "files", "gateway_environment",
        "gateway_files", "read",    "reporting"};
    const TableReader reader(table, "preset." + name, file, keys);
    AgentPreset preset;
    if (const AgentPreset* same = find_preset(known, name)) preset = *same;
    if (const auto like = reader.text("like")) {
        const AgentPreset* model = find_preset(known, *like);
        if (model == nullptr)
            reader.refuse("like", fmt::format("there is no preset {}", in_quotes(*like)),
                          "one of ratchet's own, or one that is declared above");
        preset = *model;
    }
    preset.name = name;
    preset.program = reader.text("program").value_or(preset.program);
    preset.path = reader.text("path").value_or(preset.path);
    if (!preset.path.empty() && !preset.path.starts_with('/') && !preset.path.starts_with("~/"))
        reader.refuse("path", fmt::format("{} must be absolute, or begin with ~/", in_quotes(preset.path)));
    preset.command = reader.text("command").value_or(preset.command);
    if (preset.command.empty())
        reader.refuse("command", "is missing: a new preset needs the command line of its agent",
                      "or `like`, the name of a preset that it is like");
    if (preset.program.empty())
        reader.refuse("program",
                      "is missing: a new preset needs the name of the program that its command calls");
    if (preset.program.find('/') != std::string::npos)
        reader.refuse("program", fmt::format("{} is no name", in_quotes(preset.program)),
                      "`path` says where the program is");
    read_environment(reader, "environment", preset.always.environment);
    read_files(reader, "files", preset.always.files);
    read_environment(reader, "gateway_environment", preset.gateway.environment);
    read_files(reader, "gateway_files", preset.gateway.files);
    for (const std::string& path : shown_paths(reader, "read"))
        preset.read.push_back(path);
    preset.reporting = reader.choice<AgentReporting>("reporting").value_or(preset.reporting);
    return preset;
}

}  // namespace

std::vector<AgentPreset> read_presets(const TomlValue* tables, const std::string& file) {
    std::vector<AgentPreset> presets = built_in_presets();
    if (tables == nullptr) return presets;
    // In the order of the file, so that one can be like another.
    std::vector<const std::pair<const std::string, TomlValue>*> declared;
    for (const auto& entry : tables->entries)
        declared.push_back(&entry);
    std::sort(declared.begin(), declared.end(),
              [](const auto* one, const auto* other) { return one->second.line < other->second.line; });
    for (const auto* entry : declared) {
        const auto& [name, table] = *entry;
        const auto refuse = [&](const std::string& problem, const std::string& hint) {
            throw UserError(fmt::format("{}:{}: preset: {}", file, table.line, problem), hint);
        };
        if (table.kind != TomlValue::Kind::table)
            refuse(fmt::format("{} is no table", in_quotes(name)), "a preset is written [preset.NAME]");
        const bool taken = std::find(own_proposers.begin(), own_proposers.end(), name) != own_proposers.end();
        if (taken || !is_campaign_name(name))
            refuse(fmt::format("{} cannot name a preset", in_quotes(name)),
                   taken ? "ratchet itself has a proposer of this name"
                         : "use letters, digits, '.', '_' and '-'");
        AgentPreset preset = read_preset(name, table, file, presets);
        std::erase_if(presets, [&](const AgentPreset& other) { return other.name == preset.name; });
        presets.push_back(std::move(preset));
    }
    return presets;
}

}  // namespace ratchet
