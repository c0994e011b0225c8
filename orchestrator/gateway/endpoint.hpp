#pragma once

#include <optional>
#include <string>

namespace ratchet {

/// Where a model is asked, from a URL such as "https://api.openai.com/v1".
struct Endpoint {
    std::string origin;     ///< "https://api.openai.com"
    std::string base_path;  ///< "/v1"; empty where there is none
    bool operator==(const Endpoint&) const = default;
};

/// Reads the base URL of an endpoint: http or https, a host, and maybe a port and a path; nothing else. None
/// where it is another text.
std::optional<Endpoint> parse_endpoint(const std::string& url);

}  // namespace ratchet
