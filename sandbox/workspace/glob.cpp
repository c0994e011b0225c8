#include "sandbox/workspace/glob.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace ratchet {
namespace {

constexpr std::size_t none = std::string_view::npos;

/// One element of a glob that stands for exactly one byte of text, and where the next element begins.
struct Element {
    bool matches = false;
    std::size_t next = 0;
};

bool in_range(char first, char last, char byte) {
    const auto value = [](char c) { return static_cast<unsigned char>(c); };
    return value(first) <= value(byte) && value(byte) <= value(last);
}

/// The set that begins at `at`; nothing where its bracket is never closed (then the bracket stands for
/// itself).
std::optional<Element> match_set(std::string_view glob, std::size_t at, char byte) {
    std::size_t i = at + 1;
    const bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
    if (negated) ++i;
    bool found = false;
    for (bool first = true; i < glob.size(); first = false) {
        if (glob[i] == ']' && !first) return Element{found != negated && byte != '/', i + 1};
        if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
        const char low = glob[i++];
        char high = low;
        if (i + 1 < glob.size() && glob[i] == '-' && glob[i + 1] != ']') {
            ++i;
            if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
            high = glob[i++];
        }
        found = found || in_range(low, high, byte);
    }
    return std::nullopt;
}

Element match_one(std::string_view glob, std::size_t at, char byte) {
    if (glob[at] == '?') return {byte != '/', at + 1};
    if (glob[at] == '[') {
        if (const auto set = match_set(glob, at, byte)) return *set;
    }
    if (glob[at] == '\\' && at + 1 < glob.size()) ++at;
    return {glob[at] == byte, at + 1};
}

/// A place to take the matching up again with a longer run of text for a star.
struct Retry {
    std::size_t glob = none;
    std::size_t text = 0;
    bool whole_components = false;  ///< the run ends only behind a slash
    bool crosses = false;           ///< the run may hold slashes
};

class Matcher {
  public:
    Matcher(std::string_view glob, std::string_view text, DoubleStar double_star)
        : glob_(glob), text_(text), double_star_(double_star) {}

    bool run() {
        // The leftmost match of what precedes a `**` leaves the longest rest for it, so that only the last
        // `*` and the last `**` ever need to be taken up again: no exponential search.
        std::size_t g = 0;
        std::size_t t = 0;
        while (t < text_.size() || g < glob_.size()) {
            if (g < glob_.size()) {
                if (glob_[g] == '*') {
                    g = star(g, t);
                    continue;
                }
                if (t < text_.size()) {
                    const Element element = match_one(glob_, g, text_[t]);
                    if (element.matches) {
                        g = element.next;
                        ++t;
                        continue;
                    }
                }
            }
            if (lengthen(star_, g, t)) continue;
            star_ = Retry{};
            if (!lengthen(double_, g, t)) return false;
        }
        return true;
    }

  private:
    std::size_t star(std::size_t g, std::size_t t) {
        std::size_t end = g;
        while (end < glob_.size() && glob_[end] == '*')
            ++end;
        const bool begins = g == 0 || glob_[g - 1] == '/';
        const bool ends = end == glob_.size() || glob_[end] == '/';
        if (end - g == 2 && begins && ends) {
            const bool last = end == glob_.size();
            double_ = Retry{last ? end : end + 1, t, !last, true};
            star_ = Retry{};
            return double_.glob;
        }
        if (end - g >= 2 && double_star_ == DoubleStar::across_components) {
            double_ = Retry{end, t, false, true};
            star_ = Retry{};
        } else {
            star_ = Retry{end, t, false, false};
        }
        return end;
    }

    bool lengthen(Retry& retry, std::size_t& g, std::size_t& t) const {
        if (retry.glob == none || retry.text >= text_.size()) return false;
        if (retry.whole_components) {
            const std::size_t slash = text_.find('/', retry.text);
            if (slash == none) return false;
            retry.text = slash;
        } else if (!retry.crosses && text_[retry.text] == '/') {
            return false;
        }
        t = ++retry.text;
        g = retry.glob;
        return true;
    }

    std::string_view glob_;
    std::string_view text_;
    DoubleStar double_star_;
    Retry star_;
    Retry double_;
};

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text, DoubleStar double_star) {
    return Matcher(glob, text, double_star).run();
}

}  // namespace ratchet
