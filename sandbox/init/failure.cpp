#include "sandbox/init/failure.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace ratchet::init {

void fail(const std::string& what) {
    const std::string line = "ratchet-init: " + what + ": " + std::strerror(errno) + "\n";
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) _exit(125);
    _exit(125);
}

std::string Arguments::take(const char* what) {
    if (done()) {
        errno = EINVAL;
        fail(what);
    }
    return *next_++;
}

long long Arguments::take_number(const char* what) {
    return std::strtoll(take(what).c_str(), nullptr, 10);
}

}  // namespace ratchet::init
