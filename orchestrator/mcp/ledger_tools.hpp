#pragma once

#include "orchestrator/lookup/lookup.hpp"
#include "orchestrator/mcp/server.hpp"

namespace ratchet {

/// The ledger as tools for an agent: search_experiments, show_experiment, best_so_far, map. Each answer is
/// small whatever the ledger holds; what came from a run or an agent is made safe and labelled as data; and
/// no answer tells that there is a held-out benchmark.
class LedgerTools final : public McpTools {
  public:
    /// It must outlive the tools.
    explicit LedgerTools(const Lookup& lookup) : lookup_(lookup) {}
    [[nodiscard]] std::vector<McpTool> list() const override;
    [[nodiscard]] ToolAnswer call(const std::string& name, const std::string& arguments) const override;

  private:
    const Lookup& lookup_;
};

/// An answer has at most so many bytes of text.
inline constexpr std::size_t longest_tool_text = 12 << 10;

}  // namespace ratchet
