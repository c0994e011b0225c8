#include "benchmarks_adapter/machine.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include "experiment_store/errors.hpp"
#include "sandbox/machine/processors.hpp"

namespace ratchet {
namespace {

std::string processor_model() {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("model name") || line.starts_with("CPU part")) {
            const auto colon = line.find(':');
            if (colon != std::string::npos && colon + 2 <= line.size()) return line.substr(colon + 2);
        }
    }
    return "unknown processor";
}

int open_lock_file(const std::filesystem::path& file) {
    // flock needs no write access, and a sticky folder refuses O_CREAT on somebody else's file: open first,
    // make second.
    for (int attempt = 0; attempt < 2; ++attempt) {
        int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (descriptor >= 0) return descriptor;
        descriptor = ::open(file.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
        if (descriptor >= 0) return descriptor;
    }
    throw UserError(fmt::format("cannot open the benchmark lock {}: {}", file.string(), std::strerror(errno)),
                    "remove the file if it is not in use");
}

}  // namespace

std::string host_fingerprint(int cores, Requirement tier) {
    utsname system{};
    uname(&system);
    struct sysinfo memory{};
    sysinfo(&memory);
    const auto gibibytes = (static_cast<double>(memory.totalram) * memory.mem_unit) / (1U << 30);
    std::string text = fmt::format(
        "{}, {} cores, {:.0f} GiB, {} {}", processor_model(), std::thread::hardware_concurrency(), gibibytes,
        static_cast<const char*>(system.sysname), static_cast<const char*>(system.release));
    if (cores > 0) text += "; on processors " + list_text(choose_processors(allowed_processors(), cores));
    if (tier != Requirement::strong) text += fmt::format("; sandbox: {}", name_of(tier));
    return text;
}

BenchmarkLock::BenchmarkLock(const std::filesystem::path& file, const StopSignal& stop)
    : descriptor_(open_lock_file(file)) {
    // flock knows no time-out and a signal must be seen while waiting: ask again every 200 ms.
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        pollfd wish{stop.descriptor(), POLLIN, 0};
        ::poll(&wish, stop.descriptor() >= 0 ? 1 : 0, 200);
        if (stop.requested()) return;
    }
    held_ = true;
}

BenchmarkLock::~BenchmarkLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace ratchet
