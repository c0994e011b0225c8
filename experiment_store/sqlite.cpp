#include "experiment_store/sqlite.hpp"

#include <sqlite3.h>

#include <fmt/format.h>

#include <chrono>
#include <system_error>
#include <utility>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"

namespace ratchet {

namespace {

/// A writer waits this long for another one; a transaction takes well under a millisecond.
constexpr int busy_timeout_milliseconds = 20'000;

/// A `file:` name for what SQLite calls immutable: a file that nobody changes, read without any lock.
std::string immutable_uri(const std::filesystem::path& file) {
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(file).string()) {
        const bool reserved = c == '%' || c == '?' || c == '#';
        uri += reserved ? fmt::format("%{:02X}", static_cast<unsigned>(c)) : std::string(1, c);
    }
    return uri + "?immutable=1";
}

/// "finish" of "void ratchet::Ledger::finish(ratchet::ExperimentId, …)".
std::string short_name(const std::source_location& function) {
    std::string_view text = function.function_name();
    constexpr std::string_view hidden = "(anonymous namespace)::";  // as clang has it
    if (const auto place = text.find(hidden); place != std::string_view::npos)
        text.remove_prefix(place + hidden.size());
    const std::string_view name = text.substr(0, text.find('('));
    return std::string(name.substr(name.find_last_of(" :") + 1));
}

bool has_pending_log(const std::filesystem::path& file) {
    std::error_code ignored;
    const auto size = std::filesystem::file_size(file.string() + "-wal", ignored);
    return !ignored && size > 0;
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      idle_(other.idle_),
      handle_(std::exchange(other.handle_, nullptr)),
      column_(other.column_) {}

Statement::~Statement() {
    if (handle_ == nullptr) return;
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
    idle_->push_back(handle_);
}

bool Statement::next() {
    column_ = 0;
    const int result = sqlite3_step(handle_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    database_->fail(result, sqlite3_sql(handle_));
}

Statement::Kind Statement::kind(int column) const {
    switch (sqlite3_column_type(handle_, column)) {
        case SQLITE_INTEGER:
            return Kind::integer;
        case SQLITE_FLOAT:
            return Kind::real;
        case SQLITE_TEXT:
            return Kind::text;
        case SQLITE_BLOB:
            return Kind::blob;
        default:
            return Kind::null;
    }
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}
double Statement::real(int column) const {
    return sqlite3_column_double(handle_, column);
}

std::string_view Statement::bytes(int column) const {
    const void* start = sqlite3_column_blob(handle_, column);
    const auto length = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
    return start == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(start), length);
}

void Statement::expect_ok(int result) const {
    if (result != SQLITE_OK) database_->fail(result, sqlite3_sql(handle_));
}

void Statement::bind_null(int position) {
    expect_ok(sqlite3_bind_null(handle_, position));
}
void Statement::bind_integer(int position, std::int64_t value) {
    expect_ok(sqlite3_bind_int64(handle_, position, value));
}
void Statement::bind_real(int position, double value) {
    expect_ok(sqlite3_bind_double(handle_, position, value));
}

// An empty view may have no address, which SQLite would take for NULL.
void Statement::bind_text(int position, std::string_view value) {
    const char* start = value.data() == nullptr ? "" : value.data();
    expect_ok(sqlite3_bind_text64(handle_, position, start, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}
void Statement::bind_blob(int position, std::string_view value) {
    const char* start = value.data() == nullptr ? "" : value.data();
    expect_ok(sqlite3_bind_blob64(handle_, position, start, value.size(), SQLITE_TRANSIENT));
}

Database::Database(std::filesystem::path file, Mode mode) : file_(std::move(file)), mode_(mode) {
    try {
        if (mode_ == Mode::read_write) {
            open(file_.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
            // SQLite takes a file that it may only read all the same, and fails at the first change.
            if (sqlite3_db_readonly(handle_, "main") == 1) fail(SQLITE_READONLY, "open");
        } else {
            std::error_code ignored;
            if (!std::filesystem::exists(file_, ignored)) {
                throw UserError(fmt::format("there is no ledger at {}", file_.string()));
            }
            open(file_.string(), SQLITE_OPEN_READONLY);
            // In write-ahead mode also a reader makes a file beside the database, if only for locks. Where it
            // may not, and nothing stands in the log, nobody writes: then the file can be read as it is.
            if (!readable() && !has_pending_log(file_)) {
                close();
                open(immutable_uri(file_), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
            }
        }
        configure();
    } catch (...) {
        leave_as_it_is();
        close();
        throw;
    }
}

Database::~Database() {
    close();
}

void Database::open(const std::string& name, int flags) {
    // Without a lock around each call: the cache of statements is for one thread at a time anyhow.
    const int result =
        sqlite3_open_v2(name.c_str(), &handle_, flags | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (result != SQLITE_OK) fail(result, "open");
    sqlite3_busy_timeout(handle_, busy_timeout_milliseconds);
}

void Database::close() noexcept {
    for (const auto& [sql, handles] : idle_) {
        for (sqlite3_stmt* handle : handles)
            sqlite3_finalize(handle);
    }
    idle_.clear();
    sqlite3_close_v2(std::exchange(handle_, nullptr));
}

bool Database::readable() const {
    return sqlite3_exec(handle_, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr) ==
           SQLITE_OK;
}

// Reads before anything is written: what is no database shows here, and is left as it is.
void Database::configure() {
    script("PRAGMA foreign_keys = ON");
    if (mode_ == Mode::read_only) script("PRAGMA query_only = ON");
    script("SELECT count(*) FROM sqlite_schema");
}

void Database::script(const std::string& sql) {
    const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) fail(result, sql.substr(0, 80));
}

// Where two processes switch a new file at the same time, SQLite gives up at once instead of waiting for its
// busy timeout, lest each waits for the other.
void Database::make_durable() {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_timeout_milliseconds);
    const char* sql = "PRAGMA journal_mode = WAL";
    std::string mode;
    const auto take_mode = [](void* into, int, char** values, char**) {
        *static_cast<std::string*>(into) = values[0] == nullptr ? "" : values[0];
        return 0;
    };
    int result = sqlite3_exec(handle_, sql, take_mode, &mode, nullptr);
    while ((result & 0xff) == SQLITE_BUSY && std::chrono::steady_clock::now() < deadline) {
        sqlite3_sleep(1);
        result = sqlite3_exec(handle_, sql, take_mode, &mode, nullptr);
    }
    if (result != SQLITE_OK) fail(result, sql);
    // Without shared memory SQLite quietly stays with what it had.
    if (mode != "wal" && mode != "memory") fail(SQLITE_PROTOCOL, sql);
    script("PRAGMA synchronous = FULL");
}

void Database::copy_to(Database& target) const {
    sqlite3_backup* copy = sqlite3_backup_init(target.handle_, "main", handle_, "main");
    if (copy == nullptr) target.fail(sqlite3_extended_errcode(target.handle_), "backup");
    // All pages in one step: one read transaction, which in write-ahead mode holds up nobody.
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_timeout_milliseconds);
    int result = sqlite3_backup_step(copy, -1);
    while ((result & 0xff) == SQLITE_BUSY && std::chrono::steady_clock::now() < deadline) {
        sqlite3_sleep(1);
        result = sqlite3_backup_step(copy, -1);
    }
    sqlite3_backup_finish(copy);
    if (result == SQLITE_DONE) return;
    const int kind = result & 0xff;
    const bool about_target = kind == SQLITE_FULL || kind == SQLITE_READONLY || kind == SQLITE_CANTOPEN;
    (about_target ? target : *this).fail(result, "backup");
}

void Database::copy_rows(const std::string& table, Database& target) {
    copy_rows(prepare(fmt::format("SELECT * FROM {} NOT INDEXED", table)), table, target);
}

void Database::copy_rows(Statement from, const std::string& table, Database& target) {
    const int columns = sqlite3_column_count(from.handle_);
    std::string places = "?";
    for (int column = 1; column < columns; ++column)
        places += ", ?";
    const std::string insert = fmt::format("INSERT INTO {} VALUES ({})", table, places);
    while (from.next()) {
        Statement to = target.prepare(insert);
        for (int column = 0; column < columns; ++column) {
            sqlite3_value* value = sqlite3_column_value(from.handle_, column);
            to.expect_ok(sqlite3_bind_value(to.handle_, column + 1, value));
        }
        to.next();
    }
}

void Database::leave_as_it_is() noexcept {
    if (handle_ != nullptr) sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Statement Database::prepare(std::string_view sql) {
    auto known = idle_.find(sql);
    if (known != idle_.end() && !known->second.empty()) {
        sqlite3_stmt* handle = known->second.back();
        known->second.pop_back();
        return {*this, known->second, handle};
    }
    sqlite3_stmt* handle = nullptr;
    const int result = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (result != SQLITE_OK) fail(result, std::string(sql));
    if (known == idle_.end()) known = idle_.try_emplace(std::string(sql)).first;
    return {*this, known->second, handle};
}

std::int64_t Database::last_insert_id() const {
    return sqlite3_last_insert_rowid(handle_);
}
bool Database::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

// Some errors (a full disk) have rolled back already; any other leaves the end of the transaction to that of
// the connection, and there is nothing better to do on the way out of a scope.
void Database::roll_back() noexcept {
    if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
    if (database_.in_transaction()) {
        if (kind == Kind::read) return;
        // SQLite would call the file locked where the outer one reads and somebody has written since.
        throw MachineryError("what is read from one state of the ledger cannot be written meanwhile");
    }
    database_.run(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
    open_ = true;
}

Transaction::~Transaction() {
    if (open_) database_.roll_back();
}

void Transaction::commit(const std::source_location& caller) {
    if (!open_) return;
    const std::string step = has_crash_points ? "ledger/" + short_name(caller) : std::string();
    crash_point(step, "commit");
    database_.run("COMMIT");
    open_ = false;
    crash_point(step, "committed");
}

}  // namespace ratchet
