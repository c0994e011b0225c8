#include "orchestrator/campaign_file/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "orchestrator/campaign_file.hpp"
#include "orchestrator/notation.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

using Keys = std::string_view;

/// Folder names, `.` and all, between slashes.
bool has_component(std::string_view path, std::string_view wanted) {
    while (true) {
        const std::size_t slash = path.find('/');
        if (path.substr(0, slash) == wanted) return true;
        if (slash == std::string_view::npos) return false;
        path.remove_prefix(slash + 1);
    }
}

/// Folders and files of the tree that are shown or kept each by itself.
std::vector<std::string> places_inside(const TableReader& reader, const std::string& key) {
    std::vector<std::string> paths = reader.texts(key);
    for (std::string& path : paths) {
        require_inside(reader, key, path);
        path = std::filesystem::path(path).lexically_normal().string();
        if (path.ends_with('/')) path.pop_back();
        if (path.empty() || path == "." || path == ".git" || path.starts_with(".git/"))
            reader.refuse(key, fmt::format("{} cannot stand by itself", in_quotes(path)),
                          "name folders and files within the tree");
    }
    for (const std::string& path : paths) {
        for (const std::string& other : paths) {
            if (&path != &other && (path == other || path.starts_with(other + "/")))
                reader.refuse(key, fmt::format("{} lies in {}", in_quotes(path), in_quotes(other)),
                              "name each place once");
        }
    }
    return paths;
}

std::vector<std::string> paths_inside(const TableReader& reader, const std::string& key) {
    std::vector<std::string> paths = reader.texts(key);
    for (const std::string& path : paths)
        require_inside(reader, key, path);
    return paths;
}

}  // namespace

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::vector<std::string> shown_paths(const TableReader& reader, const std::string& key) {
    std::vector<std::string> paths = reader.texts(key);
    for (const std::string& path : paths) {
        if (path.front() != '/' && !path.starts_with("~/")) {
            reader.refuse(key, fmt::format("{} must be an absolute path, or begin with ~/", in_quotes(path)));
        }
        if (path.find_first_not_of("/~.") == std::string::npos || has_component(path, "..")) {
            reader.refuse(key, fmt::format("{} shows too much", in_quotes(path)),
                          "name the folders that are needed, never a whole disk or home directory");
        }
    }
    return paths;
}

bool is_campaign_name(const std::string& name) {
    constexpr std::size_t longest = 100;
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), allowed) &&
           name.front() != '.' && name.front() != '-' && name.back() != '.' && !name.ends_with(".lock") &&
           name.find("..") == std::string::npos;
}

void require_inside(const TableReader& reader, const std::string& key, const std::string& path) {
    if (path.front() == '/') {
        reader.refuse(key,
                      fmt::format("{} must be relative to the folder of {}", in_quotes(path), reader.file()));
    }
    if (has_component(path, "..")) {
        reader.refuse(key, fmt::format("{} must not lead out of its folder with \"..\"", in_quotes(path)));
    }
}

void read_campaign_table(const TomlValue& table, const std::string& file, Campaign& campaign) {
    static constexpr std::array<Keys, 8> keys = {"name", "goal",       "scope",     "protect",
                                                 "seed", "duplicates", "workspace", "on_event"};
    const TableReader reader(table, "campaign", file, keys);
    campaign.name = reader.required_text("name");
    if (!is_campaign_name(campaign.name)) {
        reader.refuse("name", fmt::format("{} cannot name a git branch", in_quotes(campaign.name)),
                      "use letters, digits, '.', '_' and '-'");
    }
    campaign.goal = reader.required_text("goal");
    campaign.scope = paths_inside(reader, "scope");
    if (reader.find("scope") == nullptr) {
        campaign.scope = {"**"};
    } else if (campaign.scope.empty()) {
        reader.refuse("scope", "is empty: nothing could be changed", "leave it out to allow every file");
    }
    campaign.protect = paths_inside(reader, "protect");
    campaign.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, INT64_MAX).value_or(1));
    campaign.duplicates = reader.choice<DuplicatePolicy>("duplicates").value_or(DuplicatePolicy::give_back);
    campaign.workspace = reader.text("workspace").value_or("");
    campaign.on_event = reader.text("on_event").value_or("");
}

SandboxSettings read_sandbox(const TomlValue& table, const std::string& file, Milliseconds& timeout) {
    static constexpr std::array<Keys, 12> keys = {"require", "read",      "write",  "devices",
                                                  "env",     "network",   "nested", "git",
                                                  "memory",  "processes", "disk",   "timeout"};
    static constexpr std::array<Keys, 2> git_words = {"none", "read-only"};
    const TableReader reader(table, "sandbox", file, keys);
    SandboxSettings sandbox;
    sandbox.require = reader.choice<Requirement>("require").value_or(sandbox.require);
    sandbox.read = shown_paths(reader, "read");
    sandbox.write = shown_paths(reader, "write");
    sandbox.devices = reader.texts("devices");
    for (const std::string& device : sandbox.devices) {
        if (!device.starts_with("/dev/") || has_component(device, "..")) {
            reader.refuse("devices", fmt::format("{} must be a path below /dev", in_quotes(device)));
        }
    }
    sandbox.env = reader.texts("env");
    for (const std::string& variable : sandbox.env) {
        if (is_variable_name(std::string_view(variable).substr(0, variable.find('=')))) continue;
        reader.refuse("env", fmt::format("{} must be NAME or NAME=VALUE", in_quotes(variable)));
    }
    sandbox.network = reader.switched("network").value_or(sandbox.network);
    sandbox.nested = reader.switched("nested").value_or(sandbox.nested);
    sandbox.git = reader.choice("git", git_words).value_or(0) == 1;
    sandbox.memory_bytes = reader.size("memory").value_or(sandbox.memory_bytes);
    sandbox.processes = reader.integer("processes", 1, 1'000'000).value_or(sandbox.processes);
    sandbox.disk_bytes = reader.size("disk").value_or(sandbox.disk_bytes);
    timeout = reader.duration("timeout").value_or(timeout);
    return sandbox;
}

Prepare read_prepare(const TomlValue& table, const std::string& file, Milliseconds timeout) {
    static constexpr std::array<Keys, 4> keys = {"command", "inputs", "outputs", "timeout"};
    const TableReader reader(table, "prepare", file, keys);
    Prepare prepare;
    prepare.command = reader.required_text("command");
    prepare.inputs = paths_inside(reader, "inputs");
    prepare.outputs = places_inside(reader, "outputs");
    prepare.timeout = reader.duration("timeout").value_or(timeout);
    return prepare;
}

Build read_build(const TomlValue& table, const std::string& file, Milliseconds timeout) {
    static constexpr std::array<Keys, 3> keys = {"command", "cache", "timeout"};
    const TableReader reader(table, "build", file, keys);
    Build build;
    build.command = reader.text("command").value_or("");
    build.cache = places_inside(reader, "cache");
    if (!build.cache.empty() && build.command.empty()) {
        reader.refuse("cache", "there is no build.command that could use it");
    }
    build.timeout = reader.duration("timeout").value_or(timeout);
    return build;
}

std::vector<Gate> read_gates(const TomlValue& tables, const std::string& file, Milliseconds timeout) {
    static constexpr std::array<Keys, 4> keys = {"name", "command", "timeout", "attempts"};
    std::vector<Gate> gates;
    std::set<std::string> names;
    for (const TomlValue& table : tables.elements) {
        const TableReader reader(table, "gate", file, keys);
        Gate gate;
        gate.command = reader.required_text("command");
        gate.name = reader.text("name").value_or(fmt::format("gate {}", gates.size() + 1));
        if (!names.insert(gate.name).second) {
            reader.refuse("name", fmt::format("{} is taken by an earlier gate", in_quotes(gate.name)));
        }
        gate.timeout = reader.duration("timeout").value_or(timeout);
        // More attempts than ten hide a gate that fails more often than not.
        gate.attempts = static_cast<int>(reader.integer("attempts", 1, 10).value_or(1));
        gates.push_back(std::move(gate));
    }
    return gates;
}

std::vector<Constraint> read_constraints(const TomlValue& tables, const std::string& file,
                                         const std::string& primary_metric) {
    static constexpr std::array<Keys, 2> keys = {"metric", "limit"};
    std::vector<Constraint> constraints;
    std::set<std::string> metrics = {primary_metric};
    for (const TomlValue& table : tables.elements) {
        const TableReader reader(table, "constraint", file, keys);
        Constraint constraint;
        constraint.metric = reader.required_text("metric");
        if (!metrics.insert(constraint.metric).second) {
            reader.refuse("metric",
                          constraint.metric == primary_metric
                              ? "the benchmark's own metric cannot be constrained as well"
                              : fmt::format("{} is constrained already", in_quotes(constraint.metric)));
        }
        const TomlValue* limit = reader.find("limit");
        const bool is_signed = limit != nullptr && limit->kind == TomlValue::Kind::text &&
                               (limit->text.starts_with('+') || limit->text.starts_with('-'));
        const std::optional<double> share = is_signed ? parse_percentage(limit->text) : std::nullopt;
        // A fall by 100 % or more is no limit; -0 % would read as +0 % does.
        const bool fits = share && *share > -1 && *share <= 1000 && (*share != 0 || limit->text[0] == '+');
        if (!fits) {
            reader.expected("limit",
                            "\"+5%\" (may rise by that much at most) or \"-5%\" (may fall by that much)");
        }
        constraint.limit = *share;
        constraints.push_back(std::move(constraint));
    }
    return constraints;
}

Canary read_canary(const TomlValue& table, const std::string& file) {
    static constexpr std::array<Keys, 2> keys = {"patch", "command"};
    const TableReader reader(table, "canary", file, keys);
    Canary canary{reader.text("patch").value_or(""), reader.text("command").value_or("")};
    if (canary.patch.empty() == canary.command.empty()) {
        reader.refuse(canary.patch.empty() ? "patch" : "command",
                      canary.patch.empty() ? "is missing" : "cannot be given next to canary.patch",
                      "a sabotage is either a patch or a command that changes the tree");
    }
    if (!canary.patch.empty()) require_inside(reader, "patch", canary.patch);
    return canary;
}

LogRetention read_logs(const TomlValue& table, const std::string& file) {
    static constexpr std::array<Keys, 2> keys = {"keep", "most"};
    const TableReader reader(table, "logs", file, keys);
    return {reader.duration("keep"), reader.size("most")};
}

}  // namespace ratchet
