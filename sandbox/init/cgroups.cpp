#include "sandbox/init/cgroups.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "sandbox/init/failure.hpp"
#include "sandbox/init/report.hpp"

namespace ratchet::init {
namespace {

bool write_file(const std::string& file, const std::string& value) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool written =
        ::write(descriptor, value.data(), value.size()) == static_cast<ssize_t>(value.size());
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return written;
}

std::string content_of(const std::string& file) {
    char buffer[1024];
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return {};
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    ::close(descriptor);
    return count > 0 ? std::string(buffer, static_cast<std::size_t>(count)) : std::string();
}

/// A process that was waited for still counts as a member until it is switched out for the last time, which
/// on a busy machine is later: the kernel says EBUSY until then.
void remove(const std::string& folder) {
    constexpr timespec pause{0, 1000 * 1000};
    constexpr int attempts = 1000;
    for (int i = 0; i < attempts && ::rmdir(folder.c_str()) != 0 && errno == EBUSY; ++i) {
        ::nanosleep(&pause, nullptr);
    }
}

/// As fork(2), and the child is in the group that the descriptor stands for; negative where it cannot be.
pid_t clone_into(int group) {
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    arguments.flags = CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(group);
    return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

}  // namespace

void make(const std::vector<ControlGroup>& groups) {
    for (const ControlGroup& group : groups) {
        if (::mkdir(group.folder.c_str(), 0755) != 0 && errno != EEXIST) fail("cannot make " + group.folder);
        for (const auto& [file, value] : group.settings) {
            if (!write_file(group.folder + "/" + file, value))
                fail("cannot set " + group.folder + "/" + file);
        }
    }
}

pid_t fork_into(const std::vector<ControlGroup>& groups) {
    int born_in = -1;
    std::vector<std::string> joined;
    for (const ControlGroup& group : groups) {
        // Only version 1 has a list of threads in every group.
        const std::string threads = group.folder + "/tasks";
        if (::access(threads.c_str(), F_OK) == 0) {
            joined.push_back(threads);
        } else {
            born_in = ::open(group.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (born_in < 0) fail("cannot open " + group.folder);
        }
    }
    pid_t process = -1;
    if (born_in >= 0) {
        process = clone_into(born_in);
        ::close(born_in);
        // The filters of many containers refuse this call: then it moves itself, slowly.
        if (process < 0) joined.push_back(groups.back().folder + "/cgroup.procs");
    }
    if (process < 0) process = ::fork();
    if (process < 0) fail("fork");
    if (process == 0) {
        // 0: the one that writes.
        for (const std::string& file : joined) {
            if (!write_file(file, "0")) fail("cannot enter " + file);
        }
    }
    return process;
}

void forbid_forks(const std::vector<ControlGroup>& groups) {
    for (const ControlGroup& group : groups)
        write_file(group.folder + "/pids.max", "0");
}

void read_and_remove(const std::vector<ControlGroup>& groups) {
    std::string readings;
    for (const ControlGroup& group : groups) {
        for (const std::string& file : group.readings) {
            if (!readings.empty()) readings += ",";
            readings += quoted(file) + ":" + quoted(content_of(group.folder + "/" + file));
        }
        remove(group.folder);
    }
    if (!groups.empty()) report("{\"resources\":{" + readings + "}}");
}

}  // namespace ratchet::init
