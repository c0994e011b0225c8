#pragma once

#include <string>

namespace ratchet {

/// The text of schema.sql: the schema of a new ledger, in the version that migrations.hpp calls current.
const std::string& schema();

/// Its second part: what is derived from the facts.
std::string derived_schema();

}  // namespace ratchet
