#include "experiment_store/exchange/foreign_lines.hpp"

#include <charconv>
#include <cmath>

#include "experiment_store/exchange/foreign.hpp"

namespace ratchet {

bool LineReader::next() {
    text_.clear();
    too_long_ = false;
    int c = in_.get();
    if (c == std::istream::traits_type::eof()) return false;
    for (; c != std::istream::traits_type::eof() && c != '\n'; c = in_.get()) {
        if (text_.size() < longest_record) {
            text_ += static_cast<char>(c);
        } else {
            too_long_ = true;
        }
    }
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (number_ == 0 && text_.starts_with(byte_order_mark)) text_.erase(0, byte_order_mark.size());
    if (text_.ends_with('\r')) text_.pop_back();
    ++number_;
    return true;
}

std::optional<ImportedStatus> status_named(std::string_view word) {
    std::string plain;
    for (const char c : without_space(word))
        plain += c == '-' || c == ' ' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return named<ImportedStatus>(plain);
}

std::optional<double> number_in(std::string_view text) {
    text = without_space(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::string_view without_space(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace ratchet
