#include "orchestrator/doctor/set_aside.hpp"

#include <fmt/format.h>

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr const char* orphans = "orphans/";

}  // namespace

std::string name_aside(const std::string& name, const CommitId& commit) {
    return orphans + name + "-" + commit.abbreviated();
}

bool is_aside(const std::string& name) {
    return name.starts_with(orphans);
}

std::string set_aside(Repository& repository, const std::string& campaign, const std::string& name,
                      const CommitId& commit) {
    repository.pin(campaign, name_aside(name, commit), commit);
    repository.unpin(campaign, name);
    return fmt::format("set aside as refs/ratchet/{}/{}", campaign, name_aside(name, commit));
}

fs::path logs_aside(const fs::path& folder) {
    return folder.parent_path() / "orphans" / folder.filename();
}

std::string set_logs_aside(const fs::path& folder) {
    const fs::path aside = logs_aside(folder);
    fs::create_directories(aside.parent_path());
    fs::path free = aside;
    for (int other = 2; fs::exists(free); ++other)
        free = aside.string() + "-" + std::to_string(other);
    fs::rename(folder, free);
    return "moved to " + free.string();
}

}  // namespace ratchet
