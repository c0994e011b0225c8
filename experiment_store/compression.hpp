#pragma once

#include <string>
#include <string_view>

namespace ratchet {

/// A zstd frame of these bytes; `zstd -d` reads it.
std::string compressed(std::string_view bytes);

/// The bytes in a frame that `compressed` made. Throws DamagedLedger where it is damaged: each
/// frame has a checksum.
std::string decompressed(std::string_view frame);

}  // namespace ratchet
