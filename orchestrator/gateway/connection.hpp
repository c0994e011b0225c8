#pragma once

#include "orchestrator/gateway/desk.hpp"

namespace boost::asio {
class io_context;
}

namespace ratchet {

/// Serves the client of an accepted socket, which it owns from now on, until either end closes it. `closed`
/// is called then.
void serve_connection(boost::asio::io_context& context, int socket, Desk& desk, std::function<void()> closed);

/// Closes all that are open.
void close_connections(Desk& desk);

}  // namespace ratchet
