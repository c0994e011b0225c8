#pragma once

#include <optional>
#include <string>

// One event of the kernel's performance counters, over a process and all that it starts.

namespace ratchet::init {

/// Where the counter stands while a sandbox is set up, until its process 1 takes it over.
constexpr int counter_descriptor = 32;

/// Opens a counter that stands still, for this process and every process that it will make. `kind` is
/// "instructions" (user space only) or, for tests on machines without hardware counters, "task-clock"
/// (nanoseconds of processor time). Returns the descriptor (closed on exec), or -1 with errno.
int open_counter(const std::string& kind);

/// Counts from here on, in every process that has inherited the counter and in those that still will.
void start_counter(int descriptor);

/// The count over all of these processes. Where the kernel had to share the hardware between several
/// counters, scaled to the whole time; nothing where it never got to count.
std::optional<long long> read_counter(int descriptor);

}  // namespace ratchet::init
