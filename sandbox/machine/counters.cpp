#include "sandbox/machine/counters.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sandbox/init/counter.hpp"

namespace ratchet {

std::string counter_problem(int error) {
    switch (error) {
        case ENOENT:
        case ENODEV:
        case EOPNOTSUPP:
            return "the processor offers no instruction counter here (most virtual machines hide it); "
                   "measure "
                   "on hardware, or on a virtual machine that passes its counters through";
        case EACCES:
        case EPERM:
            return "the kernel does not let this user count instructions; as root: sysctl "
                   "kernel.perf_event_paranoid=2 (in a container, perf_event_open must be allowed as well)";
        case ENOSYS:
            return "the kernel was built without performance events";
        default:
            return fmt::format("the kernel counts no instructions here: {}", std::strerror(error));
    }
}

std::string counter_problem(Counter counter) {
    const int descriptor = init::open_counter(std::string(name_of(counter)));
    if (descriptor < 0) return counter_problem(errno);
    ::close(descriptor);
    return {};
}

}  // namespace ratchet
