#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

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

}  // namespace ratchet
