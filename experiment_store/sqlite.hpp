#pragma once

// SQLite behind owning types. Everything that can fail throws: UserError where the user can mend it (no
// permission, no room, not a database), MachineryError otherwise.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace ratchet {

class Database;
class Statement;

/// How a type stands in a column. Specialised here for what SQLite has itself, in values.hpp for the ledger's
/// types.
template <typename Type>
struct Column;

/// One execution of a prepared statement. Values are bound by position when it is made (Database::query) and
/// taken from a row from left to right. It returns itself to the database's cache at its end, so it must not
/// outlive it.
class Statement {
  public:
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    /// Steps to the next row; false at the end.
    bool next();

    /// The value of the next column, which starts again from the first with each row.
    template <typename Type>
    Type take() {
        return Column<Type>::read(*this, column_++);
    }

    /// How SQLite holds a value.
    enum class Kind { null, integer, real, text, blob };
    [[nodiscard]] Kind kind(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    /// The bytes of a text or a blob; valid until the next step.
    [[nodiscard]] std::string_view bytes(int column) const;

    /// Positions count from 1, as SQLite has it.
    void bind_null(int position);
    void bind_integer(int position, std::int64_t value);
    void bind_real(int position, double value);
    void bind_text(int position, std::string_view value);
    void bind_blob(int position, std::string_view value);

  private:
    friend class Database;
    using Idle = std::vector<sqlite3_stmt*>;
    Statement(Database& database, Idle& idle, sqlite3_stmt* handle)
        : database_(&database), idle_(&idle), handle_(handle) {}
    void expect_ok(int result) const;

    Database* database_;
    Idle* idle_;  ///< where it returns to
    sqlite3_stmt* handle_;
    int column_ = 0;
};

/// An open database file with its cache of prepared statements. For one thread at a time.
class Database {
  public:
    enum class Mode { read_write, read_only };

    /// Opens, or in read_write mode creates, the file; ":memory:" for one without a file. Read-only also
    /// works beside a writer, and where the folder is not writable as long as no unfinished write-ahead log
    /// stands beside the file.
    Database(std::filesystem::path file, Mode mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// A statement with these values bound; nothing happens before the first `next`.
    template <typename... Values>
    Statement query(std::string_view sql, const Values&... values) {
        Statement statement = prepare(sql);
        int position = 0;
        (Column<std::decay_t<Values>>::bind(statement, ++position, values), ...);
        return statement;
    }

    /// Runs a statement to its end.
    template <typename... Values>
    void run(std::string_view sql, const Values&... values) {
        Statement statement = query(sql, values...);
        while (statement.next()) {
        }
    }

    /// The first column of the first row, or nothing where there is no row.
    template <typename Type, typename... Values>
    std::optional<Type> value(std::string_view sql, const Values&... values) {
        Statement statement = query(sql, values...);
        if (!statement.next()) return std::nullopt;
        return statement.take<Type>();
    }

    /// Runs several statements that need no values.
    void script(const std::string& sql);

    /// From here on a commit is on the disk when it returns (synchronous = FULL), and readers never wait for
    /// a writer (write-ahead log).
    void make_durable();

    /// Replaces what is in `target` by all that is in this one, as it stands at one moment; whoever writes
    /// meanwhile is not held up.
    void copy_to(Database& target) const;

    /// Appends all rows of a table, read in the order of the table itself, to the table of the same name and
    /// columns in `target`. Uses no index, which may be damaged.
    void copy_rows(const std::string& table, Database& target);

    /// Appends the rows of a query on this database, whose columns are those of the table, to the table in
    /// `target`.
    static void copy_rows(Statement from, const std::string& table, Database& target);

    /// From here on closing it moves nothing from the write-ahead log into the file: for a file that turned
    /// out to be no ledger, or a damaged one.
    void leave_as_it_is() noexcept;

    [[nodiscard]] std::int64_t last_insert_id() const;
    [[nodiscard]] bool in_transaction() const;

    /// Ends a transaction without its changes, where one is open.
    void roll_back() noexcept;

  private:
    friend class Statement;
    Statement prepare(std::string_view sql);
    void open(const std::string& name, int flags);
    void close() noexcept;
    void configure();
    [[nodiscard]] bool readable() const;
    /// Throws what SQLite's result means to a person; in sqlite_failure.cpp.
    [[noreturn]] void fail(int result, const std::string& what) const;

    std::filesystem::path file_;
    Mode mode_;
    sqlite3* handle_ = nullptr;
    /// Asked by a view: a statement of a thousand characters is not copied for each of its runs.
    struct HashOfText {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    std::unordered_map<std::string, Statement::Idle, HashOfText, std::equal_to<>> idle_;  ///< by their SQL
};

/// Everything between its making and `commit`, or nothing: it rolls back unless committed.
class Transaction {
  public:
    /// write: takes the writer's lock at once, so that what it reads first still holds when it writes.
    /// read: one state of the database for several statements; inside of another transaction it is part of
    /// that.
    enum class Kind { write, read };

    explicit Transaction(Database& database, Kind kind = Kind::write);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// `caller` names the transaction to whoever tests what a kill does to it.
    void commit(const std::source_location& caller = std::source_location::current());

  private:
    Database& database_;
    bool open_ = false;
};

template <typename Type>
    requires(std::is_integral_v<Type>)
struct Column<Type> {
    static Type read(const Statement& row, int column) { return static_cast<Type>(row.integer(column)); }
    static void bind(Statement& to, int position, Type value) {
        to.bind_integer(position, static_cast<std::int64_t>(value));
    }
};

template <>
struct Column<double> {
    static double read(const Statement& row, int column) { return row.real(column); }
    static void bind(Statement& to, int position, double value) { to.bind_real(position, value); }
};

template <>
struct Column<std::string> {
    static std::string read(const Statement& row, int column) { return std::string(row.bytes(column)); }
    static void bind(Statement& to, int position, std::string_view value) { to.bind_text(position, value); }
};

template <>
struct Column<std::string_view> {
    static void bind(Statement& to, int position, std::string_view value) { to.bind_text(position, value); }
};

template <>
struct Column<const char*> {
    static void bind(Statement& to, int position, std::string_view value) { to.bind_text(position, value); }
};

/// Nothing stands as NULL.
template <typename Type>
struct Column<std::optional<Type>> {
    static std::optional<Type> read(const Statement& row, int column) {
        if (row.is_null(column)) return std::nullopt;
        return Column<Type>::read(row, column);
    }
    static void bind(Statement& to, int position, const std::optional<Type>& value) {
        value ? Column<Type>::bind(to, position, *value) : to.bind_null(position);
    }
};

}  // namespace ratchet
