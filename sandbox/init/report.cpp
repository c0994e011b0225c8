#include "sandbox/init/report.hpp"

#include <unistd.h>

namespace ratchet::init {

void report(const std::string& json) {
    const std::string line = json + "\n";
    if (::write(report_descriptor, line.data(), line.size()) < 0) return;
}

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (c == '\n') {
            result += "\\n";
        } else {
            result += (c >= ' ' && c <= '~') ? c : '?';
        }
    }
    return result + '"';
}

}  // namespace ratchet::init
