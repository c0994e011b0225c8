#pragma once

#include <memory>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// Ticks one minute at each look.
class TickingClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override { return now_ += std::chrono::minutes(1); }

  private:
    mutable Timestamp now_{std::chrono::milliseconds(1'740'787'200'000)};  // 2025-03-01 00:00 UTC
};

/// What a test wants to have stand in the ledger; the rest is made up.
struct Told {
    Verdict verdict = Verdict::no_gain;
    std::string idea = {};
    std::string file = "src/matmul.cpp";
    std::optional<double> effect = {};  ///< with `half_width` on either side
    std::string reason = {};
    std::vector<std::string> next_ideas = {};
    std::string output = {};  ///< the tail of the command that failed
    std::string diff = {};    ///< empty: one that is unlike all others
    Move move = Move::explore;
    std::string focus = {};
    Basis basis = Basis::evidence;  ///< where it was measured
    std::optional<Rejection> rejection = {};
    std::string proposer = {};  ///< empty: the campaign's
    double half_width = 0.01;
    CommitId parent = {};        ///< empty: the champion
    std::string functions = {};  ///< that the made up diff touches: "multiply, add"
    std::string learned = {};
    Usage usage = {};
    std::string model = {};
    std::vector<ModelRequest> model_requests = {};
    std::optional<ExperimentId> repair_of = {};
};

/// A ledger in memory that is filled through its own interface, as a campaign would.
class RecordedLedger {
  public:
    RecordedLedger();

    ExperimentId record(const Told& told);
    /// Begins an experiment and leaves it there.
    ExperimentId begin();

    [[nodiscard]] Ledger& ledger() { return *ledger_; }
    [[nodiscard]] const Campaign& campaign() const { return campaign_; }
    [[nodiscard]] Campaign& campaign() { return campaign_; }

  private:
    TickingClock clock_;
    Campaign campaign_;
    std::unique_ptr<Ledger> ledger_;
};

/// The campaign that the tests tell of: a matrix multiplication.
Campaign matmul_campaign();

/// 40 digits that look like a commit's and are the same in every run.
std::string digits(std::uint64_t number);

/// The ledger of a night with every kind of verdict: 12 experiments, of which #2 and #7 are kept, #9 is
/// vetoed.
void record_a_night(RecordedLedger& recorded);

/// The same kind of story, told at length: this many experiments in all.
void record_many(RecordedLedger& recorded, int count);

}  // namespace ratchet
