#include "orchestrator/gateway/retry_after.hpp"

#include <time.h>  // strptime and timegm are not in <ctime>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace ratchet {

namespace {

constexpr std::size_t longest_date = 40;

// RFC 9110, 5.6.7, without the day of the week, which says nothing new. The older forms are no longer sent.
std::optional<Timestamp> http_date(const std::string& text) {
    const std::size_t comma = text.find(',');
    if (comma == std::string::npos) return std::nullopt;
    std::tm date{};
    const char* rest = ::strptime(text.c_str() + comma + 1, " %d %b %Y %H:%M:%S", &date);
    if (rest == nullptr || !std::string_view(rest).starts_with(" GMT")) return std::nullopt;
    // Whole seconds, which no year of four digits is too far away for.
    return Timestamp(std::chrono::seconds(::timegm(&date)));
}

}  // namespace

std::optional<Seconds> retry_after_of(const std::string& output, Timestamp now) {
    std::string text(output.size(), '\0');
    std::transform(output.begin(), output.end(), text.begin(), [](unsigned char c) {
        return c == '_' || c == ' ' ? '-' : static_cast<char>(std::tolower(c));
    });
    constexpr std::string_view key = "retry-after";
    std::size_t place = text.rfind(key);
    if (place == std::string::npos) return std::nullopt;
    place = text.find_first_not_of("\"':=-", place + key.size());
    if (place == std::string::npos) return std::nullopt;
    if (const auto date = http_date(output.substr(place, longest_date)))
        return std::max(Seconds(0), Seconds(*date - now));
    if (text[place] < '0' || text[place] > '9') return std::nullopt;
    double seconds = 0;
    constexpr int most_digits = 9;
    for (int i = 0; i < most_digits && place < text.size() && text[place] >= '0' && text[place] <= '9'; ++i)
        seconds = seconds * 10 + (text[place++] - '0');
    return Seconds(seconds);
}

}  // namespace ratchet
