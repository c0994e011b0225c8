#include "sandbox/init/everything.hpp"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace ratchet::init {
namespace {

struct Entry {
    pid_t pid;
    pid_t parent;
};

/// Every process that /proc shows, with its parent.
std::vector<Entry> processes() {
    std::vector<Entry> found;
    DIR* folder = ::opendir("/proc");
    if (folder == nullptr) return found;
    while (const dirent* entry = ::readdir(folder)) {
        const pid_t pid = std::atoi(entry->d_name);
        if (pid <= 0) continue;
        char path[64];
        std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
        FILE* file = std::fopen(path, "re");
        if (file == nullptr) continue;
        char line[512];
        const std::size_t size = std::fread(line, 1, sizeof line - 1, file);
        line[size] = '\0';
        std::fclose(file);
        // The name, in parentheses, may hold anything; the last one ends it.
        const char* end = nullptr;
        for (const char* c = line; *c != '\0'; ++c) {
            if (*c == ')') end = c;
        }
        int parent = 0;
        if (end != nullptr && std::sscanf(end + 1, " %*c %d", &parent) == 1) found.push_back({pid, parent});
    }
    ::closedir(folder);
    return found;
}

void kill_descendants() {
    const std::vector<Entry> all = processes();
    std::vector<pid_t> family = {::getpid()};
    for (std::size_t i = 0; i < family.size(); ++i) {
        for (const Entry& entry : all) {
            if (entry.parent == family[i]) family.push_back(entry.pid);
        }
    }
    // Stopped first, all of them, so that nobody forks while the others are killed.
    for (std::size_t i = 1; i < family.size(); ++i)
        ::kill(family[i], SIGSTOP);
    for (std::size_t i = 1; i < family.size(); ++i)
        ::kill(family[i], SIGKILL);
}

/// Everything that has this uid, but for this process.
void kill_all_of(uid_t uid) {
    if (uid == 0) return;
    if (::getuid() == uid) {
        ::kill(-1, SIGKILL);
        return;
    }
    const pid_t killer = ::fork();
    if (killer != 0) return;  // reaped with the others
    if (::setresuid(uid, uid, uid) == 0) ::kill(-1, SIGKILL);
    _exit(0);
}

// Enough for whoever does not run away; the uid may have another run on this machine, which would be hit too.
constexpr double patience_seconds = 0.3;

double seconds_now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

void end_everything(const std::function<void(const rusage&)>& reaped, Escape escape) {
    const double begin = seconds_now();
    const bool whole_namespace = ::getpid() == 1;
    for (;;) {
        int status = 0;
        rusage usage{};
        const pid_t pid = ::wait4(-1, &status, WNOHANG, &usage);
        if (pid > 0) {
            reaped(usage);
            continue;
        }
        if (pid < 0 && errno == ECHILD) return;
        if (whole_namespace) {
            ::kill(-1, SIGKILL);
        } else {
            kill_descendants();
            if (seconds_now() - begin > patience_seconds) {
                if (escape.answer == Escape::Answer::leave_rest) return;
                if (escape.answer == Escape::Answer::kill_by_uid) kill_all_of(escape.uid);
            }
        }
        if (::wait4(-1, &status, 0, &usage) > 0) reaped(usage);
    }
}

}  // namespace ratchet::init
