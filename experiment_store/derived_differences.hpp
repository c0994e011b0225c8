#pragma once

#include <cstdint>
#include <string_view>

#include "experiment_store/sqlite.hpp"

namespace ratchet {

struct RowDifferences {
    std::int64_t wrong = 0;    ///< rows that only `one` has
    std::int64_t missing = 0;  ///< rows that only `other` has
};

/// Compares a derived table of two ledgers row by row. Reads both in the order of their keys, so that nothing
/// is sorted or held in memory, however many rows there are; the words of a million experiments are 200
/// million places. Throws what SQLite finds where `one` cannot be read.
RowDifferences differences_of(Database& one, Database& other, std::string_view table);

}  // namespace ratchet
