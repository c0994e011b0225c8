#include "orchestrator/exchange/work_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "experiment_store/errors.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// A lock on the folder itself, which ends with the process; nothing where another process has it.
Descriptor locked_folder(const fs::path& folder) {
    Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (descriptor && ::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) return {};
    return descriptor;
}

void remove_abandoned(const fs::path& campaigns, const std::string& beginning) {
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(campaigns, failed)) {
        if (!entry.path().filename().string().starts_with(beginning)) continue;
        if (const Descriptor lock = locked_folder(entry.path())) try_to_remove_tree(entry.path());
    }
}

}  // namespace

WorkFolder::WorkFolder(const fs::path& campaigns, const std::string& kind) {
    const std::string beginning = fmt::format(".{}-", kind);
    std::error_code failed;
    fs::create_directories(campaigns, failed);
    remove_abandoned(campaigns, beginning);
    std::string name = (campaigns / (beginning + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw UserError(
            fmt::format("cannot make a folder in {}: {}", campaigns.string(), std::strerror(errno)),
            "ratchet needs to write there, and room on its disk.");
    }
    path_ = name;
    lock_ = locked_folder(path_);
}

WorkFolder::~WorkFolder() {
    try_to_remove_tree(path_);
}

}  // namespace ratchet
