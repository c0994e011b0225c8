#pragma once

// Finding again what was tried: by words, and by what a diff looks like.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/ledger.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// What the full text of an experiment is made of; one column of the index each, the telling ones weighing
/// more.
struct Document {
    std::string idea;
    std::string notes;
    std::string reason;
    std::string files;
    std::string output;
};

/// Adds a document under this number, or takes away one that was added with exactly these texts.
void remember(Database& database, ExperimentId id, const Document& document);
void forget(Database& database, ExperimentId id, const Document& document);

/// The words of a text that stand in at least one document, rarest first, each once, at most `limit`. A query
/// over common words costs a walk over most of the ledger and finds nothing that the rare ones would not (6
/// of the rarest words take 57 ms among a million documents, 20 common ones 2.2 s).
std::vector<std::string> rarest_words(Database& database, std::string_view text, std::size_t limit);

/// Experiments with any of the rarest words of the text, best match (bm25) first.
std::vector<ExperimentId> matches(Database& database, std::string_view text, int limit);

/// 64-bit SimHash (Charikar 2002) of the changed lines of a git patch: of the pairs of neighbouring tokens
/// among the removed, and among the added ones of a hunk. White space, line breaks, context, and line numbers
/// do not matter. 0 where no line is changed (a pure rename, a binary patch, nothing at all).
std::uint64_t fingerprint_of(std::string_view diff);

/// In how many of their 64 bits two fingerprints differ. Unrelated diffs differ in about 32.
int distance(std::uint64_t one, std::uint64_t other);

/// All fingerprints of a ledger, in memory: a scan over a million takes less than a millisecond, so no index
/// is needed.
class Fingerprints {
  public:
    /// Reads those that the ledger has gained since the last call.
    void refresh(Database& database);
    /// Reads all again at the next refresh.
    void clear();
    /// Those within this many bits, nearest first, then newest, at most `limit`.
    [[nodiscard]] std::vector<Near> near(std::uint64_t fingerprint, int max_distance, int limit) const;

  private:
    std::vector<std::uint64_t> values_;
    std::vector<ExperimentId> experiments_;
    std::int64_t last_row_ = 0;
};

}  // namespace ratchet
