#pragma once

#include "sandbox/process/stop_signal.hpp"

namespace ratchet {

/// Turns SIGINT and SIGTERM into a wish to stop: the first lets the pair at work end (10 s at most), the
/// second stops at once. A lost terminal (SIGHUP, SIGPIPE) stops nothing. One wish in a process: an object
/// that is made while another lives shares its wish. The destructor of the first gives the signals back.
class StopOnSignal final : public StopSignal {
  public:
    StopOnSignal();
    ~StopOnSignal() override;
    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;

    [[nodiscard]] int descriptor() const override;
    [[nodiscard]] bool requested() const override;
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const override;
};

}  // namespace ratchet
