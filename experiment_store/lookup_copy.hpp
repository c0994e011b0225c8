#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "experiment_store/ledger.hpp"

namespace ratchet {

class Database;
class LookupStatements;

/// A copy of a ledger for proposers: they may look into it while they work, and must not learn all that the
/// ledger holds. It has the finished experiments with their diffs, notes, runs and pairs, and what belongs to
/// the campaign as a whole. It has neither that there is a held-out benchmark (what lost on it reads as a
/// gain that was not confirmed, without its figures), nor prompts, the campaign file, hosts, sessions, the
/// sabotage, or names of logs.
///
/// It is a ledger like any other to those who read it, and derived like an index: nothing of it is synced,
/// and where it is gone, damaged or of another version, it is made again.
class LookupCopy {
  public:
    /// The copy stands in this file, which may not be there yet. The clock must outlive it.
    LookupCopy(std::filesystem::path file, const Clock& clock);
    ~LookupCopy();
    LookupCopy(const LookupCopy&) = delete;
    LookupCopy& operator=(const LookupCopy&) = delete;

    /// Takes over what the ledger has gained since the last call: the cost grows with that alone. Throws
    /// NoRoom where the disk is full.
    void catch_up(const Ledger& ledger);

  private:
    void open();
    void make_anew();
    void take_over(Database& ledger);

    std::filesystem::path file_;
    const Clock& clock_;
    std::unique_ptr<Database> copy_;
    std::unique_ptr<LookupStatements> statements_;
};

/// The tables of facts of which nothing is copied.
std::span<const std::string_view> tables_not_for_lookup();
/// Those that are copied.
std::vector<std::string_view> tables_for_lookup();

/// What a proposer is told of a decision, here and in every prompt: that a gain on the benchmark was lost on
/// the held-out one reads as not confirmed, without the figure.
Decision as_told_to_proposers(Decision decision);

}  // namespace ratchet
