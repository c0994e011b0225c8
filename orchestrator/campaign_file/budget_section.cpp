#include <array>
#include <string_view>

#include "orchestrator/campaign_file/sections.hpp"
#include "orchestrator/notation.hpp"

namespace ratchet {

Budget read_budget(const TomlValue& table, const std::string& file) {
    static constexpr std::array<std::string_view, 4> keys = {"experiments", "duration", "until", "plateau"};
    const TableReader reader(table, "budget", file, keys);
    Budget budget;
    budget.experiments = reader.integer("experiments", 1, INT64_MAX);
    budget.duration = reader.duration("duration");
    budget.plateau = reader.integer("plateau", 1, INT64_MAX);
    if (const TomlValue* until = reader.find("until")) {
        const bool written = until->kind == TomlValue::Kind::text || until->kind == TomlValue::Kind::time;
        budget.until = written ? parse_time_of_day(until->text) : std::nullopt;
        if (!budget.until) reader.expected("until", "a time of day such as \"07:00\"");
    }
    return budget;
}

}  // namespace ratchet
