#include "sandbox/machine/room.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <system_error>

#include "experiment_store/errors.hpp"

namespace ratchet {

void require_room(const std::filesystem::path& folder) {
    std::error_code failed;
    const std::filesystem::space_info space = std::filesystem::space(folder, failed);
    if (failed || space.available >= static_cast<std::uintmax_t>(NoRoom::least_bytes)) return;
    throw NoRoom(fmt::format("{:.1f} MiB are left at {}", static_cast<double>(space.available) / (1 << 20),
                             folder.string()));
}

}  // namespace ratchet
