#include "sandbox/tiers/seccomp_filter.hpp"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <span>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

// By name, since the headers of an older distribution lack the newer ones; libseccomp skips what it does not
// know.
constexpr std::array refused = {
    // others' memory and execution
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    // handles pass by every folder's permissions
    "name_to_handle_at",
    "open_by_handle_at",
    // keys, programs in the kernel, measuring of others, asynchronous system calls that a filter does not see
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "userfaultfd",
    "fanotify_init",
    "lookup_dcookie",
    // the machine as a whole
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "stime",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "swapon",
    "swapoff",
    "syslog",
    "acct",
    "quotactl",
    "quotactl_fd",
    "sethostname",
    "setdomainname",
    "iopl",
    "ioperm",
    "vhangup",
    "nfsservctl",
    // memory placement on other nodes' behalf
    "move_pages",
    "migrate_pages",
};

// What makes mounts and namespaces.
constexpr std::array nesting = {
    "mount",   "umount",   "umount2",   "pivot_root",     "chroot",
    "unshare", "setns",    "open_tree", "open_tree_attr", "move_mount",
    "fsopen",  "fsconfig", "fsmount",   "fspick",         "mount_setattr",
};

// AF_NETLINK: getaddrinfo and getifaddrs ask it for the machine's addresses; its namespace is the sandbox's
// own.
constexpr std::array families = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

// Everything above the highest allowed family is refused by one rule.
constexpr int highest_family = AF_NETLINK;

struct ReleaseFilter {
    void operator()(scmp_filter_ctx context) const { seccomp_release(context); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;

void check(int result) {
    if (result < 0)
        throw MachineryError("cannot build the system call filter: libseccomp " + std::to_string(result));
}

constexpr std::array network_families = {AF_INET, AF_INET6, AF_NETLINK};

/// Of this system call, whose first argument is one.
template <std::size_t Count>
void refuse_families_but(const std::array<int, Count>& allowed, scmp_filter_ctx filter, int call) {
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                           SCMP_A0(SCMP_CMP_GT, static_cast<scmp_datum_t>(highest_family))));
    for (int family = 0; family <= highest_family; ++family) {
        if (std::find(allowed.begin(), allowed.end(), family) != allowed.end()) continue;
        check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                               SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))));
    }
}

void refuse_calls(scmp_filter_ctx filter, std::span<const char* const> names) {
    for (const char* name : names) {
        const int call = seccomp_syscall_resolve_name(name);
        if (call == __NR_SCMP_ERROR) continue;
        check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0));
    }
}

void add_rules(scmp_filter_ctx filter, Nesting namespaces) {
    refuse_calls(filter, refused);
    if (namespaces == Nesting::refused) {
        refuse_calls(filter, nesting);
        // Its flags lie in memory, where a filter cannot look: "not implemented" sends libc back to clone.
        check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
        check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                               SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER)));
    }
    // 32 bits are compared: the kernel ignores the upper ones of an ioctl's number.
    for (const unsigned long request :
         {static_cast<unsigned long>(TIOCSTI), static_cast<unsigned long>(TIOCLINUX)}) {
        check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                               SCMP_A1(SCMP_CMP_MASKED_EQ, 0xFFFFFFFFU, request)));
    }
}

void refuse_sockets(scmp_filter_ctx filter, bool network) {
    if (network) {
        refuse_families_but(network_families, filter, SCMP_SYS(socket));
    } else {
        refuse_calls(filter, std::array{"socket", "bind", "connect", "listen"});
    }
    refuse_families_but(std::array{AF_UNIX}, filter, SCMP_SYS(socketpair));
    // Even one of a connected pair may send datagrams to any other address. The kernel makes a datagram
    // socket of a raw one.
    constexpr scmp_datum_t type_bits = 0xF;
    for (const int type : {SOCK_DGRAM, SOCK_RAW}) {
        check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socketpair), 1,
                               SCMP_A1(SCMP_CMP_MASKED_EQ, type_bits, static_cast<scmp_datum_t>(type))));
    }
}

void add_rules_without_namespaces(scmp_filter_ctx filter, const WithoutNamespaces& settings) {
    refuse_calls(filter, std::array{"shmget", "shmat", "msgget", "semget", "mq_open"});
    if (!settings.truncate) refuse_calls(filter, std::array{"truncate", "truncate64"});
    // -1: everybody. The kernel looks at 32 bits.
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(kill), 1,
                           SCMP_A0(SCMP_CMP_MASKED_EQ, 0xFFFFFFFFU, 0xFFFFFFFFU)));
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0)));
    refuse_sockets(filter, settings.network);
}

Filter new_filter() {
    Filter filter(seccomp_init(SCMP_ACT_ALLOW));
    if (!filter) throw MachineryError("cannot build the system call filter: libseccomp");
    // 32-bit programs run too, under the same rules; without this they would be killed.
    if (seccomp_arch_native() == SCMP_ARCH_X86_64) check(seccomp_arch_add(filter.get(), SCMP_ARCH_X86));
    return filter;
}

std::string exported(scmp_filter_ctx filter) {
    const int file = ::memfd_create("seccomp", MFD_CLOEXEC);
    if (file < 0) throw MachineryError("cannot build the system call filter: memfd_create");
    const int result = seccomp_export_bpf(filter, file);
    std::string program(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
    const bool complete =
        ::pread(file, program.data(), program.size(), 0) == static_cast<ssize_t>(program.size());
    ::close(file);
    check(complete ? result : -EIO);
    return program;
}

}  // namespace

std::string seccomp_filter(Nesting namespaces) {
    const Filter filter = new_filter();
    add_rules(filter.get(), namespaces);
    for (const int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)})
        refuse_families_but(families, filter.get(), call);
    return exported(filter.get());
}

std::string seccomp_filter(const WithoutNamespaces& settings) {
    const Filter filter = new_filter();
    add_rules(filter.get(), Nesting::refused);
    add_rules_without_namespaces(filter.get(), settings);
    return exported(filter.get());
}

}  // namespace ratchet
