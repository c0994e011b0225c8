#include "sandbox/init/landlock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace ratchet::init {
namespace {

// The same numbers on every architecture.
constexpr long create_ruleset_call = 444;
constexpr long add_rule_call = 445;
constexpr long restrict_self_call = 446;
constexpr unsigned ask_version = 1;
constexpr int path_beneath = 1;

struct RulesetAttributes {
    std::uint64_t files = 0;
    std::uint64_t network = 0;
    std::uint64_t scoped = 0;
};
struct __attribute__((packed)) PathAttributes {
    std::uint64_t allowed = 0;
    std::int32_t path = -1;
};

namespace rights {

constexpr std::uint64_t bit(int number) {
    return std::uint64_t{1} << number;
}
constexpr std::uint64_t execute = bit(0);
constexpr std::uint64_t write_file = bit(1);
constexpr std::uint64_t read_file = bit(2);
constexpr std::uint64_t read_folder = bit(3);
constexpr std::uint64_t remove_folder = bit(4);
constexpr std::uint64_t remove_file = bit(5);
constexpr std::uint64_t make_folder = bit(7);
constexpr std::uint64_t make_regular = bit(8);
constexpr std::uint64_t make_fifo = bit(10);
constexpr std::uint64_t make_symlink = bit(12);
constexpr std::uint64_t refer = bit(13);
constexpr std::uint64_t truncate = bit(14);
constexpr std::uint64_t control_device = bit(15);
/// What can be allowed for something that is no folder.
constexpr std::uint64_t of_files = execute | write_file | read_file | truncate | control_device;
constexpr std::uint64_t bind_and_connect_tcp = bit(0) | bit(1);
constexpr std::uint64_t abstract_sockets_and_signals = bit(0) | bit(1);

}  // namespace rights

/// Everything about files that this version can refuse, also what is never allowed again (devices, sockets).
std::uint64_t handled(int version) {
    using namespace rights;
    std::uint64_t all = bit(13) - 1;
    if (version >= 2) all |= refer;
    if (version >= 3) all |= truncate;
    if (version >= 5) all |= control_device;
    return all;
}

std::uint64_t rights_of(Allowance allowance) {
    constexpr std::uint64_t reading = rights::execute | rights::read_file | rights::read_folder;
    switch (allowance) {
        case Allowance::read:
            return reading;
        case Allowance::write:
            return reading | rights::write_file | rights::remove_folder | rights::remove_file |
                   rights::make_folder | rights::make_regular | rights::make_fifo | rights::make_symlink |
                   rights::refer | rights::truncate;
        case Allowance::device:
            return rights::read_file | rights::write_file | rights::control_device;
    }
    return 0;
}

}  // namespace

int landlock_version() {
    const long version = ::syscall(create_ruleset_call, nullptr, 0, ask_version);
    return version < 0 ? 0 : static_cast<int>(version);
}

int make_ruleset(bool refuse_tcp) {
    const int version = landlock_version();
    if (version == 0) return -1;
    RulesetAttributes attributes;
    attributes.files = handled(version);
    if (version >= 4 && refuse_tcp) attributes.network = rights::bind_and_connect_tcp;
    if (version >= 6) attributes.scoped = rights::abstract_sockets_and_signals;
    // An older kernel takes a longer structure as long as what it does not know is zero.
    return static_cast<int>(::syscall(create_ruleset_call, &attributes, sizeof attributes, 0));
}

bool allow(int ruleset, const std::string& path, Allowance allowance) {
    PathAttributes attributes;
    attributes.path = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (attributes.path < 0) return errno == ENOENT;
    struct stat status{};
    bool made = ::fstat(attributes.path, &status) == 0;
    if (made) {
        attributes.allowed = rights_of(allowance) & handled(landlock_version());
        if (!S_ISDIR(status.st_mode)) attributes.allowed &= rights::of_files;
        made = ::syscall(add_rule_call, ruleset, path_beneath, &attributes, 0) == 0;
    }
    const int error = errno;
    ::close(attributes.path);
    errno = error;
    return made;
}

bool enter_ruleset(int ruleset) {
    return ::syscall(restrict_self_call, ruleset, 0) == 0;
}

}  // namespace ratchet::init
