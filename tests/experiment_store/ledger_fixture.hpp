#pragma once

// What the tests of the ledger share: a clock that ticks by hand, values that are easy to tell apart, a
// campaign.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "experiment_store/ledger.hpp"

namespace ratchet::test {

class HandClock : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override { return now_; }
    void tick(std::chrono::milliseconds by = std::chrono::seconds(1)) { now_ += by; }

  private:
    Timestamp now_{std::chrono::seconds(1'800'000'000)};
};

/// 40 hexadecimal digits that end in this number.
inline std::string hex(int number) {
    const std::string digits = std::to_string(number);
    return std::string(40 - digits.size(), 'a') + digits;
}
inline CommitId commit(int number) {
    return {hex(number)};
}
inline TreeId tree(int number) {
    return {std::string(1, 'e') + hex(number).substr(1)};
}

inline const CommitId base = commit(0);

inline CampaignIdentity identity() {
    CampaignIdentity identity;
    identity.name = "matmul";
    identity.metric = "time_ms";
    identity.unit = "ms";
    identity.direction = Direction::lower;
    identity.scale = Scale::ratio;
    identity.seed = 0xfedcba9876543210U;
    identity.base = base;
    identity.goal = "Make it faster.";
    identity.created_at = Timestamp(std::chrono::seconds(1'700'000'000));
    identity.base_tree = tree(0);
    identity.budgeted = 120;
    return identity;
}

/// A git patch that replaces one line of a file by another.
inline std::string patch(const std::string& path, const std::string& before, const std::string& after) {
    return "diff --git a/" + path + " b/" + path + "\n--- a/" + path + "\n+++ b/" + path +
           "\n@@ -7 +7 @@\n-" + before + "\n+" + after + "\n";
}

inline Proposal proposal(const std::string& idea = "use a larger block",
                         const std::string& path = "src/matmul.cpp") {
    Proposal proposal;
    proposal.diff = patch(path, "int block = 8;", "int block = 64;  // " + idea);
    proposal.notes.hypothesis = idea;
    proposal.files = {{path, 1, 1}};
    proposal.patch_id = "patch of " + idea;
    proposal.captured_at = Timestamp(std::chrono::seconds(1'800'000'001));
    return proposal;
}

inline Decision decision(Verdict verdict, std::optional<double> estimate = std::nullopt) {
    Decision decision;
    decision.verdict = verdict;
    decision.reason = "because it is " + std::string(name_of(verdict));
    if (estimate) decision.effect = Interval{*estimate - 0.01, *estimate, *estimate + 0.01};
    return decision;
}

inline Pair pair(Phase phase, int index, double champion_value = 10, double candidate_value = 9) {
    Pair pair;
    pair.phase = phase;
    pair.index = index;
    pair.champion_commit = base;
    pair.candidate_commit = commit(1);
    pair.champion.value = champion_value;
    pair.candidate.value = candidate_value;
    return pair;
}

inline StageRun failed_run(Stage stage, const std::string& name, const std::string& tail) {
    StageRun run;
    run.stage = stage;
    run.name = name;
    run.exit_status = 1;
    run.tail = tail;
    return run;
}

/// A founded campaign in memory, in its first epoch.
class LedgerTest : public ::testing::Test {
  protected:
    LedgerTest() {
        ledger.found(identity());
        ledger.begin_epoch("harness", "[campaign]\n", base);
    }

    ExperimentId begin(const CommitId& parent = base) {
        Brief brief;
        brief.parent = parent;
        brief.proposer = "tune";
        return ledger.begin(brief, "the prompt");
    }

    /// Begun, proposed and captured; commit and tree carry its number.
    ExperimentId candidate(const CommitId& parent = base, const Proposal& proposed = proposal()) {
        const ExperimentId id = begin(parent);
        ledger.store_proposal(id, proposed);
        ledger.captured(id, commit(static_cast<int>(id.value)), tree(static_cast<int>(id.value)));
        return id;
    }

    ExperimentId finished(Verdict verdict, const CommitId& parent = base,
                          const Proposal& proposed = proposal(),
                          std::optional<double> effect = std::nullopt) {
        const ExperimentId id = candidate(parent, proposed);
        ledger.finish(id, decision(verdict, effect), ledger.champion().commit);
        return id;
    }

    HandClock clock;
    Ledger ledger{":memory:", clock};
};

/// A folder of its own that goes away with it.
class TemporaryFolder {
  public:
    explicit TemporaryFolder(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
        std::string name = (parent / "ratchet-ledger-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path file() const { return path_ / "ledger.sqlite"; }

  private:
    std::filesystem::path path_;
};

/// Where files are only memory, for tests that write much and whose subject is not the disk.
inline std::filesystem::path memory_folder() {
    const std::filesystem::path shared_memory = "/dev/shm";
    return access(shared_memory.c_str(), W_OK) == 0 ? shared_memory : std::filesystem::temp_directory_path();
}

}  // namespace ratchet::test
