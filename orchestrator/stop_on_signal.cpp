#include "orchestrator/stop_on_signal.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

constexpr std::chrono::seconds grace{10};

// A signal handler sees nothing but globals, and may use nothing but lock-free atomics.
int descriptor_of_wish = -1;
std::atomic<int> wishes = 0;
std::atomic<std::int64_t> first_wish_ns = 0;
int holders = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

void ask_to_stop(int) {
    const int saved = errno;
    if (wishes.fetch_add(1) == 0) {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        first_wish_ns = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(descriptor_of_wish, &one, sizeof one);
    errno = saved;
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

}  // namespace

StopOnSignal::StopOnSignal() {
    if (holders > 0) {
        ++holders;
        return;
    }
    descriptor_of_wish = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor_of_wish < 0) throw MachineryError("cannot make an eventfd");
    wishes = 0;
    handle(SIGINT, ask_to_stop);
    handle(SIGTERM, ask_to_stop);
    handle(SIGHUP, SIG_IGN);
    handle(SIGPIPE, SIG_IGN);
    ++holders;
}

StopOnSignal::~StopOnSignal() {
    if (--holders > 0) return;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
        handle(signal, SIG_DFL);
    ::close(descriptor_of_wish);
    descriptor_of_wish = -1;
}

int StopOnSignal::descriptor() const {
    return descriptor_of_wish;
}

bool StopOnSignal::requested() const {
    return wishes > 0;
}

std::optional<std::chrono::steady_clock::time_point> StopOnSignal::deadline() const {
    if (wishes == 0) return std::nullopt;
    const std::chrono::steady_clock::time_point first{std::chrono::nanoseconds(first_wish_ns.load())};
    return wishes > 1 ? first : first + grace;
}

}  // namespace ratchet
