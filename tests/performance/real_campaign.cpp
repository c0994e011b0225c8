#include "tests/performance/real_campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "experiment_store/ledger.hpp"

namespace ratchet::performance {

namespace fs = std::filesystem;

namespace {

struct NoClock final : Clock {
    [[nodiscard]] Timestamp now() const override { return {}; }
};

}  // namespace

void shell(const std::string& command) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("this failed: " + command);
}

RealCampaign::RealCampaign(std::string name, const Files& files) : name_(std::move(name)) {
    std::string folder = (fs::temp_directory_path() / "ratchet-performance-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    for (const auto& [file, content] : files) {
        fs::create_directories((folder_ / file).parent_path());
        std::ofstream(folder_ / file, std::ios::binary) << content;
    }
    shell(
        fmt::format("cd {} && git init -q . && echo proposals/ >> .git/info/exclude && git add -A && "
                    "git -c user.name=a -c user.email=a@example.org commit -qm base",
                    folder_.string()));
}

RealCampaign::~RealCampaign() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void RealCampaign::run(bool verify) const {
    // What it said is the explanation where it fails.
    shell(fmt::format("cd {} && {{ {} run {} > .git/run.log 2>&1 || {{ cat .git/run.log >&2; false; }}; }}",
                      folder_.string(), RATCHET_PROGRAM, verify ? "" : "--no-verify"));
}

fs::path RealCampaign::state_folder() const {
    return folder_ / ".git/ratchet" / name_;
}

std::vector<Experiment> RealCampaign::experiments() const {
    const NoClock clock;
    const Ledger ledger(state_folder() / "ledger.sqlite", clock, Ledger::Mode::read_only);
    std::vector<Experiment> experiments;
    for (std::int64_t number = 1; number <= ledger.experiment_count(); ++number)
        experiments.push_back(*ledger.experiment({number}));
    return experiments;
}

RealCampaign::Files cheapest_campaign(int experiments) {
    const std::string campaign = fmt::format(R"([campaign]
name = "cost"
goal = "Nothing."
scope = ["line.txt"]
[build]
command = "true"
[[gate]]
name = "gate"
command = "true"
[benchmark]
command = "echo METRIC cost=1"
metric = "cost"
direction = "lower"
[proposer]
use = "command"
command = "cat /proc/sys/kernel/random/uuid > line.txt"
[budget]
experiments = {}
)",
                                             experiments);
    return {{"line.txt", "0\n"}, {"ratchet.toml", campaign}};
}

double median_cost(const std::vector<Experiment>& experiments, int from, int to) {
    std::vector<double> costs;
    for (auto number = static_cast<std::size_t>(std::max(from, 1)); number < static_cast<std::size_t>(to);
         ++number) {
        const Experiment& earlier = experiments.at(number - 1);
        const Experiment& later = experiments.at(number);
        costs.push_back(static_cast<double>((*later.finished_at - *earlier.finished_at).count()));
    }
    std::nth_element(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2),
                     costs.end());
    return costs[costs.size() / 2];
}

}  // namespace ratchet::performance
