#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "orchestrator/campaign_file/toml_value.hpp"

namespace ratchet {

/// Reads one table of the campaign file. Whatever does not fit is a UserError of the form
/// `ratchet.toml:12: benchmark.min_effect: expected a percentage such as "0.5%", found the boolean true`.
class TableReader {
  public:
    /// Throws for a key of the table that is not among `known`, with the nearest one that is. `name` is the
    /// table's as it stands in messages ("benchmark"; empty for the document).
    TableReader(const TomlValue& table, std::string name, std::string file,
                std::span<const std::string_view> known);

    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const TomlValue* find(const std::string& key) const;

    /// Not empty; throws where it is missing.
    [[nodiscard]] std::string required_text(const std::string& key) const;
    /// Not empty where it is given.
    [[nodiscard]] std::optional<std::string> text(const std::string& key) const;
    /// Each not empty; one text stands for an array of one. Empty where it is missing.
    [[nodiscard]] std::vector<std::string> texts(const std::string& key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(const std::string& key, std::int64_t low,
                                                      std::int64_t high) const;
    /// Longer than nothing; a plain number counts seconds.
    [[nodiscard]] std::optional<Milliseconds> duration(const std::string& key) const;
    /// More than nothing; a plain number counts bytes.
    [[nodiscard]] std::optional<std::int64_t> size(const std::string& key) const;
    /// US dollars, more than nothing: "$5", "$0.50", or a number.
    [[nodiscard]] std::optional<double> money(const std::string& key) const;
    /// A number, or a text that is one.
    [[nodiscard]] std::optional<double> number(const std::string& key) const;
    /// `on`, `off` or a boolean.
    [[nodiscard]] std::optional<bool> switched(const std::string& key) const;
    /// One of these words, as its place among them.
    [[nodiscard]] std::optional<std::size_t> choice(const std::string& key,
                                                    std::span<const std::string_view> words) const;

    template <typename Enum>
    [[nodiscard]] std::optional<Enum> choice(const std::string& key) const {
        const auto place = choice(key, Names<Enum>::names);
        return place ? std::optional<Enum>(static_cast<Enum>(*place)) : std::nullopt;
    }

    /// `<file>:<line>: <table>.<key>: expected <expectation>, found <the value>`.
    [[noreturn]] void expected(const std::string& key, const std::string& expectation) const;
    /// `<file>:<line>: <table>.<key>: <problem>`; the line is the table's where the key is missing.
    [[noreturn]] void refuse(const std::string& key, const std::string& problem,
                             const std::string& hint = {}) const;

  private:
    const TomlValue& table_;
    std::string name_;
    std::string file_;

    [[nodiscard]] std::string full_name(const std::string& key) const;
};

}  // namespace ratchet
