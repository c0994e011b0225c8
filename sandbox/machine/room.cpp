#include "sandbox/machine/room.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "experiment_store/errors.hpp"
#include "sandbox/process/descriptor.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr auto least_bytes = static_cast<std::uintmax_t>(NoRoom::least_bytes);

fs::path nearest_existing(fs::path folder) {
    std::error_code ignored;
    while (!fs::exists(folder, ignored) && folder != folder.parent_path())
        folder = folder.parent_path();
    return folder;
}

/// False where the file system says that it has no room; one that cannot be asked like this may have some.
bool can_take(const fs::path& folder) {
    const Descriptor file(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (file.get() < 0) return !means_no_room(errno);
    return ::fallocate(file.get(), 0, 0, NoRoom::least_bytes) == 0 || !means_no_room(errno);
}

}  // namespace

std::optional<std::uintmax_t> free_bytes(const fs::path& folder) {
    std::error_code failed;
    const fs::space_info space = fs::space(nearest_existing(folder), failed);
    // A file system that names no size at all (some of networks) does not tell what is left either.
    const bool told = !failed && space.capacity > 0;
    return told ? std::optional(space.available) : std::nullopt;
}

void require_room(const fs::path& folder) {
    const auto free = free_bytes(folder);
    if (!free || *free >= least_bytes) return;
    throw NoRoom(
        fmt::format("{:.1f} MiB are left at {}", static_cast<double>(*free) / (1 << 20), folder.string()));
}

bool has_room(const fs::path& folder) {
    const auto free = free_bytes(folder);
    return !free || (*free >= least_bytes && can_take(nearest_existing(folder)));
}

}  // namespace ratchet
