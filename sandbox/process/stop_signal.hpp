#pragma once

#include <chrono>
#include <optional>

namespace ratchet {

/// The user's wish to stop, as whatever waits for a process sees it. Written by a signal handler, so the only
/// thing shared is a descriptor: it becomes readable with the first wish.
class StopSignal {
  public:
    virtual ~StopSignal() = default;
    /// Becomes readable once a stop is asked for, and stays so; -1: nobody will ever ask.
    [[nodiscard]] virtual int descriptor() const = 0;
    [[nodiscard]] virtual bool requested() const = 0;
    /// When whatever still runs is to be killed (the first wish plus a grace; at once after the second).
    [[nodiscard]] virtual std::optional<std::chrono::steady_clock::time_point> deadline() const = 0;
};

/// Nobody will ask.
class NeverStop final : public StopSignal {
  public:
    [[nodiscard]] int descriptor() const override { return -1; }
    [[nodiscard]] bool requested() const override { return false; }
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const override {
        return std::nullopt;
    }
};

}  // namespace ratchet
