#include "orchestrator/proposers/retry_after.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace ratchet {

std::optional<Seconds> retry_after_of(const std::string& output) {
    std::string text(output.size(), '\0');
    std::transform(output.begin(), output.end(), text.begin(), [](unsigned char c) {
        return c == '_' || c == ' ' ? '-' : static_cast<char>(std::tolower(c));
    });
    constexpr std::string_view key = "retry-after";
    std::size_t place = text.rfind(key);
    if (place == std::string::npos) return std::nullopt;
    place = text.find_first_not_of("\"':=-", place + key.size());
    if (place == std::string::npos || text[place] < '0' || text[place] > '9') return std::nullopt;
    double seconds = 0;
    constexpr int most_digits = 9;
    for (int i = 0; i < most_digits && place < text.size() && text[place] >= '0' && text[place] <= '9'; ++i)
        seconds = seconds * 10 + (text[place++] - '0');
    return Seconds(seconds);
}

}  // namespace ratchet
