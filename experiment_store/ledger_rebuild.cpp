#include <fmt/format.h>

#include "experiment_store/derived.hpp"
#include "experiment_store/fact_tables.hpp"
#include "experiment_store/ledger_implementation.hpp"
#include "experiment_store/schema.hpp"

// Making anew all that is not a fact: in its place, or, where SQLite cannot even throw away what is damaged,
// in a new file that takes the facts over.

namespace ratchet {

namespace {

/// Reads tables and no indexes: facts that can be read are whole.
void take_over_facts(Database& from, Database& fresh) {
    fresh.script("PRAGMA foreign_keys = OFF");  // until all are there
    Transaction transaction(fresh);
    fresh.script(schema());
    for (const char* number : {"application_id", "user_version"}) {
        const auto value = *from.value<std::int64_t>(fmt::format("PRAGMA {}", number));
        fresh.script(fmt::format("PRAGMA {} = {}", number, value));
    }
    for (const std::string& table : fact_tables(fresh))
        from.copy_rows(table, fresh);
    rebuild_derived(fresh);
    transaction.commit();
    if (fresh.query("PRAGMA foreign_key_check").next())
        throw DamagedLedger("the ledger is damaged: its facts refer to others that are not there");
}

bool rebuild_in_place(Database& ledger) {
    try {
        Transaction transaction(ledger);
        rebuild_derived(ledger);
        if (ledger.value<std::string>("PRAGMA integrity_check(1)") != "ok") return false;
        transaction.commit();
        return true;
    } catch (const DamagedLedger&) {
        return false;
    } catch (const MachineryError&) {  // a table that SQLite cannot even open
        return false;
    }
}

}  // namespace

void rebuild_ledger(Database& ledger) {
    if (rebuild_in_place(ledger)) return;
    Database fresh("", Database::Mode::read_write);
    take_over_facts(ledger, fresh);
    fresh.copy_to(ledger);  // in one transaction, as any other change
}

void Ledger::rebuild() {
    rebuild_ledger(implementation_->database);
    implementation_->fingerprints.clear();
}

}  // namespace ratchet
