#include "orchestrator/own_scope.hpp"

#include <unistd.h>

#include <algorithm>

#include "sandbox/machine/resources.hpp"
#include "sandbox/process/process.hpp"

namespace ratchet {
namespace {

constexpr const char* mark = "RATCHET_SCOPE=1";

bool has_variable(const std::vector<std::string>& environment, const std::string& beginning) {
    return std::any_of(environment.begin(), environment.end(),
                       [&beginning](const std::string& variable) { return variable.starts_with(beginning); });
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts)
        list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

/// Whether the user's systemd answers: asked with a command that does nothing, so that a session without one
/// goes on as it is.
bool answers(std::vector<std::string> command, const Surroundings& surroundings) {
    const auto end = std::find(command.begin(), command.end(), "--");
    command.erase(end + 1, command.end());
    command.emplace_back("/bin/true");
    Command attempt;
    attempt.argv = command;
    attempt.environment = surroundings.environment;
    attempt.working_directory = "/";
    const Outcome outcome = run(attempt, {std::chrono::seconds(5), {}, {}}, NeverStop());
    return outcome.ending == Ending::exited && outcome.exit_status == 0;
}

}  // namespace

std::vector<std::string> scope_command(const Surroundings& surroundings, bool root) {
    const std::vector<std::string>& environment = surroundings.environment;
    if (root || surroundings.systemd_run.empty() || !has_variable(environment, "XDG_RUNTIME_DIR=/") ||
        has_variable(environment, mark)) {
        return {};
    }
    // The session goes on in it: the terminal, Ctrl-C and the exit status stay what they are.
    std::vector<std::string> command = {surroundings.systemd_run.string(),
                                        "--user",
                                        "--scope",
                                        "--quiet",
                                        "--collect",
                                        "--property=Delegate=yes",
                                        "--",
                                        surroundings.executable.string()};
    command.insert(command.end(), surroundings.arguments.begin(), surroundings.arguments.end());
    return command;
}

void enter_own_scope(const Surroundings& surroundings) {
    std::vector<std::string> command = scope_command(surroundings, ::geteuid() == 0);
    if (command.empty() || best_resources()->limits_the_whole() || !answers(command, surroundings)) return;
    std::vector<std::string> environment = surroundings.environment;
    environment.emplace_back(mark);
    ::execve(command.front().c_str(), pointers(command).data(), pointers(environment).data());
}

}  // namespace ratchet
