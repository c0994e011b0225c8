#include "sandbox/init/relay.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "sandbox/init/failure.hpp"
#include "sandbox/init/report.hpp"

namespace ratchet::init {
namespace {

// With two descriptors each they stay below the 4,096 that a sandbox's processes may open; who comes later
// waits in the listener's queue. Their buffers are 32 MiB at most, and only what is used of them takes
// memory.
constexpr std::size_t most_links = 1000;
constexpr std::size_t buffer_bytes = 16 << 10;
// So often in a row before the others get their turn.
constexpr int most_rounds = 64;

/// One direction of a connection.
class Lane {
  public:
    enum class State { waiting, more, over };
    Lane(int from, int to) : from_(from), to_(to) {}

    /// Passes on what can be passed on without waiting.
    State pass() {
        for (int round = 0; round < most_rounds && !over_; ++round) {
            if (begin_ == end_ ? must_wait_for(receive()) : must_wait_for(send())) return State::waiting;
        }
        return over_ ? State::over : State::more;
    }

  private:
    [[nodiscard]] static bool must_wait_for(ssize_t count) {
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }

    ssize_t receive() {
        const ssize_t count = ::read(from_, buffer_.get(), buffer_bytes);
        if (count > 0) {
            begin_ = 0;
            end_ = is_refused_ ? 0 : static_cast<std::size_t>(count);
        } else if (count == 0 || (errno != EINTR && !must_wait_for(count))) {
            // The other direction may still have something to say.
            ::shutdown(to_, SHUT_WR);
            over_ = true;
            return 0;
        }
        return count;
    }

    ssize_t send() {
        const ssize_t count = ::send(to_, buffer_.get() + begin_, end_ - begin_, MSG_NOSIGNAL);
        if (count >= 0) {
            begin_ += static_cast<std::size_t>(count);
        } else if (errno != EINTR && !must_wait_for(count)) {
            // Nobody takes it any more. It is read all the same, since who sends it may have been answered
            // and would not see that before all is sent.
            is_refused_ = true;
            begin_ = end_;
            return 0;
        }
        return count;
    }

    int from_;
    int to_;
    std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes);
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool is_refused_ = false;
    bool over_ = false;
};

/// A connection of the command's and the one that was made for it.
class Link {
  public:
    Link(int inner, int outer) : inner_(inner), outer_(outer), forth_(inner, outer), back_(outer, inner) {}
    ~Link() {
        ::close(inner_);
        ::close(outer_);
    }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void pass() {
        const Lane::State forth = forth_.pass();
        const Lane::State back = back_.pass();
        unfinished = forth == Lane::State::more || back == Lane::State::more;
        over = forth == Lane::State::over && back == Lane::State::over;
    }

    bool over = false;
    bool unfinished = false;  ///< there is more that could be passed on at once

  private:
    int inner_;
    int outer_;
    Lane forth_;
    Lane back_;
};

int connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return -1;
    std::memcpy(address.sun_path, path.data(), path.size());
    const int outer = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (outer < 0) return -1;
    // Where the other side's queue is full it fails at once; ratchet's holds more than there can be links.
    if (::connect(outer, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return outer;
    ::close(outer);
    return -1;
}

/// All connections of one run.
class Loop {
  public:
    Loop(int listener, const std::string& socket)
        : listener_(listener), socket_(socket), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (poll_ < 0 || !watch(listener_, EPOLLIN, nullptr)) fail("cannot relay");
    }

    [[noreturn]] void run() {
        for (;;) {
            std::array<epoll_event, 64> events{};
            const bool unfinished =
                std::any_of(links_.begin(), links_.end(), [](const auto& link) { return link->unfinished; });
            const int count =
                ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), unfinished ? 0 : -1);
            if (count < 0 && errno != EINTR) fail("cannot relay");
            for (int i = 0; i < count; ++i) {
                auto* link = static_cast<Link*>(events[static_cast<std::size_t>(i)].data.ptr);
                if (link == nullptr) {
                    take_all();
                } else if (!link->over) {
                    link->pass();
                }
            }
            if (unfinished) {
                for (const auto& link : links_) {
                    if (link->unfinished && !link->over) link->pass();
                }
            }
            drop_what_is_over();
        }
    }

  private:
    bool watch(int descriptor, std::uint32_t kinds, Link* link) const {
        epoll_event event{};
        event.events = kinds;
        event.data.ptr = link;
        return ::epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
    }

    void take_all() {
        while (links_.size() < most_links) {
            const int inner = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (inner < 0) {
                // No descriptors left: until one of the links ends.
                if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) pause();
                return;
            }
            take(inner);
        }
        pause();
    }

    void take(int inner) {
        // A request comes in pieces (header, body): none of them is to wait for the answer to the one before.
        const int on = 1;
        ::setsockopt(inner, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const int outer = connect_to(socket_);
        if (outer < 0) {
            ::close(inner);
            return;
        }
        // Told once of each change: pass() goes on until it would have to wait.
        constexpr std::uint32_t changes = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
        auto link = std::make_unique<Link>(inner, outer);
        if (!watch(inner, changes, link.get()) || !watch(outer, changes, link.get())) return;
        links_.push_back(std::move(link));
    }

    void pause() {
        if (links_.empty()) return;
        ::epoll_ctl(poll_, EPOLL_CTL_DEL, listener_, nullptr);
        paused_ = true;
    }

    void drop_what_is_over() {
        const std::size_t before = links_.size();
        std::erase_if(links_, [](const auto& link) { return link->over; });
        if (paused_ && links_.size() < before) paused_ = !watch(listener_, EPOLLIN, nullptr);
    }

    int listener_;
    const std::string& socket_;
    int poll_;
    bool paused_ = false;
    std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace

std::string Relay::listen(int port, const std::string& socket) {
    socket_ = socket;
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener_ >= 0 &&
        ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(listener_, SOMAXCONN) == 0) {
        return {};
    }
    return std::string("cannot listen for the gateway: ") + std::strerror(errno);
}

void Relay::start() {
    if (listener_ < 0) return;
    process_ = ::fork();
    if (process_ < 0) fail("fork");
    if (process_ > 0) {
        ::close(listener_);
        return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(report_descriptor);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
    ::setrlimit(RLIMIT_NOFILE, &files);
    Loop(listener_, socket_).run();
}

void Relay::stop() const {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    // Somebody inside may have ended it before, and it was waited for then.
    ::waitpid(process_, nullptr, 0);
}

}  // namespace ratchet::init
