#pragma once

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "experiment_store/compression.hpp"
#include "tests/support/bytes_of_file.hpp"

namespace ratchet::test {

// Ledgers as the program of each version of the schema wrote them, with the repository that they belong to
// (tests/data/ledger/README.md). They are never changed again.

inline constexpr std::array released_versions = {1, 2, 3, 4, 5};

/// What each of them holds.
constexpr int released_experiments(int version) {
    constexpr std::array of_each = {14, 15, 17, 17, 17};
    return of_each.at(static_cast<std::size_t>(version - 1));
}

inline std::filesystem::path released_folder() {
    return std::filesystem::path(RATCHET_SOURCE) / "tests/data/ledger";
}
inline std::filesystem::path released_ledger(int version) {
    return released_folder() / fmt::format("v{}.sqlite.zst", version);
}
inline std::filesystem::path released_repository(int version) {
    return released_folder() / fmt::format("v{}.bundle", version);
}

/// Puts the ledger of that version where a campaign looks for it.
inline void restore_released_ledger(int version, const std::filesystem::path& file) {
    std::ofstream(file, std::ios::binary) << decompressed(bytes_of_file(released_ledger(version)));
}

}  // namespace ratchet::test
