#include "orchestrator/runner_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <thread>

#include "experiment_store/errors.hpp"
#include "orchestrator/rendering.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

constexpr const char* cannot_lock_hint =
    "Keep the repository on a local disk: without locks two runs of one campaign cannot be told apart.";

/// "4711 on build-7 since 2026-11-23 01:30 UTC"
std::string this_owner() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host.front() = '?';
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return fmt::format("{} on {} since {}", ::getpid(), host.data(), time_text(now));
}

/// Who only looks whether a campaign runs (`ratchet doctor`) holds the lock for a moment: it is asked for
/// again.
bool taken(int descriptor) {
    constexpr int most_attempts = 20;
    constexpr auto pause = std::chrono::milliseconds(10);
    for (int attempt = 1; ::flock(descriptor, LOCK_EX | LOCK_NB) != 0; ++attempt) {
        if (errno != EWOULDBLOCK || attempt == most_attempts) return false;
        std::this_thread::sleep_for(pause);
    }
    return true;
}

/// As it wrote it into the file.
std::string owner_of(int descriptor) {
    std::array<char, 512> text{};
    const ssize_t length = ::pread(descriptor, text.data(), text.size() - 1, 0);
    return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : "unknown";
}

}  // namespace

RunnerLock::RunnerLock(const std::filesystem::path& state_folder) {
    const auto file = state_folder / "runner.lock";
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0)
        throw UserError(
            fmt::format("cannot open {}: {}", file.string(), std::strerror(errno)),
            "While no `ratchet run` is at work it is safe to remove it; the next run makes it again.");
    if (!taken(descriptor_)) {
        if (errno != EWOULDBLOCK) {
            const int error = errno;
            ::close(descriptor_);
            throw UserError(fmt::format("cannot lock {}: {}", file.string(), std::strerror(error)),
                            cannot_lock_hint);
        }
        const std::string owner = one_line(owner_of(descriptor_));
        ::close(descriptor_);
        throw UserError(fmt::format("another ratchet (process {}) runs this campaign", owner),
                        "wait for it or stop it; `ratchet status` shows what it does");
    }
    const std::string self = this_owner();
    if (::ftruncate(descriptor_, 0) == 0) {
        [[maybe_unused]] const auto written = ::pwrite(descriptor_, self.data(), self.size(), 0);
    }
}

RunnerLock::~RunnerLock() {
    ::close(descriptor_);
}

RunnerState runner_of(const std::filesystem::path& state_folder) {
    RunnerState state;
    const auto file = state_folder / "runner.lock";
    std::error_code failed;
    const auto kind = std::filesystem::symlink_status(file, failed).type();
    if (kind == std::filesystem::file_type::not_found) return state;
    if (kind != std::filesystem::file_type::regular) {
        state.problem = "it is no regular file";
        return state;
    }
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) {
        state.problem = std::strerror(errno);
        return state;
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        state.held = errno == EWOULDBLOCK;
        if (!state.held) state.problem = std::strerror(errno);
        state.owner = owner_of(descriptor);
        const auto process = static_cast<pid_t>(std::atoi(state.owner.c_str()));
        state.alive = process > 0 && (::kill(process, 0) == 0 || errno == EPERM);
    }
    ::close(descriptor);  // and with it the lock
    return state;
}

}  // namespace ratchet
