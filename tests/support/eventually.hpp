#pragma once

#include <chrono>
#include <thread>

namespace ratchet {

/// Waits until the condition holds; false: it did not within `most`, which is meant for the slowest machine.
template <typename Condition>
bool eventually(Condition holds, std::chrono::milliseconds most = std::chrono::seconds(60)) {
    const auto deadline = std::chrono::steady_clock::now() + most;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

}  // namespace ratchet
