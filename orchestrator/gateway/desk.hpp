#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>

#include "orchestrator/gateway/endpoint.hpp"
#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/gateway/protocols/protocol.hpp"
#include "orchestrator/gateway/spending.hpp"
#include "orchestrator/gateway/upstream.hpp"

namespace ratchet {

class Connection;
class Passing;

/// What all connections of one gateway share. Of the gateway's thread alone.
struct Desk {
    explicit Desk(GatewaySettings given);

    GatewaySettings settings;
    Endpoint endpoint;
    std::array<std::unique_ptr<Protocol>, 4> protocols;
    Spending spending;
    GatewayReport report;
    Upstream* upstream = nullptr;
    std::size_t body_bytes = 0;         ///< that all requests being read hold together
    std::set<Connection*> connections;  ///< that are open
    std::set<Passing*> under_way;       ///< whose answers are not there yet, or not all of them

    /// The path's protocol and where it leads there.
    struct Destination {
        const Protocol* protocol = nullptr;
        Route route;
    };
    [[nodiscard]] std::optional<Destination> destination(std::string_view path) const;
};

}  // namespace ratchet
