#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sandbox/init/failure.hpp"
#include "sandbox/init/landlock.hpp"

namespace ratchet::init {

/// What a command is confined by where there are no namespaces: rules about paths, and a system call filter.
/// Only the command is; this process stays outside of it, to kill and to report.
class Domain {
  public:
    /// Takes one of these options; false: it is another.
    ///   --read PATH, --write PATH, --device PATH   what is allowed; everything else is refused
    ///   --no-tcp                                   TCP is refused too
    ///   --filter DESCRIPTOR                        a file with a seccomp program
    bool take(const std::string& option, Arguments& arguments);
    /// Opens everything, so that what is missing shows before the command starts. The reason where it is not
    /// possible, else empty.
    std::string prepare();
    /// In the command's own process, just before it executes. Fails where it does not come into force.
    void enter() const;

  private:
    std::vector<std::pair<std::string, Allowance>> rules_;
    bool refuse_tcp_ = false;
    int filter_ = -1;
    int ruleset_ = -1;
    std::string program_;
};

}  // namespace ratchet::init
