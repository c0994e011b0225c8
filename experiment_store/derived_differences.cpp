#include "experiment_store/derived_differences.hpp"

#include <fmt/format.h>

#include <string>
#include <variant>
#include <vector>

#include "experiment_store/fact_tables.hpp"

namespace ratchet {

namespace {

/// A value as a column of a STRICT table holds it: always of one kind, or NULL, which comes first.
using ColumnValue = std::variant<std::monostate, std::int64_t, double, std::string>;

/// The rows of a table in the order of its key, which are its first columns.
class OrderedRows {
  public:
    OrderedRows(Database& database, std::string_view table, std::size_t columns)
        : rows_(database.query(fmt::format("SELECT * FROM {} NOT INDEXED", table))), here_(columns) {
        go_on();
    }

    [[nodiscard]] bool at_end() const { return at_end_; }
    [[nodiscard]] const std::vector<ColumnValue>& here() const { return here_; }

    void go_on() {
        at_end_ = !rows_.next();
        for (std::size_t i = 0; !at_end_ && i < here_.size(); ++i)
            read(static_cast<int>(i), here_[i]);
    }

  private:
    void read(int column, ColumnValue& into) const {
        switch (rows_.kind(column)) {
            case Statement::Kind::null:
                into = std::monostate();
                break;
            case Statement::Kind::integer:
                into = rows_.integer(column);
                break;
            case Statement::Kind::real:
                into = rows_.real(column);
                break;
            default:
                if (!std::holds_alternative<std::string>(into)) into = std::string();
                std::get<std::string>(into) = rows_.bytes(column);
        }
    }

    Statement rows_;
    std::vector<ColumnValue> here_;
    bool at_end_ = false;
};

}  // namespace

RowDifferences differences_of(Database& one, Database& other, std::string_view table) {
    const std::size_t columns = columns_of(other, std::string(table)).size();
    OrderedRows left(one, table, columns);
    OrderedRows right(other, table, columns);
    RowDifferences differences;
    while (!left.at_end() || !right.at_end()) {
        const bool both = !left.at_end() && !right.at_end();
        if (both && left.here() == right.here()) {
            left.go_on();
            right.go_on();
        } else if (right.at_end() || (both && left.here() < right.here())) {
            ++differences.wrong;
            left.go_on();
        } else {
            ++differences.missing;
            right.go_on();
        }
    }
    return differences;
}

}  // namespace ratchet
