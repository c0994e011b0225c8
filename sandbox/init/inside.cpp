#include "sandbox/init/inside.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "sandbox/init/counter.hpp"
#include "sandbox/init/disk.hpp"
#include "sandbox/init/domain.hpp"
#include "sandbox/init/everything.hpp"
#include "sandbox/init/relay.hpp"
#include "sandbox/init/report.hpp"
#include "sandbox/init/watched.hpp"

namespace ratchet::init {
namespace {

struct Settings {
    long long wall_milliseconds = 0;
    std::string processors;    ///< their numbers, with commas; empty: all
    long long data_bytes = 0;  ///< 0: not limited here
    long long processes = 0;   ///< 0: not limited here
    long long file_bytes = 0;  ///< 0: not limited
    std::string folder = "/";
    int watched = -1;                               ///< descriptor of the list; none
    std::string tree;                               ///< that the watched files are in
    std::string weighed;                            ///< a tree whose writes stay
    long long tree_bytes = 0;                       ///< that may be written there; 0: not limited here
    Escape::Answer escape = Escape::Answer::go_on;  ///< to who outruns the end
    Domain domain;
    int gateway_port = 0;  ///< of the loopback, that leads to the gateway; 0: there is none
    std::string gateway;   ///< its socket
    std::string command;
};

struct Totals {
    double user = 0;
    double system = 0;
    long long peak_bytes = 0;
    long long involuntary_switches = 0;
    long long read_bytes = 0;
    long long written_bytes = 0;

    void add(const rusage& usage) {
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
        };
        user += seconds(usage.ru_utime);
        system += seconds(usage.ru_stime);
        involuntary_switches += usage.ru_nivcsw;
        // In units of 512 bytes, whatever the file system's blocks are.
        read_bytes += 512LL * usage.ru_inblock;
        written_bytes += 512LL * usage.ru_oublock;
        if (usage.ru_maxrss * 1024LL > peak_bytes) peak_bytes = usage.ru_maxrss * 1024LL;
    }
};

Settings read_settings(Arguments& arguments) {
    Settings settings;
    for (;;) {
        const std::string option = arguments.take("inside");
        if (option == "--wall-ms") {
            settings.wall_milliseconds = arguments.take_number("--wall-ms");
        } else if (option == "--processors") {
            settings.processors = arguments.take("--processors");
        } else if (option == "--data") {
            settings.data_bytes = arguments.take_number("--data");
        } else if (option == "--processes") {
            settings.processes = arguments.take_number("--processes");
        } else if (option == "--file-size") {
            settings.file_bytes = arguments.take_number("--file-size");
        } else if (option == "--folder") {
            settings.folder = arguments.take("--folder");
        } else if (option == "--weigh") {
            settings.weighed = arguments.take("--weigh");
            settings.tree_bytes = arguments.take_number("--weigh");
        } else if (option == "--watched") {
            settings.watched = static_cast<int>(arguments.take_number("--watched"));
            settings.tree = arguments.take("--watched");
        } else if (option == "--gateway") {
            settings.gateway_port = static_cast<int>(arguments.take_number("--gateway"));
            settings.gateway = arguments.take("--gateway");
        } else if (option == "--own-uid") {
            settings.escape = Escape::Answer::kill_by_uid;
        } else if (option == "--bounded") {
            settings.escape = Escape::Answer::leave_rest;
        } else if (settings.domain.take(option, arguments)) {
            continue;
        } else if (option == "--") {
            settings.command = arguments.take("command");
            return settings;
        } else {
            errno = EINVAL;
            fail(option);
        }
    }
}

double now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Fails where none of them can be used: a benchmark that is not pinned as it was asked to be is none.
void restrict_processors(const std::string& numbers) {
    if (numbers.empty()) return;
    cpu_set_t chosen;
    CPU_ZERO(&chosen);
    for (const char* next = numbers.c_str(); *next != '\0';) {
        char* end = nullptr;
        const long number = std::strtol(next, &end, 10);
        if (end == next) break;
        if (number >= 0 && number < CPU_SETSIZE) CPU_SET(static_cast<std::size_t>(number), &chosen);
        next = *end == ',' ? end + 1 : end;
    }
    if (::sched_setaffinity(0, sizeof chosen, &chosen) != 0) fail("cannot use the processors " + numbers);
}

void limit(__rlimit_resource resource, long long value) {
    // Never above what ratchet itself was given: raising a hard limit is not allowed.
    rlimit current{};
    ::getrlimit(resource, &current);
    auto bounded = static_cast<rlim_t>(value);
    if (current.rlim_max != RLIM_INFINITY && bounded > current.rlim_max) bounded = current.rlim_max;
    const rlimit wanted{bounded, bounded};
    if (::setrlimit(resource, &wanted) != 0) fail("setrlimit");
}

void set_limits(const Settings& settings) {
    limit(RLIMIT_CORE, 0);
    // 4096 suits every build seen and keeps what a process can hold of the kernel's memory small.
    limit(RLIMIT_NOFILE, 4096);
    if (settings.data_bytes > 0) limit(RLIMIT_DATA, settings.data_bytes);
    if (settings.processes > 0) limit(RLIMIT_NPROC, settings.processes);
    if (settings.file_bytes > 0) limit(RLIMIT_FSIZE, settings.file_bytes);
}

[[noreturn]] void execute(const Settings& settings) {
    // Without namespaces, the end of process 1 is not by itself the end of the command.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    set_limits(settings);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    settings.domain.enter();
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
    ::execl("/bin/sh", "sh", "-c", settings.command.c_str(), nullptr);
    fail("/bin/sh");
}

timespec until(double moment) {
    double left = moment - now();
    if (left < 0) left = 0;
    timespec time{};
    time.tv_sec = static_cast<time_t>(left);
    time.tv_nsec = static_cast<long>((left - static_cast<double>(time.tv_sec)) * 1e9);
    return time;
}

/// How the wait for the command ended.
struct Waited {
    const char* ending = "exited";
    std::string excess;  ///< of the disk
    int status = 0;      ///< of the command, or 128 + SIGKILL
};

/// Waits for the command (and whoever else ends meanwhile), its deadline, or the end of the disk's patience.
Waited wait_for(pid_t command, pid_t relay, double deadline, DiskWatch& disk, Totals& totals) {
    // A disk takes about 100 MB in this time.
    const double interval = disk.watches() ? 0.1 : 3600;
    double next_look = now() + interval;
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    for (;;) {
        // By the clock, at every turn: orphans that end without pause keep this loop from ever waiting in
        // vain.
        const double time = now();
        if (time >= deadline) return {"timed-out", {}, 128 + SIGKILL};
        if (time >= next_look) {
            if (std::string excess = disk.excess(); !excess.empty())
                return {"out-of-disk", std::move(excess), 128 + SIGKILL};
            next_look = now() + interval;
        }
        rusage usage{};
        int ended = 0;
        const pid_t pid = ::wait4(-1, &ended, WNOHANG, &usage);
        if (pid > 0 && pid != relay) totals.add(usage);
        if (pid == command) {
            if (WIFSIGNALED(ended)) return {"signalled", {}, 128 + WTERMSIG(ended)};
            return {"exited", {}, WEXITSTATUS(ended)};
        }
        if (pid > 0) continue;
        const timespec left = until(deadline < next_look ? deadline : next_look);
        ::sigtimedwait(&child_ended, nullptr, &left);
    }
}

/// Processes and threads that the command started, in this pid namespace, whose numbers are given out in
/// their order; 0 where it is not our own.
long long processes_started(int of_ours) {
    if (::getpid() != 1) return 0;
    char line[128] = {};
    const int file = ::open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
    const bool known = file >= 0 && ::read(file, line, sizeof line - 1) > 0;
    if (file >= 0) ::close(file);
    const char* last = known ? std::strrchr(line, ' ') : nullptr;
    return last != nullptr ? std::atoll(last) - of_ours : 0;
}

/// What was measured next to times and memory, as the end of a line of JSON.
std::string further_figures(const Settings& settings, std::optional<long long> count) {
    std::string text;
    if (count) text += ",\"instructions\":" + std::to_string(*count);
    if (const long long started = processes_started(settings.gateway_port > 0 ? 2 : 1); started > 0)
        text += ",\"processes\":" + std::to_string(started);
    if (settings.watched >= 0) {
        const int tree = ::open(settings.tree.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        // A pipe keeps only so much in one piece, and a path may be as long as that.
        const std::string altered = first_altered(settings.watched, upper_descriptor, tree).substr(0, 500);
        if (!altered.empty()) text += ",\"altered\":" + quoted(altered);
    }
    return text;
}

}  // namespace

int run_inside(Arguments arguments) {
    Settings settings = read_settings(arguments);
    // Not dumpable: what runs here under the same uid can neither trace this process nor open its
    // descriptors, the report's among them, through /proc.
    ::prctl(PR_SET_DUMPABLE, 0);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::fcntl(report_descriptor, F_SETFD, FD_CLOEXEC);
    sigset_t blocked;
    sigfillset(&blocked);
    ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
    std::string obstacle = settings.domain.prepare();
    if (obstacle.empty() && ::chdir(settings.folder.c_str()) != 0)
        obstacle = "cannot enter the folder " + settings.folder + ": " + std::strerror(errno);
    Relay relay;
    if (obstacle.empty() && settings.gateway_port > 0)
        obstacle = relay.listen(settings.gateway_port, settings.gateway);
    if (!obstacle.empty()) {
        report("{\"ending\":\"not-started\",\"error\":" + quoted(obstacle) + "}");
        return 125;
    }
    restrict_processors(settings.processors);
    report("{\"started\":true}");

    relay.start();
    DiskWatch disk(settings.weighed, settings.tree_bytes);
    const double started = now();
    start_counter(counter_descriptor);
    const pid_t command = ::fork();
    if (command < 0) fail("fork");
    if (command == 0) execute(settings);
    Totals totals;
    const double deadline = started + static_cast<double>(settings.wall_milliseconds) * 1e-3;
    const Waited waited = wait_for(command, relay.process(), deadline, disk, totals);
    const double ended = now();
    relay.stop();
    end_everything([&totals](const rusage& usage) { totals.add(usage); }, {settings.escape, ::getuid()});
    const std::optional<long long> count = read_counter(counter_descriptor);

    char line[512];
    std::snprintf(
        line, sizeof line,
        "{\"ending\":\"%s\",\"status\":%d,\"wall\":%.9f,\"user\":%.6f,\"system\":%.6f,\"peak\":%lld,"
        "\"switches\":%lld,\"read\":%lld,\"written\":%lld",
        waited.ending, waited.status, ended - started, totals.user, totals.system, totals.peak_bytes,
        totals.involuntary_switches, totals.read_bytes, totals.written_bytes);
    std::string further = further_figures(settings, count);
    if (!waited.excess.empty()) further += ",\"excess\":" + quoted(waited.excess);
    report(line + further + "}");
    return 0;
}

}  // namespace ratchet::init
