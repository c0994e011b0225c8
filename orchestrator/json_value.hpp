#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace ratchet {

/// What there is, or null.
template <typename T>
nlohmann::ordered_json value_or_null(const std::optional<T>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace ratchet
