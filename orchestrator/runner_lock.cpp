#include "orchestrator/runner_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

std::string owner_of(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t length = ::pread(descriptor, text.data(), text.size() - 1, 0);
    return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : "unknown";
}

}  // namespace

RunnerLock::RunnerLock(const std::filesystem::path& state_folder) {
    const auto file = state_folder / "runner.lock";
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0)
        throw UserError(fmt::format("cannot open {}: {}", file.string(), std::strerror(errno)));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const std::string owner = owner_of(descriptor_);
        ::close(descriptor_);
        throw UserError(fmt::format("another ratchet (process {}) runs this campaign", owner),
                        "wait for it or stop it; `ratchet status` shows what it does");
    }
    const std::string self = std::to_string(::getpid());
    if (::ftruncate(descriptor_, 0) == 0) {
        [[maybe_unused]] const auto written = ::pwrite(descriptor_, self.data(), self.size(), 0);
    }
}

RunnerLock::~RunnerLock() {
    ::close(descriptor_);
}

}  // namespace ratchet
