#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "experiment_store/experiment.hpp"

namespace ratchet::performance {

/// Runs a shell command; throws std::runtime_error where it fails.
void shell(const std::string& command);

/// A fresh repository with a campaign in it, driven by the real program as a user would. Goes away with it.
class RealCampaign {
  public:
    using Files = std::vector<std::pair<std::string, std::string>>;  ///< name and content

    /// Commits these files; `ratchet.toml` must be among them and name the campaign `name`. Files below
    /// proposals/ are written, but not committed.
    RealCampaign(std::string name, const Files& files);
    ~RealCampaign();
    RealCampaign(const RealCampaign&) = delete;
    RealCampaign& operator=(const RealCampaign&) = delete;

    /// `ratchet run` to its end, without the closing verification where it is not asked for.
    void run(bool verify = false) const;
    [[nodiscard]] std::filesystem::path state_folder() const;
    /// What the ledger has of each experiment, in order of their numbers.
    [[nodiscard]] std::vector<Experiment> experiments() const;

  private:
    std::string name_;
    std::filesystem::path folder_;
};

/// The campaign `cost`, whose experiments cost hardly anything but what ratchet itself costs: the proposer
/// writes one unique line, build and gate are `true`, the benchmark prints a constant METRIC, so that one
/// sample decides.
RealCampaign::Files cheapest_campaign(int experiments);

/// The median of the time from one experiment's end to the next one's, in ms, over the numbers (from, to].
double median_cost(const std::vector<Experiment>& experiments, int from, int to);

}  // namespace ratchet::performance
