#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ratchet {

/// One processor as the scheduler counts them: a hardware thread of a physical core.
struct Processor {
    int number = 0;
    std::string core;           ///< what it shares with the other threads of its physical core
    int package = 0;            ///< the socket
    std::int64_t capacity = 0;  ///< how fast it is, to be compared within this machine only; 0: not known
};

/// Where the kernel describes the processors.
inline constexpr const char* processors_folder = "/sys/devices/system/cpu";

/// The processors that this process may use (its affinity, and with it its cpuset).
std::vector<Processor> allowed_processors(const std::filesystem::path& folder = processors_folder);

/// `count` of them to run a benchmark on, in ascending order; all where there are not that many. The same
/// answer for the same machine, so that both sides of a pair run on the same ones. One thread of each
/// physical core before a second one of any; the core of processor 0, which serves most interrupts, last; of
/// the others the fastest, and of one package as far as that goes.
std::vector<int> choose_processors(std::vector<Processor> from, int count);

/// "1,3".
std::string list_text(const std::vector<int>& processors);

/// The highest frequency, in kHz, that one of these processors runs at now; nothing where the kernel does not
/// say (most virtual machines).
std::optional<std::int64_t> highest_frequency(const std::vector<int>& processors,
                                              const std::filesystem::path& folder = processors_folder);

}  // namespace ratchet
