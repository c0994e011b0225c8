#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "experiment_store/derived.hpp"
#include "experiment_store/errors.hpp"
#include "experiment_store/exchange/facts.hpp"
#include "experiment_store/exchange/json_text.hpp"
#include "experiment_store/fact_tables.hpp"
#include "experiment_store/migrations.hpp"
#include "experiment_store/values.hpp"

namespace ratchet {

namespace {

using Json = nlohmann::ordered_json;

/// What the derived tables are made of takes these for granted; the schema does not say them.
struct SoundnessCheck {
    const char* finds_what_is_wrong;
    const char* what;
};
constexpr std::array<SoundnessCheck, 6> soundness_checks = {{
    {"SELECT 1 WHERE (SELECT count(*) FROM campaign) <> 1", "it has no campaign"},
    {"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM champion)", "it has no champion"},
    {"SELECT 1 WHERE (SELECT count(*) FROM experiment) <> (SELECT coalesce(max(id), 0) FROM experiment) "
     "OR EXISTS (SELECT 1 FROM experiment WHERE id < 1)",
     "the numbers of its experiments have gaps"},
    {"SELECT 1 FROM progress WHERE stage = 'finished' "
     "AND experiment NOT IN (SELECT experiment FROM decision)",
     "an experiment is finished without a decision"},
    {"SELECT 1 FROM experiment WHERE coalesce((SELECT stage FROM progress WHERE experiment = experiment.id "
     "ORDER BY progress.id LIMIT 1), '') <> 'planned'",
     "an experiment was never planned"},
    {"SELECT 1 FROM (SELECT base AS id FROM campaign UNION ALL SELECT commit_id FROM champion "
     "UNION ALL SELECT nullif(commit_id, '') FROM candidate UNION ALL SELECT nullif(parent, '') FROM "
     "candidate UNION ALL SELECT nullif(parent, '') FROM experiment UNION ALL SELECT commit_id FROM epoch "
     "UNION ALL SELECT nullif(commit_id, '') FROM imported UNION ALL SELECT champion FROM replay UNION ALL "
     "SELECT candidate FROM replay) WHERE length(id) <> 40 OR id GLOB '*[^0-9a-f]*'",
     "a commit in it is no commit id"},
}};

[[noreturn]] void refuse_facts(const std::string& what) {
    throw UserError(fmt::format("the archive's ledger is damaged: {}", what),
                    "Nothing was imported. Export it again where it comes from.");
}

void bind_object(Statement& statement, int position, const Json& value) {
    const auto is = [&value](const char* name) {
        return value.size() == 1 && value.begin().key() == name && value.begin()->is_string();
    };
    const std::string text =
        value.size() == 1 && value.begin()->is_string() ? value.begin()->get<std::string>() : std::string();
    std::string bytes;
    if (is("compressed")) {
        statement.bind_blob(position, compressed(text));
    } else if (is("compressed_base64") && from_base64(text, bytes)) {
        statement.bind_blob(position, compressed(bytes));
    } else if (is("base64") && from_base64(text, bytes)) {
        statement.bind_text(position, bytes);
    } else if (is("real") && (text == "inf" || text == "-inf")) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        statement.bind_real(position, text == "inf" ? infinity : -infinity);
    } else {
        throw MachineryError("a value of an unknown kind");
    }
}

void bind_json(Statement& statement, int position, const Json& value) {
    switch (value.type()) {
        case Json::value_t::null:
            return statement.bind_null(position);
        case Json::value_t::number_integer:
            return statement.bind_integer(position, value.get<std::int64_t>());
        case Json::value_t::number_unsigned:
            if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) break;
            return statement.bind_integer(position, value.get<std::int64_t>());
        case Json::value_t::number_float:
            return statement.bind_real(position, value.get<double>());
        case Json::value_t::string:
            return statement.bind_text(position, value.get_ref<const std::string&>());
        case Json::value_t::object:
            return bind_object(statement, position, value);
        default:
            break;
    }
    throw MachineryError("a value of an unknown kind");
}

}  // namespace

FactsWriter::FactsWriter(const std::filesystem::path& ledger)
    : database_(ledger, Database::Mode::read_write), transaction_(database_) {
    create_without_history(database_);
    // Tables come in the order of their names, and not before what they refer to.
    database_.script("PRAGMA defer_foreign_keys = ON");
    for (const std::string& table : fact_tables(database_))
        columns_[table] = columns_of(database_, table);
}

bool FactsWriter::has_table(std::string_view table) const {
    return columns_.find(table) != columns_.end();
}

void FactsWriter::add(const std::string& table, std::string_view line, const std::string& place) {
    try {
        insert(table, line);
    } catch (const MachineryError& error) {
        refuse_facts(fmt::format("{}: {}", place, error.what()));
    } catch (const DamagedLedger& error) {
        refuse_facts(fmt::format("{}: {}", place, error.what()));
    }
}

void FactsWriter::insert(const std::string& table, std::string_view line) {
    constexpr std::size_t depth_of_a_row = 2;
    const std::vector<std::string>& known = columns_.at(table);
    Json row;
    if (const std::string problem = parse_json(line, depth_of_a_row, row); !problem.empty())
        throw MachineryError(problem);
    if (!row.is_object() || row.empty()) throw MachineryError("it is no row");
    std::string names;
    std::string places;
    for (const auto& [name, value] : row.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw MachineryError("a column that this version does not know");
        names += (names.empty() ? "" : ", ") + name;
        places += places.empty() ? "?" : ", ?";
    }
    Statement statement =
        database_.query(fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, places));
    int position = 0;
    for (const auto& [name, value] : row.items())
        bind_json(statement, ++position, value);
    statement.next();
}

void FactsWriter::finish() {
    try {
        for (const SoundnessCheck& check : soundness_checks) {
            if (database_.query(check.finds_what_is_wrong).next()) refuse_facts(check.what);
        }
        rebuild_derived(database_);
        transaction_.commit();
        database_.make_durable();
    } catch (const MachineryError& error) {
        refuse_facts(error.what());
    } catch (const DamagedLedger& error) {
        refuse_facts(error.what());
    }
}

}  // namespace ratchet
