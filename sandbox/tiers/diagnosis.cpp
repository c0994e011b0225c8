#include "sandbox/tiers/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace ratchet {
namespace {

constexpr std::array file_signs = {"No such file or directory",
                                   "not found",
                                   "Permission denied",
                                   "cannot open shared object file",
                                   "ENOENT",
                                   "does not exist",
                                   "FileNotFoundError"};
constexpr std::array network_signs = {"Could not resolve host",
                                      "Network is unreachable",
                                      "Temporary failure in name resolution",
                                      "Name or service not known",
                                      "getaddrinfo",
                                      "Could not connect to server",
                                      "failed to lookup address",
                                      "no such host"};

bool shows_one_of(std::string_view line, const auto& signs) {
    return std::any_of(signs.begin(), signs.end(),
                       [line](const char* sign) { return line.find(sign) != std::string_view::npos; });
}

bool belongs_to_path(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c < 0) ||
           std::string_view("/._-+@%~=").find(c) != std::string_view::npos;
}

/// The absolute paths that a line names.
std::vector<std::string> paths_in(std::string_view line) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool starts = line[i] == '/' && (i == 0 || !belongs_to_path(line[i - 1]) || line[i - 1] == '=');
        if (!starts) continue;
        std::size_t end = i;
        while (end < line.size() && belongs_to_path(line[end]))
            ++end;
        std::string path(line.substr(i, end - i));
        while (path.size() > 1 && (path.back() == '.' || path.back() == '/'))
            path.pop_back();
        if (path.size() > 1) paths.push_back(path);
        i = end;
    }
    return paths;
}

bool is_visible(const std::string& path, const std::vector<std::string>& visible) {
    return std::any_of(visible.begin(), visible.end(), [&path](const std::string& shown) {
        return path == shown || path.starts_with(shown.ends_with('/') ? shown : shown + "/");
    });
}

/// The host that a line complains of, where it can be told: the word after "host: " or "host ".
std::string host_in(std::string_view line) {
    for (const std::string_view before : {"resolve host: ", "resolve host ", "no such host: ", "lookup "}) {
        const std::size_t start = line.find(before);
        if (start == std::string_view::npos) continue;
        const std::string_view rest = line.substr(start + before.size());
        const auto length =
            std::find_if(rest.begin(), rest.end(),
                         [](char c) {
                             return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-';
                         }) -
            rest.begin();
        if (length > 0) return std::string(rest.substr(0, static_cast<std::size_t>(length)));
    }
    return {};
}

}  // namespace

std::string diagnose(std::string_view errors, const HiddenThings& things) {
    while (!errors.empty()) {
        const std::string_view line = errors.substr(0, errors.find('\n'));
        errors.remove_prefix(std::min(errors.size(), line.size() + 1));
        if (!things.network && shows_one_of(line, network_signs)) {
            const std::string host = host_in(line);
            return fmt::format(
                "needed the network{}, which the sandbox does not have: fetch it in [prepare], which "
                "runs with the network, and name what it makes in its outputs",
                host.empty() ? "" : " (" + host + ")");
        }
        if (!shows_one_of(line, file_signs)) continue;
        for (const std::string& path : paths_in(line)) {
            if (!is_visible(path, things.visible) && things.exists_outside(path)) {
                const bool device = path.starts_with("/dev/");
                return fmt::format("needed {}, which exists but is hidden by the sandbox: add it to {}", path,
                                   device ? "sandbox.devices" : "sandbox.read, or make it in [prepare]");
            }
        }
    }
    return {};
}

}  // namespace ratchet
