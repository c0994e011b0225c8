#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"
#include "orchestrator/briefing/proposer_choice.hpp"

namespace ratchet {

/// What can be tried, as far as the ledger does not know it: a value, so that the policy stays a pure
/// function.
struct Places {
    /// In scope, at the champion; may be empty. See `files_in_scope`.
    std::vector<std::string> files;
};

/// Those of these paths that a proposal may change, in their order.
std::vector<std::string> files_in_scope(const Campaign& campaign, const std::vector<std::string>& paths);

/// The brief of the next experiment: proposer, parent, kind of move, focus, seed, and why. A pure function of
/// the campaign, the ledger, the places, who is passed over, and the experiment's number (brief.id is the
/// number it will have). Somebody must be left to be asked.
///
/// Before all rules, a build or gate that failed may go back once (repair.hpp). Else the proposer is chosen
/// (proposer_choice.hpp), and what follows is as if there were no other.
///
/// The parent is the champion; with `policy = "tree"` an explore or exploit may become an exploit of another
/// promising commit (parents.hpp). With another memory than the digest (`proposer.memory`) the kind of move
/// is always explore, without a focus; else that of the first rule that has something to say:
/// 1. the newest experiments failed in the same way three times or more in a row: repair; from the sixth on,
///    or where nothing was there to be mended, explore with the least tried file;
/// 2. radical: `plateau_of` experiments or more since the last kept one; every fifth from then on;
/// 3. simplify: a step of the champion no longer carries its weight (`ratchet verify --each`) and was not
///    asked for since; the focus is the step;
/// 4. simplify: the newest finished experiment was kept, and with it four, eight, … gains; no focus;
/// 5. combine: two that came near in different ways, or one that came near (or was kept, and conflicts after
///    a veto) before another champion that changed other files; each only once; the focus is both;
/// 6. exploit: one came near in a file that no exploit took up since; never twice in a row; the focus is that
///    file;
/// 7. explore: every other time (by the seed) with no focus, else with a file that nobody tried, else with
///    the least tried one.
/// The rules 2, 5 and 6 look at the newest `experiments_looked_back` experiments, so that their cost does not
/// grow and what is long past is left alone. 3 and 4 rest where nothing may be given away for simplicity
/// before the champion is verified again, unless the metric is exact. Rules of one kind prefer what came
/// nearest: the greatest effect as a multiple of the width of its interval.
Brief plan(const Campaign& campaign, const Ledger& ledger, const Places& places = {},
           const PassedOver& passed_over = {});

/// Among how many of the newest experiments something to take up is looked for.
inline constexpr int experiments_looked_back = 30;

/// Experiments since the last kept one from which on another approach is asked for: half of the budget's
/// plateau (five at least), or twenty.
std::int64_t plateau_of(const Campaign& campaign);

/// Ended without a gain that counts, but its estimate is positive: worth another look.
bool is_near_miss(const Summary& experiment);

/// The numbers that the brief is about: those of its focus ("#3 + #7"); of an exploit, the near miss that its
/// reason begins with.
std::vector<ExperimentId> experiments_named(const Brief& brief);

}  // namespace ratchet
