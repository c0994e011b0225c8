#include "tests/support/statement_trace.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace ratchet::test {
namespace {

/// SQLite tells new connections to functions without a context.
StatementTrace* watching = nullptr;

using Opened = void (*)();

}  // namespace

int StatementTrace::watch(void* connection, const char**, const void*) {
    return sqlite3_trace_v2(static_cast<sqlite3*>(connection), SQLITE_TRACE_PROFILE, &note, watching);
}

/// Called at the end of each run.
int StatementTrace::note(unsigned, void* trace, void* statement, void*) {
    auto* const handle = static_cast<sqlite3_stmt*>(statement);
    // A connection may outlive the trace.
    if (trace == nullptr || trace != watching || sqlite3_sql(handle) == nullptr) return 0;
    TracedStatement& traced = static_cast<StatementTrace*>(trace)->statements_[sqlite3_sql(handle)];
    ++traced.runs;
    traced.steps += sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_VM_STEP, 1);
    return 0;
}

StatementTrace::StatementTrace() {
    if (watching != nullptr) throw std::logic_error("there is a trace already");
    watching = this;
    sqlite3_auto_extension(reinterpret_cast<Opened>(&StatementTrace::watch));
}

StatementTrace::~StatementTrace() {
    sqlite3_cancel_auto_extension(reinterpret_cast<Opened>(&StatementTrace::watch));
    watching = nullptr;
}

}  // namespace ratchet::test
