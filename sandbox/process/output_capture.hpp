#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace ratchet {

struct CaptureLimits {
    std::size_t head_bytes = std::size_t{1} << 20;
    std::size_t tail_bytes = std::size_t{64} << 10;
    std::uint64_t log_bytes = std::uint64_t{256} << 20;  ///< uncompressed; more is counted, not stored
};

/// The beginning and the end of what a command printed, and how much there was.
struct CapturedOutput {
    std::string head;
    std::string
        tail;  ///< what follows the head, at most tail_bytes; with omitted == 0, head + tail is all there was
    std::uint64_t total_bytes = 0;
    [[nodiscard]] std::uint64_t omitted() const { return total_bytes - head.size() - tail.size(); }
    /// Head and tail, with a line between that says how much was left out.
    [[nodiscard]] std::string text() const;
    /// The last `bytes` of it, from the beginning of a line where possible.
    [[nodiscard]] std::string last(std::size_t bytes) const;
};

/// Takes what one stream prints, however much it is, in bounded memory.
class StreamCapture {
  public:
    explicit StreamCapture(const CaptureLimits& limits) : limits_(limits) {}
    void add(std::string_view text);
    /// What was captured; the capture is empty afterwards.
    [[nodiscard]] CapturedOutput finish();

  private:
    CaptureLimits limits_;
    CapturedOutput captured_;
};

/// The whole output as a zstd file, as it comes. The file is made with the first byte: what printed nothing
/// leaves none.
class CompressedLog {
  public:
    /// An empty path: nothing is stored. `limit` counts uncompressed bytes; what is more is dropped.
    CompressedLog(std::filesystem::path file, std::uint64_t limit);
    ~CompressedLog();
    CompressedLog(const CompressedLog&) = delete;
    CompressedLog& operator=(const CompressedLog&) = delete;
    void add(std::string_view text);
    /// Ends the file. Throws NoRoom where the disk is full, MachineryError where it cannot be written for
    /// another reason.
    void finish();

  private:
    struct Stream;
    void compress(std::string_view text, bool last);
    std::filesystem::path file_;
    std::uint64_t room_;
    std::unique_ptr<Stream> stream_;
    int error_ = 0;
};

}  // namespace ratchet
