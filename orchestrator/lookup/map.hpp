#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment_store/ledger.hpp"

namespace ratchet {

/// What was tried where, and where nothing was.
struct TriedWhere {
    std::vector<FileRecord> files;  ///< most attempts first
    std::size_t files_in_all = 0;   ///< that were touched
    /// Of these files, in their order; the most tried ones of each.
    std::vector<FunctionRecord> functions;
    std::vector<std::string> untouched;  ///< files in scope, in git's order
    std::size_t untouched_in_all = 0;
};

/// At most `limit` files of each kind. `in_scope`: what a proposal may change.
TriedWhere tried_where(const Ledger& ledger, const std::vector<std::string>& in_scope, std::size_t limit);

}  // namespace ratchet
