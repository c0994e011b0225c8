#pragma once

// The facts of a ledger as text: a table a file, a row a line. The same facts make the same bytes, whatever
// SQLite wrote them, so that an archive can be compared; and a reader checks each value, so that an archive
// need not be trusted. docs/exchange.md describes the lines.

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/experiment.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// One state of a ledger, read while a campaign may go on writing. Throws as the ledger does.
class FactsReader {
  public:
    explicit FactsReader(const std::filesystem::path& ledger);

    /// All tables of facts (those that the schema guards against changes), sorted by name.
    [[nodiscard]] const std::vector<std::string>& tables() const { return tables_; }
    /// Every row of a table, in the order of its primary key.
    void write(const std::string& table, std::ostream& out);

    /// The name of the campaign; nothing where none was founded.
    [[nodiscard]] std::optional<std::string> campaign();
    [[nodiscard]] std::int64_t experiments();

    /// Every commit that was made for the campaign, by the name of its pin: "17" is the candidate of #17,
    /// "17-1", "17-2" are what it was before it was rebased, "champion" is the champion.
    [[nodiscard]] std::map<std::string, CommitId> commits();
    /// Each commit that the ledger says stands somewhere: bases, parents, candidates, champions.
    [[nodiscard]] std::vector<CommitId> grounds();

    /// Each commit that ever was champion.
    [[nodiscard]] std::vector<CommitId> champions();

  private:
    Database database_;
    Transaction snapshot_;
    std::vector<std::string> tables_;
};

/// Makes a new ledger of such lines. What does not fit is a UserError that says where; the file is then
/// worth nothing.
class FactsWriter {
  public:
    /// `ledger` must not exist.
    explicit FactsWriter(const std::filesystem::path& ledger);

    [[nodiscard]] bool has_table(std::string_view table) const;
    /// A row; `place` ("ledger/pair.jsonl, line 3") is for the message.
    void add(const std::string& table, std::string_view line, const std::string& place);
    /// Checks the whole, makes the derived tables and makes it durable.
    void finish();

  private:
    void insert(const std::string& table, std::string_view line);

    Database database_;
    Transaction transaction_;
    std::map<std::string, std::vector<std::string>, std::less<>> columns_;  ///< by table
};

}  // namespace ratchet
