// Runs inside the sandbox and tries one thing. Prints "refused" where it could not be done, "done" where it
// could.

#include <dirent.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

bool connect_abstract(const char* name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path + 1, name);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + std::strlen(name));
    return ::connect(socket, reinterpret_cast<sockaddr*>(&address), size) == 0;
}

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<unsigned short>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool connect_loopback(const char* port) {
    const sockaddr_in address = loopback(std::atoi(port));
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// An address that is reserved for documentation, and so is nobody's: it is reached where there is a route.
bool connect_internet(const char* kind) {
    sockaddr_in address = loopback(53);
    address.sin_addr.s_addr = htonl(0xC0000201U);
    const int type = std::string(kind) == "udp" ? SOCK_DGRAM : SOCK_STREAM;
    const int socket = ::socket(AF_INET, type | SOCK_NONBLOCK, 0);
    return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
           errno == EINPROGRESS;
}

/// A server and a client of its own, on the sandbox's loopback.
bool talk_to_itself(const char*) {
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(server, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(server, 1) != 0)
        return false;
    ::getsockname(server, reinterpret_cast<sockaddr*>(&address), &size);
    return connect_loopback(std::to_string(ntohs(address.sin_port)).c_str());
}

/// By a socket of its own, and by one of a connected pair: datagrams may be sent to any address.
bool connect_path(const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
        if (::connect(::socket(AF_UNIX, type, 0), to, sizeof address) == 0) return true;
    }
    for (const int type : {SOCK_DGRAM, SOCK_RAW}) {
        int pair[2] = {-1, -1};
        if (::socketpair(AF_UNIX, type, 0, pair) != 0) continue;
        if (::sendto(pair[0], "x", 1, 0, to, sizeof address) == 1) return true;
        if (::connect(pair[0], to, sizeof address) == 0) return true;
    }
    return false;
}

/// As a 32-bit program asks for one: by a single call for everything about sockets.
bool open_socket_as_32_bits(const char*) {
#ifdef __x86_64__
    void* low = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED) return false;
    for (const int family : {AF_UNIX, AF_INET}) {
        auto* arguments = static_cast<std::uint32_t*>(low);
        arguments[0] = static_cast<std::uint32_t>(family);
        arguments[1] = SOCK_STREAM;
        arguments[2] = 0;
        constexpr int socketcall = 102;
        long result = socketcall;
        asm volatile("int $0x80" : "+a"(result) : "b"(1), "c"(low) : "memory", "r8", "r9", "r10", "r11");
        if (static_cast<int>(result) >= 0) return true;
        constexpr int socket = 359;
        result = socket;
        asm volatile("int $0x80"
                     : "+a"(result)
                     : "b"(family), "c"(SOCK_STREAM), "d"(0)
                     : "memory", "r8", "r9", "r10", "r11");
        if (static_cast<int>(result) >= 0) return true;
    }
#endif
    return false;
}

bool open_socket(const char* family) {
    const std::map<std::string, std::pair<int, int>> kinds = {{"vsock", {AF_VSOCK, SOCK_STREAM}},
                                                              {"packet", {AF_PACKET, SOCK_RAW}},
                                                              {"raw", {AF_INET, SOCK_RAW}},
                                                              {"alg", {AF_ALG, SOCK_SEQPACKET}}};
    const auto [number, type] = kinds.at(family);
    return ::socket(number, type, std::string(family) == "raw" ? IPPROTO_ICMP : 0) >= 0;
}

/// Looks for a descriptor of process 1 that can be opened, and writes a false report into it.
bool forge_report(const char*) {
    bool opened = false;
    for (int number = 0; number < 64; ++number) {
        const std::string path = "/proc/1/fd/" + std::to_string(number);
        const int descriptor = ::open(path.c_str(), O_WRONLY);
        if (descriptor < 0) continue;
        opened = true;
        const char report[] = "{\"ending\":\"exited\",\"status\":0,\"wall\":0.000001}\n";
        if (::write(descriptor, report, sizeof report - 1) < 0) continue;
    }
    return opened;
}

bool trace_first(const char*) {
    char byte = 0;
    iovec here{&byte, 1};
    iovec there{reinterpret_cast<void*>(0x400000), 1};
    return ::ptrace(PTRACE_ATTACH, 1, nullptr, nullptr) == 0 ||
           ::process_vm_readv(1, &here, 1, &there, 1, 0) > 0;
}

bool trace(const char* pid) {
    const int process = std::atoi(pid);
    char byte = 0;
    iovec here{&byte, 1};
    iovec there{reinterpret_cast<void*>(0x400000), 1};
    const std::string memory = "/proc/" + std::string(pid) + "/mem";
    return ::ptrace(PTRACE_ATTACH, process, nullptr, nullptr) == 0 ||
           ::process_vm_readv(process, &here, 1, &there, 1, 0) > 0 || ::open(memory.c_str(), O_RDONLY) >= 0;
}

bool look_into(const char* number) {
    const pid_t process = std::atoi(number);
    char byte = 0;
    iovec here{&byte, 1};
    iovec there{reinterpret_cast<void*>(0x400000), 1};
    for (const char* file :
         {"environ", "mem", "maps", "fd/0", "fd/1", "fdinfo/0", "cwd/.", "root/.", "auxv"}) {
        const std::string path = std::string("/proc/") + number + "/" + file;
        const int descriptor = ::open(path.c_str(), O_RDONLY);
        // Some can be opened and then not be read.
        if (descriptor >= 0 && (::read(descriptor, &byte, 1) >= 0 || errno == EISDIR)) {
            std::puts(file);
            return true;
        }
    }
    return ::ptrace(PTRACE_ATTACH, process, nullptr, nullptr) == 0 ||
           ::ptrace(PTRACE_SEIZE, process, nullptr, nullptr) == 0 ||
           ::process_vm_readv(process, &here, 1, &there, 1, 0) > 0 ||
           ::process_vm_writev(process, &here, 1, &there, 1, 0) > 0;
}

bool signal_it(const char* number) {
    return ::kill(std::atoi(number), SIGUSR1) == 0 || ::kill(std::atoi(number), 0) == 0;
}

bool signal_everybody(const char*) {
    return ::kill(-1, 0) == 0 || errno != EPERM;
}

bool limit_it(const char* number) {
    const rlimit limit{1000, 1000};
    return ::prlimit(std::atoi(number), RLIMIT_NOFILE, &limit, nullptr) == 0;
}

/// What stays in the kernel when everybody is gone.
bool leave_in_the_kernel(const char*) {
    return ::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) >= 0 ||
           ::msgget(IPC_PRIVATE, IPC_CREAT | 0600) >= 0 || ::semget(IPC_PRIVATE, 1, IPC_CREAT | 0600) >= 0 ||
           ::syscall(SYS_mq_open, "ratchet-test", O_CREAT | O_RDWR, 0600, nullptr) >= 0;
}

/// Every way to a file or folder that is not this program's business.
bool change_file(const char* path) {
    const std::string file = path;
    const std::string parent = file.substr(0, file.rfind('/'));
    return ::open(path, O_WRONLY) >= 0 || ::open(path, O_RDWR | O_APPEND) >= 0 ||
           ::open(path, O_RDONLY | O_TRUNC) >= 0 || ::truncate(path, 0) == 0 ||
           ::rename(path, (file + ".moved").c_str()) == 0 || ::rename(path, "taken") == 0 ||
           ::link(path, "linked") == 0 || ::unlink(path) == 0 ||
           ::open((parent + "/new").c_str(), O_CREAT | O_WRONLY, 0600) >= 0 ||
           ::mkdir((parent + "/folder").c_str(), 0700) == 0 ||
           ::symlink("/", (parent + "/link").c_str()) == 0 ||
           ::mknod((parent + "/fifo").c_str(), S_IFIFO | 0600, 0) == 0;
}

/// Forks and ends, again and again, so that whoever looks for it finds somebody who is gone; for at most half
/// a minute.
bool hop(const char*) {
    constexpr int hoppers = 8;
    for (int i = 0; i < hoppers; ++i) {
        if (::fork() == 0) break;
        if (i == hoppers - 1) return true;
    }
    ::setsid();
    timespec begin{};
    ::clock_gettime(CLOCK_MONOTONIC, &begin);
    for (;;) {
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - begin.tv_sec > 30) ::_exit(0);
        const pid_t child = ::fork();
        if (child > 0) ::_exit(0);
    }
}

bool kill_first(const char*) {
    ::kill(1, SIGKILL);
    ::kill(1, SIGSTOP);
    ::kill(1, SIGTERM);
    return ::kill(1, 0) != 0;
}

bool mount_something(const char*) {
    return ::mount("none", "/tmp", "tmpfs", 0, nullptr) == 0 ||
           ::mount("none", "/", nullptr, MS_REMOUNT | MS_BIND, nullptr) == 0;
}

bool stop_loopback(const char*) {
    const int any = ::socket(AF_INET, SOCK_DGRAM, 0);
    ifreq loopback{};
    std::strcpy(loopback.ifr_name, "lo");
    if (::ioctl(any, SIOCGIFFLAGS, &loopback) != 0) return false;
    loopback.ifr_flags = 0;
    return ::ioctl(any, SIOCSIFFLAGS, &loopback) == 0;
}

bool make_user_namespace(const char*) {
    if (::unshare(CLONE_NEWUSER) == 0) return true;
    const long child = ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (child == 0) ::_exit(0);
    return child > 0;
}

bool call(const char* name) {
    io_uring_params parameters{};
    static const timespec moment{1, 0};
    static const sched_param priority{1};
    const std::map<std::string, std::function<long()>> calls = {
        {"bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }},
        {"keyctl", [] { return ::syscall(SYS_keyctl, 0, -3, 0, 0, 0); }},
        {"io_uring", [&] { return ::syscall(SYS_io_uring_setup, 1, &parameters); }},
        {"userfaultfd", [] { return ::syscall(SYS_userfaultfd, 1); }},
        {"perf", [] { return ::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0); }},
        {"clock", [] { return ::syscall(SYS_clock_settime, CLOCK_REALTIME, &moment); }},
        {"hostname", [] { return ::syscall(SYS_sethostname, "x", 1); }},
        {"reboot", [] { return ::syscall(SYS_reboot, 0, 0, 0, nullptr); }},
        {"swap", [] { return ::syscall(SYS_swapoff, "/nowhere"); }},
        {"module", [] { return ::syscall(SYS_delete_module, "nothing", 0); }},
        {"kernel-log", [] { return ::syscall(SYS_syslog, 3, nullptr, 0); }},
        {"accounting", [] { return ::syscall(SYS_acct, nullptr); }},
        // From where it is: whoever started ratchet may have been raised, and that is inherited.
        {"nice", [] { return ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) - 1); }},
        {"real-time", [] { return ::syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &priority); }},
    };
    const long result = calls.at(name)();
    return result >= 0 || (errno != EPERM && errno != EACCES);
}

/// Starts processes that do nothing until it cannot any more; prints how many there were.
bool fork_bomb(const char* most) {
    int count = 0;
    for (; count < std::atoi(most); ++count) {
        const pid_t child = ::fork();
        if (child < 0) break;
        if (child == 0) {
            ::pause();
            ::_exit(0);
        }
    }
    std::printf("%d processes\n", count);
    return count == std::atoi(most);
}

/// Takes and touches memory until it gets no more.
bool take_memory(const char* mebibytes) {
    for (int i = 0; i < std::atoi(mebibytes); ++i) {
        void* memory = std::malloc(1 << 20);
        if (memory == nullptr) return false;
        std::memset(memory, 1, 1 << 20);
    }
    return true;
}

/// Writes files that no folder knows any more, each with this many bytes, and keeps them.
bool fill_deleted(const char* bytes) {
    const std::vector<char> block(static_cast<std::size_t>(std::atoi(bytes)), 'x');
    for (int i = 0; i < 20; ++i) {
        const int file = ::open(".", O_TMPFILE | O_RDWR, 0600);
        if (file < 0 || ::write(file, block.data(), block.size()) < 0) return false;
    }
    ::sleep(10);
    return true;
}

/// Leaves a process that nobody knows: a session of its own, twice forked, deaf to every signal.
bool leave_daemon(const char* marker) {
    if (::fork() == 0) {
        ::setsid();
        if (::fork() != 0) ::_exit(0);
        for (int signal = 1; signal < NSIG; ++signal)
            ::signal(signal, SIG_IGN);
        ::execl("/usr/bin/sleep", "sleep", marker, nullptr);
        ::_exit(127);
    }
    ::wait(nullptr);
    return true;
}

/// Leaves process 1 an orphan to bury, and another, without pause.
bool flood_with_orphans(const char*) {
    for (;;) {
        const pid_t child = ::fork();
        if (child == 0) {
            if (::fork() == 0) ::_exit(0);
            ::_exit(0);
        }
        if (child > 0) ::waitpid(child, nullptr, 0);
    }
}

/// Stops the performance counters that are this process's own; those that watch it are not.
bool stop_counters(const char*) {
    return ::prctl(PR_TASK_PERF_EVENTS_DISABLE) == 0;
}

bool type_into_terminal(const char*) {
    const char letter = 'x';
    return ::ioctl(0, TIOCSTI, &letter) == 0 || errno != EPERM;
}

}  // namespace

int main(int count, char** arguments) {
    const std::map<std::string, bool (*)(const char*)> attacks = {
        {"connect-abstract", connect_abstract},
        {"connect-loopback", connect_loopback},
        {"talk-to-itself", talk_to_itself},
        {"socket", open_socket},
        {"forge-report", forge_report},
        {"trace-first", trace_first},
        {"trace", trace},
        {"connect-internet", connect_internet},
        {"kill-first", kill_first},
        {"connect-path", connect_path},
        {"socket-32", open_socket_as_32_bits},
        {"look-into", look_into},
        {"signal", signal_it},
        {"signal-everybody", signal_everybody},
        {"limit", limit_it},
        {"leave-in-the-kernel", leave_in_the_kernel},
        {"change-file", change_file},
        {"hop", hop},
        {"mount", mount_something},
        {"stop-loopback", stop_loopback},
        {"user-namespace", make_user_namespace},
        {"call", call},
        {"fork-bomb", fork_bomb},
        {"take-memory", take_memory},
        {"fill-deleted", fill_deleted},
        {"leave-daemon", leave_daemon},
        {"flood-with-orphans", flood_with_orphans},
        {"stop-counters", stop_counters},
        {"type-into-terminal", type_into_terminal},
    };
    const bool done = attacks.at(arguments[1])(count > 2 ? arguments[2] : "");
    std::puts(done ? "done" : "refused");
    return 0;
}
