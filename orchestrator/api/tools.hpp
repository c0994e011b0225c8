#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"
#include "orchestrator/api/conversation.hpp"
#include "sandbox/process/stop_signal.hpp"

namespace ratchet {

/// What the tools of a model work on. They run where ratchet itself runs then: inside of the proposer's
/// sandbox, which is what protects the machine from them.
struct Workshop {
    std::filesystem::path folder;          ///< paths are relative to it
    std::vector<std::string> environment;  ///< of commands
    Milliseconds longest_command = std::chrono::minutes(10);
    std::size_t most_output = std::size_t{24}
                              << 10;  ///< bytes of a result; the middle of a longer one is left out
    std::string search_program = "/usr/bin/grep";
};

/// The tools: shell, read, search, edit, write, finish.
class Tools {
  public:
    /// `stop` must outlive it.
    Tools(Workshop workshop, const StopSignal& stop);
    [[nodiscard]] static std::vector<ToolDeclaration> declarations();
    /// Does what is asked for. What goes wrong is told to the model, in a result that says how to do better.
    ToolResult use(const ToolCall& call);
    /// What the model said when it declared itself finished.
    [[nodiscard]] const std::optional<Notes>& finished() const { return finished_; }

  private:
    Workshop workshop_;
    const StopSignal& stop_;
    std::optional<Notes> finished_;
};

/// Replaces `old_string` in the file, which must hold it exactly once, by `new_string`. Returns a few words
/// about what was done. Throws std::runtime_error with a sentence that says why not.
std::string edit_file(const std::filesystem::path& file, const std::string& old_string,
                      const std::string& new_string);

/// Makes the file, with the folders above it, or replaces what it holds. The same.
std::string write_file(const std::filesystem::path& file, const std::string& text);

}  // namespace ratchet
