#include "experiment_store/fact_tables.hpp"

namespace ratchet {

std::vector<std::string> fact_tables(Database& database) {
    std::vector<std::string> tables;
    Statement rows = database.query(
        "SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger' "
        "AND name = tbl_name || '_is_never_updated' ORDER BY tbl_name");
    while (rows.next())
        tables.push_back(rows.take<std::string>());
    return tables;
}

std::vector<std::string> columns_of(Database& database, const std::string& table) {
    std::vector<std::string> columns;
    Statement rows = database.query("SELECT name FROM pragma_table_info(?) ORDER BY cid", table);
    while (rows.next())
        columns.push_back(rows.take<std::string>());
    return columns;
}

}  // namespace ratchet
