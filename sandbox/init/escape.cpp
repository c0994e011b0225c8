#include "sandbox/init/escape.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>

namespace ratchet::init {
namespace {

void say(const char* word, bool refused) {
    if (refused) std::puts(word);
}

bool opens(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (descriptor >= 0) ::close(descriptor);
    return descriptor >= 0;
}

bool changes(const std::string& folder) {
    return opens(folder + "/secret", O_WRONLY) || opens(folder + "/secret", O_WRONLY | O_TRUNC) ||
           ::truncate((folder + "/secret").c_str(), 0) == 0 || ::unlink((folder + "/secret").c_str()) == 0 ||
           ::rename((folder + "/secret").c_str(), "secret") == 0 ||
           ::link((folder + "/secret").c_str(), "secret") == 0 || opens(folder + "/new", O_CREAT | O_WRONLY);
}

bool makes_a_socket() {
    for (const int family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_VSOCK, AF_PACKET}) {
        for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW}) {
            if (::socket(family, type, 0) >= 0) return true;
        }
    }
    int pair[2];
    // One that sends datagrams may send them to any other address too.
    return ::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0;
}

bool looks_into(pid_t process) {
    char byte = 0;
    iovec here{&byte, 1};
    iovec there{reinterpret_cast<void*>(0x400000), 1};
    const std::string files = "/proc/" + std::to_string(process);
    return opens(files + "/environ", O_RDONLY) || opens(files + "/mem", O_RDONLY) ||
           opens(files + "/fd/0", O_RDONLY) || opens(files + "/cwd/.", O_RDONLY | O_DIRECTORY) ||
           ::ptrace(PTRACE_SEIZE, process, nullptr, nullptr) == 0 ||
           ::process_vm_readv(process, &here, 1, &there, 1, 0) > 0;
}

bool has_privileges() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2]{};
    if (::syscall(SYS_capget, &header, sets) != 0) return true;
    for (const auto& set : sets) {
        if (set.effective != 0 || set.permitted != 0 || set.inheritable != 0) return true;
    }
    return ::geteuid() == 0 || ::getuid() == 0 || ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

}  // namespace

int run_escape(Arguments arguments) {
    const std::string folder = arguments.take("escape");
    const auto other = static_cast<pid_t>(arguments.take_number("escape"));
    // What must work: else everything is "refused" and nothing is known.
    say("works", opens("own", O_CREAT | O_WRONLY) && opens("/usr", O_RDONLY | O_DIRECTORY));
    say("files-unread", !opens(folder + "/secret", O_RDONLY) && !opens(folder, O_RDONLY | O_DIRECTORY));
    say("files-unchanged", !changes(folder));
    say("no-sockets", !makes_a_socket());
    say("others-unseen", !looks_into(other));
    say("others-unsignalled", ::kill(other, 0) != 0);
    say("no-privileges", !has_privileges());
    say("filtered", ::prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER);
    say("no-namespaces", ::unshare(CLONE_NEWUSER) != 0);
    return 0;
}

}  // namespace ratchet::init
