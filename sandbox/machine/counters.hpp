#pragma once

#include <array>
#include <string>
#include <string_view>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// What the kernel counts over all processes of a run, next to their times.
enum class Counter {
    instructions,  ///< of user space
    task_clock,    ///< nanoseconds of processor time: a stand-in for tests where the hardware counts nothing
};
template <>
struct Names<Counter> {
    static constexpr std::array<std::string_view, 2> names = {"instructions", "task-clock"};
};

/// Why this user cannot have this counter on this machine, and what to do about it; empty: it can be had.
std::string counter_problem(Counter counter);

/// The same, for an error number of perf_event_open.
std::string counter_problem(int error);

}  // namespace ratchet
