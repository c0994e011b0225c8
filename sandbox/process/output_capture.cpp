#include "sandbox/process/output_capture.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"

namespace ratchet {

std::string CapturedOutput::text() const {
    if (omitted() == 0) return head + tail;
    return fmt::format("{}\n[... {} bytes left out ...]\n{}", head, omitted(), tail);
}

std::string CapturedOutput::last(std::size_t bytes) const {
    std::string all = text();
    if (all.size() <= bytes) return all;
    std::string end = all.substr(all.size() - bytes);
    if (all[all.size() - bytes - 1] == '\n') return end;
    const std::size_t line = end.find('\n');
    const bool only_fragment = line == std::string::npos || line + 1 == end.size();
    return only_fragment ? end : end.substr(line + 1);
}

void StreamCapture::add(std::string_view text) {
    captured_.total_bytes += text.size();
    const std::size_t for_head = std::min(text.size(), limits_.head_bytes - captured_.head.size());
    captured_.head.append(text.substr(0, for_head));
    text.remove_prefix(for_head);
    if (text.size() > limits_.tail_bytes) text.remove_prefix(text.size() - limits_.tail_bytes);
    captured_.tail.append(text);
    // Trimmed only now and then, so that each byte is moved about once.
    if (captured_.tail.size() > 2 * limits_.tail_bytes + 4096) {
        captured_.tail.erase(0, captured_.tail.size() - limits_.tail_bytes);
    }
}

CapturedOutput StreamCapture::finish() {
    if (captured_.tail.size() > limits_.tail_bytes) {
        captured_.tail.erase(0, captured_.tail.size() - limits_.tail_bytes);
    }
    return std::exchange(captured_, {});
}

namespace {

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

// Level 1 compresses build output ten times at several hundred MB/s; the command waits for whoever reads its
// pipe.
constexpr int compression_level = 1;

}  // namespace

struct CompressedLog::Stream {
    int descriptor = -1;
    std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
    std::vector<char> buffer = std::vector<char>(ZSTD_CStreamOutSize());

    explicit Stream(const std::filesystem::path& file)
        : descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
        ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, compression_level);
    }
    ~Stream() {
        if (descriptor >= 0) ::close(descriptor);
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
};

CompressedLog::CompressedLog(std::filesystem::path file, std::uint64_t limit)
    : file_(std::move(file)), room_(file_.empty() ? 0 : limit) {
    if (file_.empty()) return;
    // Of an attempt that was broken off: this one may print nothing.
    const DurableStep step("log/remove the one before");
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
}

CompressedLog::~CompressedLog() = default;

void CompressedLog::add(std::string_view text) {
    text = text.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(text.size(), room_)));
    if (text.empty() || error_ != 0) return;
    room_ -= text.size();
    if (!stream_) {
        const DurableStep step("log/open");
        stream_ = std::make_unique<Stream>(file_);
        if (stream_->descriptor < 0) error_ = errno;
    }
    compress(text, false);
}

void CompressedLog::finish() {
    if (!stream_) return;
    {
        const DurableStep step("log/finish");
        compress({}, true);
        stream_.reset();
    }
    if (error_ == 0) return;
    const std::string text =
        fmt::format("cannot write the log {}: {}", file_.string(), std::strerror(error_));
    if (means_no_room(error_)) throw NoRoom(text);
    throw MachineryError(text);
}

void CompressedLog::compress(std::string_view text, bool last) {
    ZSTD_inBuffer input{text.data(), text.size(), 0};
    std::size_t remaining = 1;
    while (error_ == 0 && (last ? remaining != 0 : input.pos < input.size)) {
        ZSTD_outBuffer output{stream_->buffer.data(), stream_->buffer.size(), 0};
        remaining = ZSTD_compressStream2(stream_->context.get(), &output, &input,
                                         last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(remaining) != 0) {
            error_ = EIO;
            return;
        }
        for (std::size_t written = 0; written < output.pos;) {
            const ssize_t count =
                ::write(stream_->descriptor, stream_->buffer.data() + written, output.pos - written);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) {
                error_ = errno;
                return;
            }
            written += static_cast<std::size_t>(count);
        }
    }
}

}  // namespace ratchet
