#pragma once

#include <optional>
#include <string>

#include "orchestrator/briefing/moves.hpp"

namespace ratchet {

/// Another commit than the champion to go on from.
struct OtherParent {
    CommitId commit;
    std::string focus;   ///< the file that it changed
    std::string reason;  ///< begins with its number
};

/// Where to go on from under `policy = "tree"`: nothing for the champion.
///
/// Looked at are the champion and, among the newest experiments, the candidates that stand on it (directly,
/// or on another one of them) and came near without being kept. Each is worth what it was measured to be
/// worth against the champion, halved, because what was chosen for looking good is in truth less good; the
/// champion is worth 0. The greatest upper confidence bound wins (UCB1; Auer, Cesa-Bianchi and Fischer 2002),
///
///     worth + min_effect / 2 · sqrt(2 ln(experiments + 1) / (visits + 1)),
///
/// where experiments and visits (those that started from it) are counted among the newest. Never twice in a
/// row another one than the champion.
std::optional<OtherParent> other_parent(const Situation& situation);

}  // namespace ratchet
