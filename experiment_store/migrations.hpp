#pragma once

#include <span>
#include <string_view>

#include "experiment_store/errors.hpp"
#include "experiment_store/experiment.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// A step from the version before to this one. What it changes is changed in schema.sql as well, so that a
/// new ledger and a migrated one are the same; a test compares them. A released migration is never edited
/// again.
struct Migration {
    /// What is derived from the facts anew; where several steps are missing, the most that one of them asks
    /// for. Only `everything` needs all facts to be readable.
    enum class Derives { nothing, ideas, everything };

    int version = 0;
    std::string_view dated;  ///< year-month-day
    std::string_view name;
    std::string_view script;  ///< of the facts, of what is derived no more, and of the tables of ideas
    Derives derives = Derives::nothing;
};

/// There is a file, and nothing in it: a run was killed, or is, before it recorded anything.
class EmptyLedger : public UserError {
  public:
    explicit EmptyLedger(const std::string& message)
        : UserError(message, "`ratchet run` begins the campaign.") {}
};

/// Stands in the header of the file (PRAGMA application_id) and says that it is a ledger: "rtch".
inline constexpr int ledger_application_id = 0x72746368;

/// The steps after version 1, in order, without gaps.
std::span<const Migration> migrations();

/// The version of schema.sql.
int schema_version();

/// The schema in an empty database, without a row in it: for facts that bring their own history. Part of the
/// caller's transaction.
void create_without_history(Database& database);

/// Makes the database a ledger of the version that `steps` lead to: an empty one gets the schema, an older
/// one all missing steps in one transaction, because between two of them it may be a ledger of no version. In
/// read-only mode nothing is changed. Throws UserError, and leaves the file as it is, where it is something
/// else than a ledger, is newer than the last step, or is older and read-only.
void prepare_ledger(Database& database, Database::Mode mode, Timestamp now,
                    std::span<const Migration> steps = migrations());

}  // namespace ratchet
