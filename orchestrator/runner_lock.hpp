#pragma once

#include <filesystem>

namespace ratchet {

/// The right to run this campaign: one process at a time. Released by the destructor or by the death of the
/// process.
class RunnerLock {
  public:
    /// Throws UserError that names the owner's process where another one runs the campaign.
    explicit RunnerLock(const std::filesystem::path& state_folder);
    ~RunnerLock();
    RunnerLock(const RunnerLock&) = delete;
    RunnerLock& operator=(const RunnerLock&) = delete;

  private:
    int descriptor_ = -1;
};

}  // namespace ratchet
