#include "sandbox/workspace/text_conversion.hpp"

#include <cstddef>

namespace ratchet {
namespace {

struct TextStatistics {
    std::size_t nul = 0;
    std::size_t lone_cr = 0;
    std::size_t lone_lf = 0;
    std::size_t crlf = 0;
    std::size_t printable = 0;
    std::size_t unprintable = 0;

    /// Git's own rule (convert.c): a NUL, a lone CR, or more than one unprintable byte in 128.
    [[nodiscard]] bool is_binary() const { return lone_cr > 0 || nul > 0 || printable / 128 < unprintable; }
};

TextStatistics statistics_of(std::string_view bytes) {
    TextStatistics result;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (byte == '\r') {
            if (i + 1 < bytes.size() && bytes[i + 1] == '\n') {
                ++result.crlf;
                ++i;
            } else {
                ++result.lone_cr;
            }
        } else if (byte == '\n') {
            ++result.lone_lf;
        } else if (byte == 127) {
            ++result.unprintable;
        } else if (byte < 32 && byte != '\b' && byte != '\t' && byte != '\033' && byte != '\014') {
            if (byte == 0) ++result.nul;
            ++result.unprintable;
        } else {
            ++result.printable;
        }
    }
    // A closing ^Z (an old end-of-file mark) does not make a file binary.
    if (bytes.ends_with('\032')) --result.unprintable;
    return result;
}

}  // namespace

std::string to_worktree(const TextConversion& conversion, std::string bytes) {
    if (conversion.kind == TextConversion::Kind::none || !conversion.worktree_has_crlf) return bytes;
    const TextStatistics statistics = statistics_of(bytes);
    if (statistics.lone_lf == 0) return bytes;
    if (conversion.kind == TextConversion::Kind::automatic &&
        (statistics.crlf > 0 || statistics.is_binary())) {
        return bytes;
    }
    std::string result;
    result.reserve(bytes.size() + statistics.lone_lf);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) result += '\r';
        result += bytes[i];
    }
    return result;
}

std::string to_repository(const TextConversion& conversion, std::string bytes, std::string_view before) {
    if (conversion.kind == TextConversion::Kind::none) return bytes;
    const TextStatistics statistics = statistics_of(bytes);
    if (statistics.crlf == 0) return bytes;
    if (conversion.kind == TextConversion::Kind::automatic) {
        if (statistics.is_binary()) return bytes;
        const TextStatistics earlier = statistics_of(before);
        if (earlier.crlf > 0 && !earlier.is_binary()) return bytes;
    }
    std::string result;
    result.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') continue;
        result += bytes[i];
    }
    return result;
}

}  // namespace ratchet
