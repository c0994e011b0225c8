#pragma once

// The Model Context Protocol, as a server of tools on a stream of lines: JSON-RPC 2.0, one message a line.
// https://modelcontextprotocol.io/specification, versions 2024-11-05 to 2025-11-25 (which begin with
// `initialize`) and 2026-07-28 (which names its version with each request).

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

/// A tool as it is listed. Schemas are JSON texts.
struct McpTool {
    std::string name;
    std::string title;
    std::string description;
    std::string input_schema;
    std::string output_schema;  ///< of ToolAnswer::structured
};

/// What a tool answers.
struct ToolAnswer {
    enum class Kind { done, wrong_arguments, failed };
    Kind kind = Kind::done;
    std::string text;        ///< for a model to read; where it is not done: what went wrong
    std::string structured;  ///< the same as a JSON text; empty where it is not done
};

/// The tools of a server.
class McpTools {
  public:
    virtual ~McpTools() = default;
    [[nodiscard]] virtual std::vector<McpTool> list() const = 0;
    /// `name` is one of the list; `arguments` is the text of a JSON object.
    [[nodiscard]] virtual ToolAnswer call(const std::string& name, const std::string& arguments) const = 0;
};

/// Answers messages. Whatever a message is, it neither throws nor leaves the protocol.
class McpServer {
  public:
    /// `version` is this program's. The tools must outlive it.
    McpServer(const McpTools& tools, std::string version);

    /// The answer to one message, without its line end; empty: none is due.
    [[nodiscard]] std::string answer(std::string_view message);
    /// The answer to a message of more than `longest_message` bytes, which nobody has read.
    [[nodiscard]] static std::string answer_to_too_long();

    static constexpr std::size_t longest_message = 1 << 20;

  private:
    const McpTools& tools_;
    std::string version_;
    std::string protocol_;  ///< that `initialize` has agreed on; empty before
};

/// Answers line by line until the input ends, or the output cannot be written.
void serve(McpServer& server, std::istream& in, std::ostream& out);

}  // namespace ratchet
