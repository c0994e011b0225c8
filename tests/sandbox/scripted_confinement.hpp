#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/confinement.hpp"

namespace ratchet {

/// A run as a test wants it: how it ended and what it printed.
inline RunResult ended(int exit_status, std::string output = {}, std::string errors = {}) {
    RunResult result;
    result.ending = Ending::exited;
    result.exit_status = exit_status;
    result.output.total_bytes = output.size();
    result.output.head = std::move(output);
    result.errors.total_bytes = errors.size();
    result.errors.head = std::move(errors);
    return result;
}

/// A sandbox in memory: runs nothing, answers as the test says, and remembers what it was asked.
class ScriptedConfinement final : public Confinement {
  public:
    using Answer = std::function<RunResult(const ConfinedCommand&)>;

    /// Every command without an answer of its own gets this one; without it, such a command is an error of
    /// the test.
    explicit ScriptedConfinement(Answer otherwise = {}) : otherwise_(std::move(otherwise)) {}

    /// The answer to this shell command, each time.
    void answer(const std::string& shell_command, Answer answer) {
        answers_[shell_command] = std::move(answer);
    }
    void answer(const std::string& shell_command, const RunResult& result) {
        answers_[shell_command] = [result](const ConfinedCommand&) { return result; };
    }

    RunResult run(const ConfinedCommand& command, const StopSignal& stop) override {
        commands.push_back(command);
        if (stop.requested() && stop.deadline() && std::chrono::steady_clock::now() >= *stop.deadline()) {
            RunResult result;
            result.ending = Ending::stopped;
            result.exit_status = 137;
            return result;
        }
        if (const auto found = answers_.find(command.shell_command); found != answers_.end()) {
            return found->second(command);
        }
        if (otherwise_) return otherwise_(command);
        throw std::logic_error("the test has no answer for: " + command.shell_command);
    }

    void give(const std::filesystem::path& tree) override { given.push_back(tree); }
    [[nodiscard]] Requirement tier() const override { return Requirement::strong; }
    [[nodiscard]] std::vector<Protection> protections() const override { return {}; }
    [[nodiscard]] std::string missing_counter() const override { return missing; }

    std::string missing;                       ///< why there is no counter; empty: there is
    std::vector<ConfinedCommand> commands;     ///< what was run, in order
    std::vector<std::filesystem::path> given;  ///< the trees that were given away, in order

  private:
    Answer otherwise_;
    std::map<std::string, Answer> answers_;
};

}  // namespace ratchet
