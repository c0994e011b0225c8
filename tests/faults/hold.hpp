#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/faults/fault_campaign.hpp"

namespace ratchet::test {

/// Holds commands of a campaign where they are, inside of their sandbox, for as long as a file of the host is
/// there.
class Hold {
  public:
    Hold();
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    /// The campaign whose build, gate or benchmark is held.
    [[nodiscard]] FaultSettings settings(const std::string& stage, const std::string& tier = "strong") const;
    /// What a command begins with that can be held.
    [[nodiscard]] std::string command() const;
    void take() const;
    void release() const;
    /// Waits until a command of this program is held.
    [[nodiscard]] bool holds() const;
    /// The processes between ratchet and the command that is held, by what they are: "outside", "bwrap",
    /// "inside".
    [[nodiscard]] std::vector<pid_t> helpers(const std::string& kind) const;

  private:
    std::filesystem::path folder_;
};

/// Waits until the program has stopped itself, takes hold, and lets it go on until a command is held. Fails
/// the test where it does not come to that.
void run_until_held(Program& program, const Hold& hold);
/// Where it stops for that: nothing was asked yet; or behind the calibration, so that the next build, gate
/// and benchmark are those of the first candidate.
inline const Passing before_the_first_proposal{"ledger/begin committed", 1};
inline const Passing before_the_first_build{"ledger/add_calibration committed", 1};

}  // namespace ratchet::test
