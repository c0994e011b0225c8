#pragma once

#include <functional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "experiment_store/ledger.hpp"

namespace ratchet {

/// Something that is asked of a ledger in every experiment, or that a person looks at every day: how long the
/// ledger is may not matter to it.
struct EverydayWork {
    std::string name;
    std::function<void(const Campaign& campaign, const Ledger& ledger)> ask;
};

/// Over a ledger of some dozens of experiments at the least.
std::vector<EverydayWork> everyday_work();

/// One experiment from its brief to its verdict, through the calls of the ledger that a campaign makes.
void go_through_an_experiment(const Campaign& campaign, Ledger& ledger);

}  // namespace ratchet
