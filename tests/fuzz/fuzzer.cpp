#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/fuzz/targets.hpp"

// One program a target: RATCHET_FUZZ_TARGET is its name.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ratchet::fuzz::Target* const target = ratchet::fuzz::target_named(RATCHET_FUZZ_TARGET);
    try {
        target->read(std::string(data, data + size));
    } catch (const ratchet::fuzz::BrokenProperty& broken) {
        std::fprintf(stderr, "%s: %s\n", target->name, broken.what.c_str());
        std::abort();
    }
    return 0;
}
