#include "experiment_store/compression.hpp"

#include <zstd.h>

#include "experiment_store/errors.hpp"

namespace ratchet {

namespace {

/// zstd's own default: diffs and prompts shrink to a third in well under a millisecond; higher levels gain
/// little.
constexpr int level = 3;

/// SQLite holds no value of more than a gigabyte, and no diff that compresses beyond this is taken: a larger
/// size is damage.
constexpr unsigned long long most_bytes = 1ULL << 32;

}  // namespace

std::string compressed(std::string_view bytes) {
    std::string frame(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size = ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), level);
    if (ZSTD_isError(size) != 0) {
        throw MachineryError(std::string("cannot compress for the ledger: ") + ZSTD_getErrorName(size));
    }
    frame.resize(size);
    return frame;
}

std::string decompressed(std::string_view frame) {
    const unsigned long long expected = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (expected == ZSTD_CONTENTSIZE_ERROR || expected == ZSTD_CONTENTSIZE_UNKNOWN || expected > most_bytes) {
        throw MachineryError("a compressed text in the ledger is damaged");
    }
    std::string bytes(static_cast<std::size_t>(expected), '\0');
    const std::size_t size = ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size());
    if (ZSTD_isError(size) != 0) {
        throw MachineryError(std::string("a compressed text in the ledger is damaged: ") +
                             ZSTD_getErrorName(size));
    }
    bytes.resize(size);
    return bytes;
}

}  // namespace ratchet
