#include "sandbox/workspace/lease_metadata.hpp"

#include <exception>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/core.h>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> text_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

/// Replaces the file at once, so that a git that reads it meanwhile sees the old text or the new.
void require_text(const fs::path& file, const std::string& text) {
    if (text_of(file) == text) return;
    const DurableStep step("worktree/write metadata");
    const fs::path fresh = file.string() + ".new";
    std::ofstream stream(fresh, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream) throw_errno("writing " + printable(fresh.native()));
    crash_point("worktree/write metadata", "written aside");
    fs::rename(fresh, file);
}

/// A folder's name that says which campaign it belongs to and holds nothing that git would not have in a ref.
std::string safe(const std::string& text) {
    std::string result;
    for (const char c : text) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        result += plain ? c : '-';
    }
    return result;
}

}  // namespace

std::string LeaseMetadata::reason(const std::string& name, const std::string& campaign) {
    return fmt::format("leased by ratchet as {} of the campaign {}\n", name, campaign);
}

LeaseMetadata::LeaseMetadata(const fs::path& common, fs::path worktree, const std::string& campaign,
                             const std::string& name)
    : worktree_(std::move(worktree)), reason_(reason(name, campaign)) {
    const std::string wanted = fmt::format("ratchet-{}-{}", safe(campaign), safe(name));
    folder_ = common / "worktrees" / wanted;
    for (int other = 2; fs::exists(folder_) && !is_ours(folder_); ++other) {
        folder_ = common / "worktrees" / fmt::format("{}-{}", wanted, other);
    }
}

bool LeaseMetadata::is_ours(const fs::path& folder) const {
    const auto lock = text_of(folder / "locked");
    const auto path = text_of(folder / "gitdir");
    // The lock tells where the whole repository was moved, the path where the user unlocked the worktree.
    // With neither it is no worktree of anybody's: a lease that was killed when it had made the folder.
    return lock == reason_ || path == (worktree_ / ".git").string() + "\n" || (!lock && !path);
}

std::string LeaseMetadata::pointer() const {
    return "gitdir: " + folder_.string() + "\n";
}

void LeaseMetadata::lock() const {
    fs::create_directories(folder_);
    // Whatever else is there was left by a git command that was broken off, or put there to be found by the
    // next one.
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
        const std::string name = entry.path().filename().string();
        if (name != "locked" && name != "commondir" && name != "gitdir" && name != "HEAD" &&
            name != "index") {
            fs::remove_all(entry.path(), ignored);
        }
    }
    require_text(folder_ / "locked", reason_);
}

void LeaseMetadata::repair(const std::string& head) const {
    // Until it is locked, a `git worktree prune` may take the folder away.
    constexpr int tries = 5;
    for (int i = 1;; ++i) {
        try {
            lock();
            break;
        } catch (const std::exception&) {
            if (i == tries || fs::exists(folder_)) throw;
        }
    }
    require_text(folder_ / "commondir", "../..\n");
    require_text(folder_ / "gitdir", (worktree_ / ".git").string() + "\n");
    require_text(folder_ / "HEAD", head + "\n");
}

void LeaseMetadata::remove(Trash& trash) const {
    std::error_code ignored;
    if (!fs::exists(folder_, ignored)) return;
    const DurableStep step("worktree/remove metadata");
    // At once: half of it would be nobody's, and listed for ever.
    trash.take(open_trusted_folder(folder_.parent_path()).get(), folder_.filename().string());
    fs::remove(folder_.parent_path(), ignored);  // goes only where it is empty, as git itself does it
}

}  // namespace ratchet
