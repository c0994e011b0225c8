#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// Who is not to be asked now, by name, and why.
using PassedOver = std::map<std::string, std::string>;

struct ChosenProposer {
    std::string name;
    std::string reason;  ///< in one line; empty where there is only one proposer
};

/// What the choice goes by: how one proposer did among the newest experiments.
struct ProposerRecord {
    std::string name;
    int experiments = 0;  ///< that it was asked for
    int kept = 0;
    double gain = 0;    ///< the sum of the kept effects
    double reward = 0;  ///< the sum of rewards, each 0 to 1
    double cost = 0;    ///< of one proposal, in dollars or minutes
    bool in_dollars = false;
};

/// So many of the newest experiments are looked at, so that the choice follows what is true now and its cost
/// does not grow; who had no turn among them is as good as new.
inline constexpr int experiments_that_choose = 100;

/// In the order of the campaign file.
std::vector<ProposerRecord> records_of(const Campaign& campaign, const Ledger& ledger);

/// Who is asked next, of those that are not passed over: a pure function of the campaign, the ledger and the
/// seed (of the brief). Nothing where all are passed over.
///
/// weights: by lot, each with its weight.
///
/// bandit: Thompson sampling for bandits with costs (Xia, Li, Qin, Yu and Liu, IJCAI 2015). Each experiment
/// earns its proposer a reward: its confirmed gain as a share of the greatest one among the experiments
/// looked at, and 0 where it was not kept. What a proposal of each earns is drawn from Beta(1 + rewards, 1 +
/// experiments - rewards), and the greatest draw for its cost is asked. The cost is the mean of its proposals
/// in dollars, where that is known of all of them, else in minutes; a proposal that came to nothing counts
/// with the mean of all, since to fail at once is not to be cheap. Who was not asked yet is drawn evenly from
/// 0 to 1 at the mean cost. So nobody is left out for good: who has few experiments among the newest is
/// uncertain, and what is uncertain is drawn high now and then.
std::optional<ChosenProposer> choose_proposer(const Campaign& campaign, const Ledger& ledger,
                                              std::uint64_t seed, const PassedOver& passed_over = {});

}  // namespace ratchet
