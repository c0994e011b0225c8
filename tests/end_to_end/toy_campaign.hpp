#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet::test {

/// For who reads a ledger only: nothing asks it for the time.
struct StillClock final : Clock {
    [[nodiscard]] Timestamp now() const override { return {}; }
};

/// One patch of a replay campaign and what should come of it.
struct ToyPatch {
    std::string name;
    std::string diff;      ///< may be empty
    std::string expected;  ///< verdict, or verdict/rejection
};

/// A git repository whose "performance" is a number in a file: `cost.txt` is what the benchmark prints, so
/// that every verdict can be had in milliseconds and each run of the campaign tells the same story.
class ToyCampaign {
  public:
    /// `folder` below the repository's root holds the campaign ("" is the root).
    explicit ToyCampaign(std::string folder = {});
    ~ToyCampaign();
    ToyCampaign(const ToyCampaign&) = delete;
    ToyCampaign& operator=(const ToyCampaign&) = delete;

    [[nodiscard]] std::filesystem::path root() const { return root_; }
    [[nodiscard]] std::filesystem::path folder() const { return root_ / folder_; }
    [[nodiscard]] std::filesystem::path ledger() const;
    [[nodiscard]] std::filesystem::path state() const;
    /// Writes a file of the repository (relative to its root).
    void write(const std::string& path, const std::string& content) const;
    [[nodiscard]] std::string read(const std::string& path) const;
    void commit(const std::string& message) const;
    /// Replaces text in ratchet.toml.
    void configure(const std::string& from, const std::string& to) const;
    /// The patch that sets the cost from one number to another, with a line of explanation.
    [[nodiscard]] std::string cost_patch(int from, int to) const;
    /// Writes the patches into proposals/, in order.
    void propose(const std::vector<ToyPatch>& patches) const;
    /// Twelve proposals, among them every verdict that a deterministic metric can have.
    [[nodiscard]] std::vector<ToyPatch> twelve() const;

  private:
    std::filesystem::path root_;
    std::string folder_;
};

/// "kept", "rejected/duplicate", …: how an experiment ended, in one word.
std::string word_of(const Experiment& experiment);

/// What these patches say should come of them.
std::vector<std::string> expected_words(const std::vector<ToyPatch>& patches);

/// The words of all experiments in the ledger, in order of their numbers.
std::vector<std::string> words_of(const std::filesystem::path& file);

}  // namespace ratchet::test
