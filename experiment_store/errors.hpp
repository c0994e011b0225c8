#pragma once

#include <cerrno>
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

/// The disk is full. What was recorded stays, and the campaign goes on when there is room.
class NoRoom : public UserError {
  public:
    /// What a campaign is given before it goes on: worktrees of a small project, logs and the ledger's own
    /// log fit into it. A larger project needs more, and is told so again.
    static constexpr long long least_bytes = 16LL << 20;

    /// `cause` says what could not be written, and where.
    explicit NoRoom(const std::string& cause)
        : UserError("the disk is full: " + cause,
                    "make room (16 MiB at least), then `ratchet run` goes on: nothing that was recorded is "
                    "lost") {}
};

/// Whether this value of errno means that the disk, or the user's share of it, is full.
inline bool means_no_room(int error) {
    return error == ENOSPC || error == EDQUOT;
}

/// What stands in a ledger cannot be right: it was overwritten, cut off, or changed by another hand.
class DamagedLedger : public UserError {
  public:
    explicit DamagedLedger(const std::string& message)
        : UserError(
              message,
              "It was left as it is, and the commits are safe in git. `ratchet doctor` says what can be "
              "repaired; otherwise put a backup in its place (docs/ledger.md says how).") {}
};

/// Our own machinery broke: a system call, the ledger, git. A failed experiment is never one of these.
class MachineryError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace ratchet
