#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "orchestrator/campaign_file/sections.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

double price(const TableReader& reader, const std::string& key) {
    const std::optional<double> value = reader.number(key);
    // A million tokens for more than that is a slip: a price for one token, or cents.
    constexpr double most = 100'000;
    if (!value || *value < 0 || *value > most)
        reader.expected(key, "US dollars for a million tokens, such as 2.5");
    return *value;
}

/// "2026-11-26", or a date as TOML writes it.
std::string date(const TableReader& reader, const std::string& key) {
    const TomlValue* value = reader.find(key);
    if (value == nullptr) return {};
    const bool written = value->kind == TomlValue::Kind::text || value->kind == TomlValue::Kind::time;
    constexpr std::string_view form = "0000-00-00";
    bool fits = written && value->text.size() == form.size();
    for (std::size_t i = 0; fits && i < form.size(); ++i) {
        const char letter = value->text[i];
        fits = form[i] == '-' ? letter == '-' : letter >= '0' && letter <= '9';
    }
    if (!fits) reader.expected(key, "a date such as \"2026-11-26\"");
    return value->text;
}

}  // namespace

std::vector<Price> read_prices(const TomlValue& tables, const std::string& file) {
    static constexpr std::array<std::string_view, 5> keys = {"model", "input", "output", "cached", "dated"};
    std::vector<Price> prices;
    std::set<std::string> models;
    for (const TomlValue& table : tables.elements) {
        const TableReader reader(table, "price", file, keys);
        Price each;
        each.model = reader.required_text("model");
        if (!models.insert(each.model).second)
            reader.refuse("model", fmt::format("{} has a price already", in_quotes(each.model)));
        each.input = price(reader, "input");
        each.output = price(reader, "output");
        each.cached = reader.find("cached") == nullptr ? each.input : price(reader, "cached");
        each.dated = date(reader, "dated");
        prices.push_back(std::move(each));
    }
    return prices;
}

}  // namespace ratchet
