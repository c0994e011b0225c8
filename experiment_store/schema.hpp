#pragma once

#include <string>

namespace ratchet {

/// The text of schema.sql: the schema of a new ledger, in the version that migrations.hpp calls current.
const std::string& schema();

}  // namespace ratchet
