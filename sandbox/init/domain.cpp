#include "sandbox/init/domain.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ratchet::init {

bool Domain::take(const std::string& option, Arguments& arguments) {
    if (option == "--read") {
        rules_.emplace_back(arguments.take("--read"), Allowance::read);
    } else if (option == "--write") {
        rules_.emplace_back(arguments.take("--write"), Allowance::write);
    } else if (option == "--device") {
        rules_.emplace_back(arguments.take("--device"), Allowance::device);
    } else if (option == "--no-tcp") {
        refuse_tcp_ = true;
    } else if (option == "--filter") {
        filter_ = static_cast<int>(arguments.take_number("--filter"));
    } else {
        return false;
    }
    return true;
}

std::string Domain::prepare() {
    if (!rules_.empty()) {
        ruleset_ = make_ruleset(refuse_tcp_);
        if (ruleset_ < 0) return std::string("cannot use Landlock: ") + std::strerror(errno);
        for (const auto& [path, allowance] : rules_) {
            if (!allow(ruleset_, path, allowance))
                return "cannot allow " + path + ": " + std::strerror(errno);
        }
    }
    if (filter_ >= 0) {
        char part[4096];
        ssize_t count = 0;
        while ((count = ::pread(filter_, part, sizeof part, static_cast<off_t>(program_.size()))) > 0)
            program_.append(part, static_cast<std::size_t>(count));
        if (count < 0 || program_.empty()) return "cannot read the system call filter";
    }
    return {};
}

void Domain::enter() const {
    if (ruleset_ >= 0 && !enter_ruleset(ruleset_)) fail("cannot enter the Landlock domain");
    if (filter_ < 0) return;
    std::vector<sock_filter> instructions(program_.size() / sizeof(sock_filter));
    std::memcpy(instructions.data(), program_.data(), instructions.size() * sizeof(sock_filter));
    const sock_fprog program{static_cast<unsigned short>(instructions.size()), instructions.data()};
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) fail("cannot filter system calls");
}

}  // namespace ratchet::init
