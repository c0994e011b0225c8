#pragma once

// Made-up texts of a campaign that look like real ones: a repository of files with functions, diffs of them,
// what a proposer says about a diff, and what a command prints that fails. Everything follows from the seed.
// What people and programs write is skewed: a few files, functions and words are everywhere, most are rare.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"

namespace ratchet::performance {

/// SplitMix64 (Steele, Lea and Flood 2014).
class Chance {
  public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next();
    double share();  ///< from 0 to 1
    bool happens(double probability) { return share() < probability; }
    int between(int low, int high);  ///< both included
    double normal();                 ///< of mean 0 and deviation 1
    /// From 0 to count - 1; each about in inverse proportion to its rank (Zipf).
    std::size_t skewed(std::size_t count);
    std::string hexadecimal(std::size_t digits);

    template <typename Type>
    const Type& skewed(const std::vector<Type>& from) {
        return from[skewed(from.size())];
    }

  private:
    std::uint64_t state_;
};

/// What came back for one brief, without what it cost.
struct MadeChange {
    std::string diff;
    std::vector<TouchedFile> files;
    std::string function;  ///< the first that it touches
    std::string patch_id;
};

class MadeTexts {
  public:
    explicit MadeTexts(std::uint64_t seed);

    /// A change of 5 to 60 lines in one to three files; now and then nearly one of the last thousand.
    MadeChange change(Chance& chance);
    [[nodiscard]] Notes notes(Chance& chance, const MadeChange& change) const;
    /// What a note of a person says.
    [[nodiscard]] std::string note(Chance& chance) const;
    /// The end of what failed: some 15 to 60 lines, one of which tells; of signatures that recur.
    [[nodiscard]] std::string build_output(Chance& chance) const;
    [[nodiscard]] std::string test_output(Chance& chance) const;
    [[nodiscard]] const std::string& path(Chance& chance) const;
    [[nodiscard]] const std::string& most_changed_file() const { return paths_.front(); }

  private:
    struct File {
        std::string path;
        std::vector<std::string> functions;
    };

    [[nodiscard]] std::string code_line(Chance& chance) const;
    [[nodiscard]] std::string sentence(Chance& chance, const std::string& function) const;
    [[nodiscard]] std::string noise(Chance& chance) const;
    void add_hunk(Chance& chance, const std::string& function, int lines, std::string& diff,
                  TouchedFile& file) const;
    MadeChange fresh_change(Chance& chance) const;
    MadeChange nearly(Chance& chance, MadeChange change) const;

    std::vector<std::string> words_;        ///< of prose, from the most frequent to the rarest
    std::vector<std::string> identifiers_;  ///< of code, likewise
    std::vector<File> files_;
    std::vector<std::string> paths_;
    std::vector<MadeChange> recent_;
    std::size_t oldest_ = 0;  ///< in recent_, once that is full
};

}  // namespace ratchet::performance
