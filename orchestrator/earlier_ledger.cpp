#include "orchestrator/earlier_ledger.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "experiment_store/errors.hpp"

namespace ratchet {

namespace fs = std::filesystem;

std::string LeftBehind::text() const {
    std::string in_git = candidates > 0 ? fmt::format("{} of its candidates are in git", candidates)
                         : champion     ? std::string("its champion is in git")
                                        : std::string();
    if (!logs) return in_git;
    return in_git.empty() ? "its logs are there" : in_git + ", and logs beside it";
}

LeftBehind left_behind(const FoundCampaign& found) {
    LeftBehind left;
    const Repository& repository = found.repository;
    for (const PinnedCommit& pin : repository.pins(found.campaign.name)) {
        if (pin.name.find_first_not_of("0123456789") == std::string::npos) ++left.candidates;
        if (pin.name == "champion" && !pin.commit.empty())
            left.champion =
                repository.exists(pin.commit) && !repository.stands_on(repository.head(), pin.commit);
    }
    std::error_code none;
    left.logs = fs::exists(found.state_folder / "logs" / log_folder_name({1}), none);
    return left;
}

void expect_no_earlier_ledger(const FoundCampaign& found) {
    const fs::path file = ledger_file(found.state_folder);
    std::error_code none;
    const bool exists = fs::exists(file, none);
    if (exists && (fs::file_size(file, none) != 0 || none)) return;
    if (exists && fs::file_size(file.string() + "-wal", none) > 0 && !none) return;
    const LeftBehind left = left_behind(found);
    if (!left.anything()) return;
    if (exists)
        throw DamagedLedger(
            fmt::format("the ledger {} is empty, while {}: it was cut off", file.string(), left.text()));
    throw UserError(
        fmt::format("the ledger {} is not there, while {}: it was removed, or campaign \"{}\" ran in another "
                    "clone",
                    file.string(), left.text(), found.campaign.name),
        "Nothing was changed. Put a backup in its place (docs/ledger.md says how). To begin anew, give "
        "another campaign.name, or let `ratchet doctor --repair` set aside what is left.");
}

}  // namespace ratchet
