// Whether a long run stays as it began: the cheapest campaign, in one process, looked at from outside all the
// time. Each figure over the first, the middle and the last tenth of it: the median time of an experiment,
// and the highest of the rest.
//
//   soak [EXPERIMENTS]      10000 if not said

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/performance/real_campaign.hpp"

namespace {

namespace fs = std::filesystem;
using namespace ratchet::performance;

struct Look {
    long resident_kibibytes = 0;
    long threads = 0;
    long descriptors = 0;
    long files = 0;  ///< of the state folder, but for the logs
};

long entries(const fs::path& folder) {
    std::error_code failed;
    return std::distance(fs::directory_iterator(folder, failed), fs::directory_iterator());
}

/// A line of /proc/PID/status.
long in_status(const fs::path& process, const std::string& name) {
    std::ifstream status(process / "status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name + ":")) return std::atol(line.c_str() + name.size() + 1);
    }
    return 0;
}

long files_but_logs(const fs::path& state) {
    long count = 0;
    std::error_code failed;
    for (auto entry = fs::recursive_directory_iterator(state, failed);
         !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
        if (entry->path().filename() == "logs") entry.disable_recursion_pending();
        ++count;
    }
    return count;
}

/// Looks once a second until told to stop.
class Watch {
  public:
    explicit Watch(fs::path state) : state_(std::move(state)), thread_([this] { watch(); }) {}
    ~Watch() { end(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    const std::vector<Look>& end() {
        over_ = true;
        if (thread_.joinable()) thread_.join();
        return looks_;
    }

  private:
    void watch() {
        while (!over_) {
            std::this_thread::sleep_for(std::chrono::seconds(1));
            std::string runner;
            std::ifstream(state_ / "runner.lock") >> runner;
            const fs::path process = fs::path("/proc") / runner;
            const Look look{in_status(process, "VmRSS"), in_status(process, "Threads"),
                            entries(process / "fd"), files_but_logs(state_)};
            if (!runner.empty() && look.threads > 0) looks_.push_back(look);
        }
    }

    fs::path state_;
    std::atomic<bool> over_ = false;
    std::vector<Look> looks_;
    std::thread thread_;
};

long highest(const std::vector<Look>& looks, int tenth, long Look::* figure) {
    const auto count = static_cast<std::ptrdiff_t>(looks.size());
    long most = 0;
    std::for_each(looks.begin() + count * tenth / 10, looks.begin() + count * (tenth + 1) / 10,
                  [&](const Look& look) { most = std::max(most, look.*figure); });
    return most;
}

void soak(int experiments) {
    const RealCampaign campaign("cost", cheapest_campaign(experiments));
    Watch watch(campaign.state_folder());
    campaign.run();
    const std::vector<Look> looks = watch.end();
    const auto made = campaign.experiments();
    fmt::print("{} experiments, {} looks; over the first, the sixth and the last tenth:\n", made.size(),
               looks.size());
    const auto row = [&](const char* what, auto figure_of) {
        fmt::print("{:<36}{:>10}{:>10}{:>10}\n", what, figure_of(0), figure_of(5), figure_of(9));
    };
    row("an experiment, median wall ms", [&](int tenth) {
        return static_cast<long>(median_cost(made, experiments * tenth / 10, experiments * (tenth + 1) / 10));
    });
    row("resident memory, KiB", [&](int tenth) { return highest(looks, tenth, &Look::resident_kibibytes); });
    row("threads", [&](int tenth) { return highest(looks, tenth, &Look::threads); });
    row("descriptors", [&](int tenth) { return highest(looks, tenth, &Look::descriptors); });
    row("files of the state folder, no logs", [&](int tenth) { return highest(looks, tenth, &Look::files); });
    fmt::print("logs of {} experiments\n", entries(campaign.state_folder() / "logs"));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        soak(argc > 1 ? std::atoi(argv[1]) : 10000);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "soak: %s\n", error.what());
        return 1;
    }
    return 0;
}
