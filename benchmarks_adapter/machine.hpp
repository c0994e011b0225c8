#pragma once

#include <filesystem>
#include <string>

#include "sandbox/stop_signal.hpp"

namespace ratchet {

/// What tells one machine from another as far as measurements go: processor, cores, memory, kernel, and,
/// where a benchmark is restricted to `cores` of them (0: it is not), which ones it gets.
std::string host_fingerprint(int cores);

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
