#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {

/// One passing of a point of crash_point.hpp: "ledger/finish committed", for the third time.
struct Passing {
    std::string point;
    int pass = 1;
    [[nodiscard]] std::string text() const { return point + "#" + std::to_string(pass); }
};

/// The `nth` passing of whichever point comes to it first, those of earlier runs counted too. Run after run,
/// and where a run goes on from there, it is another point each time.
inline Passing any_point(int nth) {
    return {"any", nth};
}

/// A run without the twenty pairs at its end, which only cost time here.
inline const std::vector<std::string> usual_run = {"run", "--no-verify"};

struct FaultSettings {
    std::string tier = "strong";                                ///< what sandbox.require says
    std::string more;                                           ///< stands in the campaign file behind that
    std::vector<std::pair<std::string, std::string>> changes;   ///< of the campaign file: from, to
    std::vector<std::size_t> patches;                           ///< of the twelve, from 0; empty: all
    std::vector<std::pair<int, int>> costs;                     ///< instead of these: cost from, to
    std::optional<Passing> begun;                               ///< a first run was killed there already
    std::vector<std::vector<std::string>> verbs = {usual_run};  ///< what is done, one after the other
    std::filesystem::path records = std::filesystem::temp_directory_path();  ///< where points are recorded
};

/// A campaign of twelve experiments that is disturbed, and what has to be true of it all the same.
class FaultCampaign {
  public:
    /// The settings are not committed: all such campaigns have the same trees.
    explicit FaultCampaign(FaultSettings settings = {});
    ~FaultCampaign();
    FaultCampaign(const FaultCampaign&) = delete;
    FaultCampaign& operator=(const FaultCampaign&) = delete;

    [[nodiscard]] const ToyCampaign& toy() const { return toy_; }
    /// What the program is told, so that it records the points that it passes and, where `variable` is given
    /// (RATCHET_KILL_AT, RATCHET_STOP_AT), does something at one of them.
    [[nodiscard]] std::vector<std::string> environment(const std::string& variable = {},
                                                       const Passing& at = {}) const;
    /// How often each point was passed so far, over all runs.
    [[nodiscard]] std::map<std::string, int> points() const;
    [[nodiscard]] std::string last_point() const;
    /// Where they are recorded.
    [[nodiscard]] const std::filesystem::path& record() const { return record_; }
    /// All its verbs to their end, with status 0. `more` stands in the environment, too.
    void run_to_the_end(const std::vector<std::string>& more = {}) const;
    /// The same, but each time a point is passed for the `nth` time, over all runs, the program is killed
    /// there, and the verb begun again. Nothing may be lost in between. Returns how often it was killed.
    [[nodiscard]] int run_and_be_killed(int nth) const;

    /// After a kill at a point: the ledger is whole and holds all that was committed, each candidate is
    /// pinned, and what is the user's is as it was.
    void expect_nothing_lost() const;
    /// After the end: the same experiments, verdicts and champion as in `undisturbed`, and nothing left over.
    void expect_same_as(const FaultCampaign& undisturbed) const;

    /// All of the ledger and of git that does not depend on the time.
    [[nodiscard]] std::vector<std::string> story() const;
    /// Files of the git directory, but for objects and SQLite's own log.
    [[nodiscard]] std::set<std::string> files() const;

  private:
    [[nodiscard]] std::map<std::string, std::string> what_is_the_users() const;
    void begin() const;
    void expect_pinned(const Ledger& ledger) const;

    FaultSettings settings_;
    ToyCampaign toy_;
    std::filesystem::path record_;  ///< of the points
    std::map<std::string, std::string> users_;
};

/// A campaign of the usual settings that nobody disturbed, run once in this process.
const FaultCampaign& undisturbed();

/// Whether the program has stopped itself; nothing where it has ended.
std::optional<bool> is_stopped(const Program& program);
/// Waits until the program has stopped itself; false: it has ended instead.
bool has_stopped(Program& program);

/// The folders of control groups that this process of ratchet made and that are still there.
std::vector<std::string> control_groups_of(pid_t process);

}  // namespace ratchet::test
