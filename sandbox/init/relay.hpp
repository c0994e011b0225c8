#pragma once

#include <sys/types.h>

#include <string>

namespace ratchet::init {

/// The one way out of a sandbox that has no network: takes connections on a port of its own loopback and
/// passes the bytes of each on to a Unix socket that is shown inside, and back. It knows nothing of what
/// they mean. A process of its own, since process 1 waits for the command; it ends with the run.
class Relay {
  public:
    /// Listens from here on, so that whoever starts later finds it. The reason where it cannot, else empty.
    std::string listen(int port, const std::string& socket);
    /// Begins to pass on. Does nothing where listen() was not called.
    void start();
    /// Ends it, and waits for its end.
    void stop() const;
    /// -1: there is none.
    [[nodiscard]] pid_t process() const { return process_; }

  private:
    std::string socket_;
    int listener_ = -1;
    pid_t process_ = -1;
};

}  // namespace ratchet::init
