#pragma once

#include <string>
#include <vector>

#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// The tables that the schema's triggers keep from being changed, sorted by name.
std::vector<std::string> fact_tables(Database& database);

/// In the order of the schema.
std::vector<std::string> columns_of(Database& database, const std::string& table);

}  // namespace ratchet
