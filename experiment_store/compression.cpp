#include "experiment_store/compression.hpp"

#include <zstd.h>

#include <memory>
#include <new>

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
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
    if (!context) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
    // SQLite's pages have no checksums: without one here a changed bit could make another diff.
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string frame(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size =
        ZSTD_compress2(context.get(), frame.data(), frame.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size) != 0) {
        throw MachineryError(std::string("cannot compress for the ledger: ") + ZSTD_getErrorName(size));
    }
    frame.resize(size);
    return frame;
}

std::string decompressed(std::string_view frame) {
    const unsigned long long expected = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (expected == ZSTD_CONTENTSIZE_ERROR || expected == ZSTD_CONTENTSIZE_UNKNOWN || expected > most_bytes) {
        throw DamagedLedger("the ledger is damaged: a compressed text cannot be read");
    }
    std::string bytes(static_cast<std::size_t>(expected), '\0');
    const std::size_t size = ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size());
    if (ZSTD_isError(size) != 0) {
        throw DamagedLedger(std::string("the ledger is damaged: a compressed text cannot be read: ") +
                            ZSTD_getErrorName(size));
    }
    bytes.resize(size);
    return bytes;
}

}  // namespace ratchet
