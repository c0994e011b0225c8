#include "orchestrator/gateway/gateway.hpp"
#include "experiment_store/crash_point.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "orchestrator/gateway/connection.hpp"
#include "orchestrator/gateway/desk.hpp"
#include "orchestrator/gateway/passing.hpp"

namespace ratchet {
namespace {

namespace asio = boost::asio;

// With as many connections to the endpoint they stay well below the 1,024 descriptors that a process is
// usually allowed. Whoever comes later waits in the socket's queue.
constexpr std::size_t most_connections = 128;

[[noreturn]] void fail(const std::filesystem::path& socket) {
    throw std::system_error(errno, std::generic_category(), "listening on " + socket.string());
}

/// A listening socket at this path. By way of its folder's descriptor: a path of the whole length would often
/// not fit into an address (108 bytes).
int listen_at(const std::filesystem::path& path) {
    const int folder = ::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) fail(path);
    const std::string name = path.filename().string();
    const DurableStep step("gateway/listen");
    ::unlinkat(folder, name.c_str(), 0);
    const std::string address_path = "/proc/self/fd/" + std::to_string(folder) + "/" + name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool listens = listener >= 0 && address_path.size() < sizeof address.sun_path;
    if (listens) {
        std::memcpy(address.sun_path, address_path.data(), address_path.size());
        // Whoever runs in the sandbox may have another uid.
        constexpr mode_t everybody = 0666;
        listens = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                  ::fchmodat(folder, name.c_str(), everybody, 0) == 0 && ::listen(listener, SOMAXCONN) == 0;
    }
    const int error = errno;
    ::close(folder);
    if (listens) return listener;
    if (listener >= 0) ::close(listener);
    errno = error;
    fail(path);
}

/// Started in it, a thread has no signal to handle: they are for the main one.
class NoSignals {
  public:
    NoSignals() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    NoSignals(const NoSignals&) = delete;
    NoSignals& operator=(const NoSignals&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

class Gateway::Thread {
  public:
    explicit Thread(GatewaySettings settings)
        : desk_(with_clock(std::move(settings))),
          context_(1),
          listener_(context_, listen_at(desk_.settings.socket)),
          pause_(context_),
          upstream_(std::in_place, context_, desk_.settings.upstream) {
        desk_.upstream = &*upstream_;
        accept();
        const NoSignals block;
        thread_ = std::thread([this] { run(); });
    }
    ~Thread() { stop(); }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    GatewayReport finish() {
        stop();
        if (failure_) std::rethrow_exception(failure_);
        GatewayReport report = std::move(desk_.report);
        report.requests = desk_.spending.requests();
        report.usage = desk_.spending.usage();
        return report;
    }

  private:
    static GatewaySettings with_clock(GatewaySettings settings) {
        if (!settings.now) {
            settings.now = [] {
                return std::chrono::time_point_cast<std::chrono::milliseconds>(
                    std::chrono::system_clock::now());
            };
        }
        return settings;
    }

    void run() {
        try {
            context_.run();
        } catch (...) {
            failure_ = std::current_exception();
        }
    }

    void stop() {
        if (!thread_.joinable()) return;
        context_.stop();
        thread_.join();
        // From here on everything belongs to this thread.
        is_waiting_ = false;
        while (!desk_.under_way.empty())
            (*desk_.under_way.begin())->abandon();
        upstream_.reset();
        close_connections(desk_);
        const DurableStep step("gateway/remove the socket");
        ::unlink(desk_.settings.socket.c_str());
    }

    void accept() {
        if (desk_.connections.size() >= most_connections) {
            is_waiting_ = true;
            return;
        }
        listener_.async_wait(asio::posix::stream_descriptor::wait_read,
                             [this](const boost::system::error_code& error) {
                                 if (!error) take_one();
                             });
    }

    void take_one() {
        const int socket =
            ::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            serve_connection(context_, socket, desk_, [this] { on_closed(); });
        } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            // No descriptors left, for now.
            pause_.expires_after(std::chrono::milliseconds(100));
            pause_.async_wait([this](const boost::system::error_code& error) {
                if (!error) accept();
            });
            return;
        }
        accept();
    }

    void on_closed() {
        if (std::exchange(is_waiting_, false)) accept();
    }

    // What the context's handlers still hold when it is destroyed looks into these, so they come first.
    Desk desk_;
    bool is_waiting_ = false;
    std::exception_ptr failure_;
    asio::io_context context_;
    asio::posix::stream_descriptor listener_;
    asio::steady_timer pause_;
    std::optional<Upstream> upstream_;
    std::thread thread_;
};

Gateway::Gateway(GatewaySettings settings) : thread_(std::make_unique<Thread>(std::move(settings))) {}

Gateway::~Gateway() = default;

GatewayReport Gateway::finish() {
    return thread_->finish();
}

}  // namespace ratchet
