#include "sandbox/workspace/leases.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/lease_metadata.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

std::string line_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string line;
    std::getline(stream, line);
    return line;
}

/// The name in "leased by ratchet as NAME of the campaign CAMPAIGN"; nothing where it says something else.
std::string leased_name(const std::string& reason, const std::string& campaign) {
    constexpr std::string_view mark = "NAME";
    const std::string pattern = LeaseMetadata::reason(std::string(mark), campaign);
    const std::size_t place = pattern.find(mark);
    const std::string before = pattern.substr(0, place);
    const std::string after = pattern.substr(place + mark.size(), pattern.size() - place - mark.size() - 1);
    if (reason.size() <= before.size() + after.size()) return {};
    if (!reason.starts_with(before) || !reason.ends_with(after)) return {};
    return reason.substr(before.size(), reason.size() - before.size() - after.size());
}

}  // namespace

std::vector<LeaseRecord> leases_of(const fs::path& common, const fs::path& worktrees,
                                   const std::string& campaign) {
    std::vector<LeaseRecord> leases;
    std::error_code failed;
    const fs::path ours = fs::weakly_canonical(worktrees, failed);
    for (const fs::directory_entry& entry : fs::directory_iterator(common / "worktrees", failed)) {
        const fs::path pointer = line_of(entry.path() / "gitdir");
        const fs::path folder = pointer.parent_path();
        std::string name = leased_name(line_of(entry.path() / "locked"), campaign);
        if (name.empty() && !folder.empty() && folder.parent_path() == ours)
            name = folder.filename().string();
        if (!name.empty()) leases.push_back({name, entry.path(), folder});
    }
    std::sort(leases.begin(), leases.end(),
              [](const LeaseRecord& one, const LeaseRecord& other) { return one.metadata < other.metadata; });
    return leases;
}

void forget_lease(const fs::path& common, const LeaseRecord& lease) {
    // The way out is beside git's folder of worktrees: in it, git would take it for one more.
    Trash trash(common / "ratchet" / ".lease.removed");
    trash.take(open_trusted_folder(lease.metadata.parent_path()).get(), lease.metadata.filename().string());
    trash.empty();
    std::error_code ignored;
    fs::remove(lease.metadata.parent_path(), ignored);  // goes only where it is empty, as git itself does it
}

}  // namespace ratchet
