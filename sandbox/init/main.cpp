// A small helper of ratchet, linked statically so that it runs wherever it is mounted: launches a sandbox
// from outside, is process 1 inside of it, and tries at the start whether it holds. Not meant to be started
// by hand.

#include <cerrno>

#include "sandbox/init/escape.hpp"
#include "sandbox/init/inside.hpp"
#include "sandbox/init/outside.hpp"

int main(int, char** argv) {
    using namespace ratchet::init;
    Arguments arguments(argv + 1);
    const std::string role = arguments.take("outside, inside or escape");
    if (role == "outside") return run_outside(arguments);
    if (role == "inside") return run_inside(arguments);
    if (role == "escape") return run_escape(arguments);
    errno = EINVAL;
    fail(role);
}
