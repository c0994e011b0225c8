#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/proposers/proposer.hpp"

namespace ratchet {

/// A patch file: lines `Key: value` first, then a blank line, then the diff (which may be missing).
struct PatchFile {
    std::map<std::string, std::string> header;  ///< keys in lower case
    std::string diff;
};

/// Reads a patch file's text; also one written by `git format-patch`. Whatever it is, there is no error: a
/// diff that makes no sense does not apply.
PatchFile read_patch_file(std::string_view text);

/// Offline: the patches of a folder, in the order of their names, each on the champion of its time. The
/// origin of an experiment is its patch's file name and the other lines of its header.
class ReplayProposer final : public Proposer {
  public:
    /// `campaign_folder` is the host folder of the campaign file.
    ReplayProposer(const Campaign& campaign, const Ledger& ledger,
                   const std::filesystem::path& campaign_folder);
    /// Throws UserError where the folder cannot be read.
    ProposerAnswer propose(const Assignment& assignment, Worktree& worktree, const StopSignal& stop) override;
    [[nodiscard]] bool exhausted() const override;

  private:
    std::string name_;  ///< as it stands in the ledger
    std::filesystem::path patches_;
    const Ledger& ledger_;

    [[nodiscard]] std::optional<std::filesystem::path> next_patch() const;
};

}  // namespace ratchet
