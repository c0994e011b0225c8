#pragma once

// A ledger of as many experiments as one likes, as a long campaign would have left it.
//
// Real: the schema; what each call of the ledger writes and derives (the same functions, in larger
// transactions); that prompts are written from the ledger as it grows; compression; proportions of verdicts,
// pairs, outputs, duplicates and notes like those of a night. Made up: all texts, by made_texts.hpp;
// commits and trees, which are in no git; figures of runs. Keeps get rarer: 3 n^0.4 of the first n.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "experiment_store/ledger.hpp"
#include "tests/performance/made_texts.hpp"

namespace ratchet::performance {

/// Stands still until told; one for each ledger that is made.
class MadeClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override { return now_; }
    void go_on(Seconds time) { now_ += std::chrono::duration_cast<std::chrono::milliseconds>(time); }
    void set(Timestamp now) { now_ = now; }

  private:
    Timestamp now_{std::chrono::milliseconds(1'740'787'200'000)};  // 2025-03-01 00:00 UTC
};

/// Everything of one experiment, before any of it is written.
struct MadeExperiment {
    Brief brief;
    Proposal proposal;
    CommitId candidate;  ///< empty: there was nothing to capture
    TreeId tree;
    Stage last_stage = Stage::captured;  ///< before it is finished
    std::vector<StageRun> runs;
    std::vector<Pair> pairs;
    Decision decision;
};

class MadeExperiments {
  public:
    explicit MadeExperiments(std::uint64_t seed);

    /// The next one of a campaign with this champion, of which the newest is #`last`.
    MadeExperiment next(std::int64_t last, const CommitId& champion, Timestamp now);
    /// What a person would note.
    std::string note() { return texts_.note(chance_); }
    Chance& chance() { return chance_; }
    MadeTexts& texts() { return texts_; }

  private:
    void run_it(MadeExperiment& made, Verdict verdict, Timestamp now);
    void fail(MadeExperiment& made, Verdict verdict);
    void measure(MadeExperiment& made, Verdict verdict, Timestamp now);
    void reject(MadeExperiment& made);
    Verdict verdict_of(std::int64_t number);
    Sample sample(double value);

    /// What a later proposal may repeat.
    struct Evaluated {
        ExperimentId id;
        TreeId tree;
        MadeChange change;
    };

    MadeTexts texts_;
    Chance chance_;
    std::vector<Evaluated> evaluated_;
};

/// Writes the prompt of the next experiment from a ledger.
using WritePrompt = std::function<std::string(const Ledger&)>;

/// Makes the ledger in this file, which must not be there yet, with so many experiments.
void make_ledger(const std::filesystem::path& file, std::int64_t experiments,
                 const CampaignIdentity& identity, const std::string& campaign_file,
                 const WritePrompt& write_prompt, const std::function<void(std::int64_t)>& tell_progress);

/// One experiment through the calls of the ledger, as a run makes them; returns how many there were.
int record(Ledger& ledger, const MadeExperiment& made, const std::string& prompt);

}  // namespace ratchet::performance
