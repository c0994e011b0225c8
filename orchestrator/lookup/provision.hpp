#pragma once

#include <filesystem>
#include <memory>

#include "experiment_store/campaign.hpp"
#include "experiment_store/lookup_copy.hpp"
#include "sandbox/confinement.hpp"
#include "sandbox/workspace/repository.hpp"

namespace ratchet {

/// What a proposer gets so that it can look into the ledger while it works: this program, and a copy of the
/// ledger without what no proposer may know. Both are kept between one proposer and the next.
class LookupProvision {
  public:
    /// `executable` is this program. What is given by reference must outlive it.
    LookupProvision(const Campaign& campaign, const Ledger& ledger, const Repository& repository,
                    const Clock& clock, const std::filesystem::path& state_folder,
                    std::filesystem::path executable);

    /// Brings the copy up to date and shows it to the command, which starts from `parent`, with a `ratchet`
    /// in its PATH. Does nothing where this program cannot be shown (it was moved, or only root may run it).
    /// Throws NoRoom.
    void provide(ConfinedCommand& command, const CommitId& parent, Requirement tier);

  private:
    void write_files(const CommitId& parent);
    void name_program() const;
    [[nodiscard]] bool can_be_shown() const;

    const Campaign& campaign_;
    const Ledger& ledger_;
    const Repository& repository_;
    std::filesystem::path folder_;
    std::filesystem::path executable_;
    LookupCopy copy_;
};

}  // namespace ratchet
