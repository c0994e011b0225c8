#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

/// How unlikely equal sides must be to have looked as good as the search's pairs do (the p-value of the swap
/// test) for the gain to be tested on fresh pairs. Selects only: claims nothing.
inline constexpr double promising_level = 0.02;
/// Evidence that counts for every claim but "kept", whose test has LOND's level: an e-value of 20 is wrong at
/// most once in 20.
inline constexpr double sufficient_evidence = 20;
/// Pairs of a verification, base against champion: fixed beforehand, so that their estimate is honest.
inline constexpr int verification_pairs = 10;
/// Equal A/A pairs after which a metric is taken for deterministic. Six runs that agree to the last digit can
/// still be a coarse clock, so the confirmation of a gain must repeat both values exactly.
inline constexpr int deterministic_pairs = 3;

/// What calibration learnt (the champion against itself).
struct Calibration {
    bool deterministic = false;       ///< then one sample decides
    std::vector<double> differences;  ///< effects of the A/A pairs
    double champion_value = 0;
    double run_seconds = 0;
    bool operator==(const Calibration&) const = default;
};

/// By what the judge decides: the campaign's figures and the state of the night's error budget.
struct Rules {
    Direction direction = Direction::lower;
    Scale scale = Scale::ratio;
    double min_effect = 0.005;  ///< ratio scale: a fraction; difference scale: in the metric's unit
    int min_pairs =
        3;  ///< before a screen may end a search, and of a confirmation. Evidence may end it sooner
    int max_pairs = 40;
    int test = 1;        ///< the t of LOND: which confirmation of the night this would be
    int keeps = 0;       ///< so far
    int budgeted = 200;  ///< experiments
    std::vector<Constraint> constraints;
    std::uint64_t seed = 1;  ///< of the predictive screen's random numbers
    /// Of a candidate that simplifies: by how much it may be worse at most, as an effect, and be kept all the
    /// same. 0: nothing may be given away, so that only an exact metric can show that it is as good. Nothing:
    /// it is no simplification, and only a gain is kept.
    std::optional<double> margin;
    int margin_test = 1;   ///< which test of "not worse" this would be
    int margin_keeps = 0;  ///< for being not worse, so far
};

/// The rules of this campaign, before its first test.
Rules rules_of(const Campaign& campaign);

/// What the next simplification may give away, as an effect: what is left of one min_effect (`all`, as an
/// effect) where `given_away` is gone since the champion was last verified. Less than a quarter of it, which
/// would take sixteen times the pairs to prove, is 0.
double margin_left(double all, double given_away);
/// min_effect as an effect: ln(1 + fraction), so that it agrees with how effects are shown.
double least_effect(const Rules& rules);

/// Evidence as it stands, for the live line and the ledger.
struct Evidence {
    double gain = 0;       ///< of "better": 1 / p of the swap test (long runs, search: the e-value)
    double loss = 0;       ///< e-value of "worse"
    double no_gain = 0;    ///< e-value of "gains less than min_effect"
    double threshold = 0;  ///< what `gain` needs
    double not_worse = 0;  ///< of "not worse than -margin", in the same way as `gain`
};

/// What to do after the pairs so far.
struct Judgement {
    enum class Next { sample, confirm, decided };
    Next next = Next::sample;
    Decision decision;  ///< where next is decided
    Evidence evidence;
    int pairs_wanted = 0;  ///< of confirmation, where next is confirm; or in all, where known
};

/// The effect of one pair: +-ln(candidate/champion) or +-(candidate-champion); positive is better.
/// Precondition: on the ratio scale both values are positive (read_sample refuses others).
double effect_of(const Pair& pair, Direction direction, Scale scale);

/// The effect that the pairs show, with its 95 % interval; those that were set aside count only where there
/// are no others. Precondition: not empty.
Interval estimate_effect(std::span<const Pair> pairs, const Rules& rules);

/// Which e-value serves: `calibrated` where a run takes long (>= 10 s) and there are 20 calibration
/// differences.
bool runs_are_long(const Calibration& calibration);

/// The smallest effect that the sampling budget can see with probability ~0.8, from the noise of the
/// calibration.
double smallest_visible_effect(const Calibration& calibration, const Rules& rules);

/// The fewest pairs with which a search can come to a confirmation.
int fewest_search_pairs();

/// Judges the search pairs (those that are not set aside), in their order. A pure function: the same pairs,
/// the same word, so that a resumed campaign goes on where it was. A simplification also goes on to its
/// confirmation where it looks not worse than -margin, and is not given up for the lack of a gain.
Judgement judge_search(std::span<const Pair> pairs, const Calibration& calibration, const Rules& rules);

/// Judges the confirmation pairs of an experiment whose search said "confirm". Wants a number of pairs that
/// is fixed by the search (so that test and estimate are honest), then decides by the swap test at LOND's
/// level: kept (with the effect's interval), constraint-violated, inconclusive (promising again, but not
/// enough) or no-gain (not even that). A simplification that is not shown to be better is kept, with the
/// basis `not-worse`, where the same test, moved by the margin, refuses "worse by the margin" at its own
/// level and the interval does not lie below zero. Constraints are judged on the pairs of both phases.
Judgement judge_confirmation(std::span<const Pair> search, std::span<const Pair> confirmation,
                             const Calibration& calibration, const Rules& rules);

/// Judges the holdout's pairs: nothing while more are wanted, true where it is not worse. It ends with
/// evidence of a loss (false), with evidence that it loses less than min_effect (true), or after max_pairs:
/// then it is worse where the 95 % interval lies below zero.
std::optional<bool> judge_holdout(std::span<const Pair> pairs, const Calibration& calibration,
                                  const Rules& rules);

/// The calibration made of these A/A pairs, and whether it needs no more: deterministic after
/// `deterministic_pairs` equal ones; else 20 pairs, or fewer (5 at least) where they have taken more than 20
/// s and runs are not long.
struct CalibrationProgress {
    Calibration calibration;
    bool complete = false;
};
CalibrationProgress calibrate(std::span<const Pair> pairs, Direction direction, Scale scale);

}  // namespace ratchet
