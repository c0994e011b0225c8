#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ratchet::fuzz {

/// A reader of outside text. `read` throws BrokenProperty where the reader breaks a promise that holds
/// whatever the text is; that it neither crashes nor hangs is for the caller to see.
struct Target {
    const char* name;
    const char* corpus;  ///< a folder of tests/, with texts to begin from
    void (*read)(const std::string& text);
};

struct BrokenProperty {
    std::string what;
};

std::span<const Target> targets();

/// Nothing where there is none of this name.
const Target* target_named(std::string_view name);

}  // namespace ratchet::fuzz
