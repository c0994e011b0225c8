#include "sandbox/init/counter.hpp"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace ratchet::init {

int open_counter(const std::string& kind) {
    perf_event_attr event{};
    event.size = sizeof event;
    if (kind == "instructions") {
        event.type = PERF_TYPE_HARDWARE;
        event.config = PERF_COUNT_HW_INSTRUCTIONS;
    } else if (kind == "task-clock") {
        event.type = PERF_TYPE_SOFTWARE;
        event.config = PERF_COUNT_SW_TASK_CLOCK;
    } else {
        errno = EINVAL;
        return -1;
    }
    event.disabled = 1;
    event.inherit = 1;
    // What the kernel does for a process depends on the machine's state, and counting it takes a privilege.
    event.exclude_kernel = 1;
    event.exclude_hv = 1;
    event.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    return static_cast<int>(::syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

void start_counter(int descriptor) {
    ::ioctl(descriptor, PERF_EVENT_IOC_ENABLE, 0);
}

std::optional<long long> read_counter(int descriptor) {
    struct {
        std::uint64_t value;
        std::uint64_t enabled;
        std::uint64_t running;
    } count{};
    if (::read(descriptor, &count, sizeof count) != sizeof count || count.running == 0) return std::nullopt;
    if (count.running >= count.enabled) return static_cast<long long>(count.value);
    const double share = static_cast<double>(count.running) / static_cast<double>(count.enabled);
    return static_cast<long long>(static_cast<double>(count.value) / share);
}

}  // namespace ratchet::init
