#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "experiment_store/exchange/facts.hpp"
#include "experiment_store/exchange/json_text.hpp"
#include "experiment_store/fact_tables.hpp"
#include "experiment_store/values.hpp"

namespace ratchet {

namespace {

using Json = nlohmann::ordered_json;

/// A text; bytes that are no UTF-8 stand as base64.
Json text_json(std::string_view bytes, const char* otherwise) {
    Json text = std::string(bytes);
    try {
        static_cast<void>(text.dump());
        return text;
    } catch (const Json::type_error&) {
        return {{otherwise, to_base64(bytes)}};
    }
}

/// What the ledger holds compressed stands as it is: another zstd would compress it to other bytes.
Json compressed_json(std::string_view frame) {
    Json text = text_json(decompressed(frame), "compressed_base64");
    return text.is_string() ? Json{{"compressed", std::move(text)}} : text;
}

Json value_json(const Statement& row, int column) {
    switch (row.kind(column)) {
        case Statement::Kind::null:
            return nullptr;
        case Statement::Kind::integer:
            return row.integer(column);
        case Statement::Kind::real: {
            const double value = row.real(column);
            if (std::isfinite(value)) return value;
            return {{"real", value > 0 ? "inf" : "-inf"}};  // JSON has no word for them
        }
        case Statement::Kind::text:
            return text_json(row.bytes(column), "base64");
        case Statement::Kind::blob:
            return compressed_json(row.bytes(column));
    }
    return nullptr;
}

}  // namespace

FactsReader::FactsReader(const std::filesystem::path& ledger)
    : database_(ledger, Database::Mode::read_only),
      snapshot_(database_, Transaction::Kind::read),
      tables_(fact_tables(database_)) {}

void FactsReader::write(const std::string& table, std::ostream& out) {
    const std::vector<std::string> columns = columns_of(database_, table);
    const auto key = database_.value<std::string>(
        "SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY "
        "pk)",
        table);
    std::string names;
    for (const std::string& column : columns)
        names += (names.empty() ? "" : ", ") + column;
    Statement rows = database_.query("SELECT " + names + " FROM " + table + " ORDER BY " + *key);
    while (rows.next()) {
        Json row = Json::object();
        for (std::size_t i = 0; i < columns.size(); ++i)
            row[columns[i]] = value_json(rows, static_cast<int>(i));
        out << row.dump() << '\n';
    }
}

std::optional<std::string> FactsReader::campaign() {
    return database_.value<std::string>("SELECT name FROM campaign");
}

std::int64_t FactsReader::experiments() {
    return *database_.value<std::int64_t>("SELECT count(*) FROM experiment");
}

std::map<std::string, CommitId> FactsReader::commits() {
    std::map<std::string, CommitId> commits;
    Statement rows = database_.query(
        "SELECT experiment, commit_id, count(*) OVER (PARTITION BY experiment ORDER BY id), "
        "count(*) OVER (PARTITION BY experiment) FROM candidate ORDER BY experiment, id");
    while (rows.next()) {
        const auto experiment = rows.take<std::int64_t>();
        auto commit = rows.take<CommitId>();
        const auto position = rows.take<std::int64_t>();
        const bool last = position == rows.take<std::int64_t>();
        if (commit.empty()) continue;  // nothing was changed, or it did not apply
        std::string name = std::to_string(experiment);
        if (!last) name += "-" + std::to_string(position);
        commits.emplace(std::move(name), std::move(commit));
    }
    if (auto champion =
            database_.value<CommitId>("SELECT commit_id FROM champion ORDER BY id DESC LIMIT 1")) {
        commits.emplace("champion", std::move(*champion));
    }
    return commits;
}

std::vector<CommitId> FactsReader::grounds() {
    std::vector<CommitId> commits;
    Statement rows = database_.query(
        "SELECT base FROM campaign UNION SELECT commit_id FROM champion UNION SELECT commit_id FROM "
        "candidate UNION SELECT parent FROM candidate UNION SELECT parent FROM experiment ORDER BY 1");
    while (rows.next()) {
        auto commit = rows.take<CommitId>();
        if (!commit.empty()) commits.push_back(std::move(commit));
    }
    return commits;
}

std::vector<CommitId> FactsReader::champions() {
    std::vector<CommitId> commits;
    Statement rows = database_.query("SELECT DISTINCT commit_id FROM champion ORDER BY commit_id");
    while (rows.next())
        commits.push_back(rows.take<CommitId>());
    return commits;
}

}  // namespace ratchet
