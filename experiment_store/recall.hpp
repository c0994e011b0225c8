#pragma once

// Finding again what was tried: by words, and by what a diff looks like.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/ledger.hpp"
#include "experiment_store/likeness.hpp"
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

/// The words of a text that stand in at least one document, rarest first, each once, at most `limit`. Words
/// are counted up to `common_word` places; those that reach it are alike. Of a long text the first 64
/// different words are looked at.
std::vector<std::string> rarest_words(Database& database, std::string_view text, std::size_t limit);

/// A word with so many places is common: it finds nothing that a rarer one would not, but ranking all its
/// documents takes long (2 µs each; 20 common words among a million documents took 2.2 s, the 6 rarest 57
/// ms).
inline constexpr int common_word = 2000;

/// Experiments with any of the six rarest words of the text, best match (bm25) first. So that the time stays
/// flat, words whose places would be more than `common_word` together are left out, and where there are only
/// common words, only the newest `common_word` experiments are searched.
std::vector<ExperimentId> matches(Database& database, std::string_view text, int limit);

/// All fingerprints of a ledger, in memory: a scan over a million takes a millisecond or two, so no index
/// is needed.
class Fingerprints {
  public:
    /// Reads those that the ledger has gained since the last call.
    void refresh(Database& database);
    /// Reads all again at the next refresh.
    void clear();
    /// After a row of `fingerprint` with this id: where it is the last of a block, the block.
    static void derive_block(Database& database, std::int64_t id);
    /// Those within this many bits, of experiments from this one on: nearest first, then newest, at most
    /// `limit`.
    [[nodiscard]] std::vector<Near> near(std::uint64_t fingerprint, int max_distance, int limit,
                                         ExperimentId from = {}) const;

  private:
    void read_blocks(Database& database);

    std::vector<std::uint64_t> values_;
    std::vector<ExperimentId> experiments_;
    std::int64_t last_row_ = 0;
};

}  // namespace ratchet
