#pragma once

// The arguments of a tool, checked. Only for the .cpp files of this folder.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ratchet {

/// One sentence that says what is wrong with an argument.
struct WrongArgument : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads arguments by name. All throw WrongArgument; nothing where an argument is not given.
class ToolArguments {
  public:
    /// `json` is an object, and must outlive it. Throws where it has a key that is not `known`.
    ToolArguments(const nlohmann::ordered_json& json, std::span<const std::string_view> known);
    [[nodiscard]] std::optional<std::string> text(const char* name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(const char* name, std::int64_t least,
                                                      std::int64_t most) const;
    [[nodiscard]] std::optional<bool> flag(const char* name) const;

  private:
    [[nodiscard]] const nlohmann::ordered_json* find(const char* name) const;
    const nlohmann::ordered_json& json_;
};

}  // namespace ratchet
