#include "sandbox/machine/machine_load.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

namespace ratchet {
namespace {

// The first line of these files is all that is needed, and reading less of /proc/stat is cheaper.
std::string beginning_of(const char* file) {
    std::array<char, 512> buffer{};
    const int descriptor = ::open(file, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return {};
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    ::close(descriptor);
    return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : std::string();
}

}  // namespace

MachineLoad MachineLoad::read() {
    MachineLoad load;
    long long steal = 0;
    // proc(5): user nice system idle iowait irq softirq steal
    if (std::sscanf(beginning_of("/proc/stat").c_str(), "cpu %*d %*d %*d %*d %*d %*d %*d %lld", &steal) ==
        1) {
        load.steal_ticks_ = steal;
    }
    const std::string pressure = beginning_of("/proc/pressure/cpu");
    const std::size_t total = pressure.find("total=");
    double percent = 0;
    if (std::sscanf(pressure.c_str(), "some avg10=%lf", &percent) == 1) load.recent_pressure_ = percent / 100;
    if (pressure.starts_with("some") && total != std::string::npos) {
        load.pressure_microseconds_ = std::strtoll(pressure.c_str() + total + 6, nullptr, 10);
    }
    return load;
}

void MachineLoad::difference_to(const MachineLoad& later, RunFigures& figures) const {
    figures.steal_ticks = later.steal_ticks_ - steal_ticks_;
    figures.pressure_seconds =
        static_cast<double>(later.pressure_microseconds_ - pressure_microseconds_) * 1e-6;
}

}  // namespace ratchet
