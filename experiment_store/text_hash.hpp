#pragma once

#include <cstdint>
#include <string_view>

namespace ratchet {

/// FNV-1a, then the finaliser of MurmurHash3, without which the high bits of short texts hardly vary. Stands
/// in derived tables: another one makes them wrong.
constexpr std::uint64_t text_hash(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
    hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53U;
    return hash ^ (hash >> 33U);
}

}  // namespace ratchet
