#pragma once

#include <filesystem>
#include <string>

#include "experiment_store/campaign.hpp"
#include "sandbox/process/stop_signal.hpp"

namespace ratchet {

/// What tells one machine from another as far as measurements go: processor, cores, memory, kernel, and,
/// where a benchmark is restricted to `cores` of them (0: it is not), which ones it gets; and the sandbox
/// where it is not the strong one, since that is another place to run in. So it stands in the ledger with
/// whatever was measured, and a change of either makes the noise unknown again.
std::string host_fingerprint(int cores, Requirement tier);

/// The right to measure on this machine: one benchmark at a time, whoever runs it. Waits for it; released by
/// the destructor or by the death of the process.
class BenchmarkLock {
  public:
    /// `file` is the same for all users of the machine. Gives up with held() == false when a stop is asked
    /// for.
    BenchmarkLock(const std::filesystem::path& file, const StopSignal& stop);
    ~BenchmarkLock();
    BenchmarkLock(const BenchmarkLock&) = delete;
    BenchmarkLock& operator=(const BenchmarkLock&) = delete;
    [[nodiscard]] bool held() const { return held_; }

  private:
    int descriptor_ = -1;
    bool held_ = false;
};

}  // namespace ratchet
