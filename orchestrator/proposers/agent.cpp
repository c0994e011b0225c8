#include "orchestrator/proposers/agent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "experiment_store/errors.hpp"
#include "sandbox/declared_command.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// A line that no file of an agent's has.
constexpr const char* end_of_file = "END_OF_A_FILE_FOR_THE_AGENT";

/// As one word of the shell, whatever it holds.
std::string quoted(const std::string& text) {
    std::string word = "'";
    for (const char c : text)
        word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

std::string lines_of(const AgentConfiguration& configuration) {
    std::string lines;
    for (const std::string& variable : configuration.environment) {
        const std::size_t equals = variable.find('=');
        lines += fmt::format("export {}=\"{}\"\n", variable.substr(0, equals), variable.substr(equals + 1));
    }
    for (const AgentFile& file : configuration.files) {
        const std::string folder = fs::path(file.path).parent_path().string();
        if (!folder.empty()) lines += fmt::format("mkdir -p \"$HOME\"/{}\n", quoted(folder));
        // Not quoted: the shell puts the values of variables in.
        lines += fmt::format("cat >\"$HOME\"/{} <<{}\n{}{}{}\n", quoted(file.path), end_of_file, file.content,
                             file.content.ends_with('\n') ? "" : "\n", end_of_file);
    }
    return lines;
}

/// Who may write to the agent would be the agent from the next experiment on.
void require_apart(const AgentProgram& program, const SandboxSettings& sandbox) {
    for (const fs::path& path : program.read) {
        for (const std::string& folder : sandbox.write) {
            if (!lies_in(path, fs::weakly_canonical(folder))) continue;
            throw UserError(fmt::format("the agent lies in {}, where proposers may write", folder),
                            "they could change it; install it elsewhere, or declare less in sandbox.write");
        }
    }
}

}  // namespace

std::string agent_script(const AgentPreset& preset, const AgentProgram& program) {
    std::string script = "set -e\nmkdir -p \"$HOME\"/.ratchet/bin\n";
    for (const auto& [name, file] : program.names)
        script += fmt::format("ln -sf {} \"$HOME\"/.ratchet/bin/{}\n", quoted(file.string()), quoted(name));
    script += "export PATH=\"$HOME/.ratchet/bin:$PATH\"\n";
    script += lines_of(preset.always);
    const std::string pointed = lines_of(preset.gateway);
    if (!pointed.empty()) script += "if [ -n \"$RATCHET_GATEWAY\" ]; then\n" + pointed + "fi\n";
    return script + "set +e\n" + preset.command + "\n";
}

Agent::Agent(AgentPreset preset, std::string model, std::string protocol, const SandboxSettings& sandbox)
    : preset_(std::move(preset)),
      model_(std::move(model)),
      protocol_(std::move(protocol)),
      program_(find_agent_program(preset_.program, preset_.path, sandbox.search_path)) {
    require_apart(program_, sandbox);
    for (const fs::path& path : program_.read)
        mounts_.push_back({path, path, false});
    for (Mount& mount : declared_mounts(preset_.read, sandbox.home, false))
        mounts_.push_back(std::move(mount));
}

void Agent::equip(ConfinedCommand& command) const {
    command.shell_command = agent_script(preset_, program_);
    command.mounts.insert(command.mounts.end(), mounts_.begin(), mounts_.end());
    if (!model_.empty()) command.environment.emplace_back("RATCHET_MODEL", model_);
    if (!protocol_.empty()) command.environment.emplace_back("RATCHET_PROTOCOL", protocol_);
    // What it says of its usage stands all over its output, or at the end of it.
    command.capture.head_bytes = std::size_t{8} << 20;
    command.capture.tail_bytes = std::size_t{256} << 10;
}

AgentReport Agent::heard(const RunResult& result) const {
    const CapturedOutput& output = result.output;
    const std::string between = output.omitted() == 0 ? "" : "\n";
    return read_agent_report(preset_.reporting, output.head + between + output.tail,
                             result.errors.last(std::size_t{64} << 10));
}

}  // namespace ratchet
