#include "orchestrator/gateway/endpoint.hpp"

#include <algorithm>
#include <string_view>

namespace ratchet {

std::optional<Endpoint> parse_endpoint(const std::string& url) {
    std::string_view scheme = "https://";
    if (!url.starts_with(scheme)) scheme = "http://";
    if (!url.starts_with(scheme)) return std::nullopt;
    // A user's name and password would be a second key; a query would end up in the middle of each URL.
    const auto refused = [](char c) {
        return c <= ' ' || c > '~' || c == '@' || c == '?' || c == '#' || c == '\\' || c == '"';
    };
    if (std::any_of(url.begin(), url.end(), refused)) return std::nullopt;
    const std::size_t slash = url.find('/', scheme.size());
    Endpoint endpoint;
    endpoint.origin = url.substr(0, slash);
    if (endpoint.origin.size() == scheme.size() || endpoint.origin[scheme.size()] == ':') return std::nullopt;
    if (slash != std::string::npos) endpoint.base_path = url.substr(slash);
    while (endpoint.base_path.ends_with('/'))
        endpoint.base_path.pop_back();
    return endpoint;
}

}  // namespace ratchet
