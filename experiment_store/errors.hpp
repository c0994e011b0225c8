#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace ratchet {

/// Something that the user can mend: a wrong key, a missing package, a repository without a commit.
/// The message says what and where in one sentence, the hint says what to do.
class UserError : public std::runtime_error {
  public:
    explicit UserError(const std::string& message, std::string hint = {})
        : std::runtime_error(message), hint_(std::move(hint)) {}

    [[nodiscard]] const std::string& hint() const { return hint_; }

  private:
    std::string hint_;
};

/// Our own machinery broke: a system call, the ledger, git. A failed experiment is never one of these.
class MachineryError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace ratchet
