#pragma once

#include <filesystem>
#include <string>

namespace ratchet {

/// The right to run this campaign: one process at a time. Released by the destructor or by the death of the
/// process, since the kernel keeps it and not the file; that only says who has it (process, host, since
/// when), and what a dead process wrote there stops nobody.
class RunnerLock {
  public:
    /// Throws UserError that names the owner where another process runs the campaign, and where the file
    /// system cannot lock files.
    explicit RunnerLock(const std::filesystem::path& state_folder);
    ~RunnerLock();
    RunnerLock(const RunnerLock&) = delete;
    RunnerLock& operator=(const RunnerLock&) = delete;

  private:
    int descriptor_ = -1;
};

/// Who holds the right to run a campaign, looked at for a moment.
struct RunnerState {
    bool held = false;
    bool alive = false;   ///< the process that took it is there, on this machine
    std::string owner;    ///< its number, as it wrote it; "unknown"
    std::string problem;  ///< why it cannot be told; else empty
};
RunnerState runner_of(const std::filesystem::path& state_folder);

}  // namespace ratchet
