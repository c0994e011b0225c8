#include "orchestrator/commands/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "experiment_store/errors.hpp"

namespace ratchet {

namespace {

[[noreturn]] void refuse_existing(const std::filesystem::path& file) {
    throw UserError(fmt::format("{} is there already, and is left as it is", file.string()),
                    "edit it, or move it away and call `ratchet init` again");
}

[[noreturn]] void refuse_unwritable(const std::filesystem::path& file, int error) {
    throw UserError(fmt::format("{} cannot be written: {}", file.string(), std::strerror(error)));
}

}  // namespace

void write_new_file(const std::filesystem::path& file, const std::string& text) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == EEXIST) refuse_existing(file);
    const bool written =
        descriptor >= 0 && ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!written) refuse_unwritable(file, error);
}

void require_new_file(const std::filesystem::path& file) {
    if (std::filesystem::exists(std::filesystem::symlink_status(file))) refuse_existing(file);
    const std::filesystem::path folder = file.parent_path();
    if (::access(folder.c_str(), W_OK | X_OK) != 0) refuse_unwritable(file, errno);
}

}  // namespace ratchet
