#include "orchestrator/log_retention.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

std::int64_t remove_old_logs(const fs::path& logs, const LogRetention& retention) {
    if ((!retention.keep && !retention.most) || !fs::exists(logs)) return 0;
    std::vector<fs::directory_entry> newest_first;
    for (const fs::directory_entry& entry : fs::directory_iterator(logs))
        if (entry.is_directory()) newest_first.push_back(entry);
    std::sort(newest_first.begin(), newest_first.end(),
              [](const auto& a, const auto& b) { return a.last_write_time() > b.last_write_time(); });

    const auto limit = fs::file_time_type::clock::now() - retention.keep.value_or(Milliseconds{});
    std::int64_t room = retention.most.value_or(std::numeric_limits<std::int64_t>::max());
    std::int64_t removed = 0;
    for (const fs::directory_entry& entry : newest_first) {
        const auto bytes = static_cast<std::int64_t>(bytes_below(open_trusted_folder(entry.path()).get()));
        const bool old = retention.keep && entry.last_write_time() < limit;
        if (!old && bytes <= room) {
            room -= bytes;
            continue;
        }
        room = 0;  // what is older goes too
        remove_tree(entry.path());
        removed += bytes;
    }
    return removed;
}

}  // namespace ratchet
