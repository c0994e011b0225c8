#include <array>
#include <string_view>

#include "orchestrator/campaign_file/sections.hpp"
#include "orchestrator/notation.hpp"

namespace ratchet {

Budget read_budget(const TomlValue& table, const std::string& file) {
    static constexpr std::array<std::string_view, 9> keys = {"experiments",   "duration", "until",
                                                             "plateau",       "requests", "input_tokens",
                                                             "output_tokens", "cost",     "target"};
    const TableReader reader(table, "budget", file, keys);
    Budget budget;
    budget.experiments = reader.integer("experiments", 1, INT64_MAX);
    budget.duration = reader.duration("duration");
    budget.plateau = reader.integer("plateau", 1, INT64_MAX);
    budget.allowance = read_allowance(reader, "");
    budget.target = reader.number("target");
    if (const TomlValue* until = reader.find("until")) {
        const bool written = until->kind == TomlValue::Kind::text || until->kind == TomlValue::Kind::time;
        budget.until = written ? parse_time_of_day(until->text) : std::nullopt;
        if (!budget.until) reader.expected("until", "a time of day such as \"07:00\"");
    }
    return budget;
}

Allowance read_allowance(const TableReader& reader, const std::string& prefix) {
    return {reader.integer(prefix + "requests", 1, INT64_MAX),
            reader.integer(prefix + "input_tokens", 1, INT64_MAX),
            reader.integer(prefix + "output_tokens", 1, INT64_MAX), reader.money(prefix + "cost")};
}

}  // namespace ratchet
