#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "experiment_store/characters.hpp"
#include "experiment_store/errors.hpp"
#include "experiment_store/exchange/archive.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// libarchive pads an archive that goes to a device to this size; ours is a file, and ends where tar says.
constexpr int no_padding = 1;
constexpr std::size_t copied_at_once = std::size_t{1} << 16;
constexpr unsigned entry_mode = 0644;

bool is_entry_character(char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
}

struct OpenFile {
    explicit OpenFile(int opened) : descriptor(opened) {}
    ~OpenFile() {
        if (descriptor >= 0) ::close(descriptor);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int descriptor;
};

}  // namespace

bool is_entry_name(std::string_view name) {
    constexpr std::size_t longest = 200;
    if (name.empty() || name.size() > longest || name.front() == '/' || name.back() == '/') return false;
    char before = '/';
    for (const char c : name) {
        if (c != '/' && !is_entry_character(c)) return false;
        if (before == '/' && (c == '.' || c == '/')) return false;
        before = c;
    }
    return true;
}

struct ArchiveWriter::Handles {
    Handles() : writer(::archive_write_new()), entry(::archive_entry_new()) {}
    ~Handles() {
        ::archive_entry_free(entry);
        ::archive_write_free(writer);
        if (descriptor >= 0) ::close(descriptor);
    }
    Handles(const Handles&) = delete;
    Handles& operator=(const Handles&) = delete;
    ::archive* writer;
    ::archive_entry* entry;
    int descriptor = -1;
};

ArchiveWriter::ArchiveWriter(fs::path file)
    : file_(std::move(file)),
      temporary_(file_.string() + fmt::format(".{}.part", ::getpid())),
      handles_(std::make_unique<Handles>()) {
    handles_->descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (handles_->descriptor < 0) {
        throw UserError(fmt::format("{} cannot be written: {}", file_.string(), std::strerror(errno)),
                        "Name a file in a folder that is there and that you may write to.");
    }
    ::archive_write_set_format_pax_restricted(handles_->writer);
    ::archive_write_add_filter_none(handles_->writer);
    ::archive_write_set_bytes_in_last_block(handles_->writer, no_padding);
    if (::archive_write_open_fd(handles_->writer, handles_->descriptor) != ARCHIVE_OK) fail();
}

ArchiveWriter::~ArchiveWriter() {
    handles_.reset();
    std::error_code ignored;
    fs::remove(temporary_, ignored);
}

void ArchiveWriter::fail() const {
    const int number = ::archive_errno(handles_->writer);
    if (number == ENOSPC || number == EDQUOT || number == EFBIG) {
        throw UserError(fmt::format("there is no room on the disk for {}", file_.string()),
                        "Make room, or name a file elsewhere; nothing was left behind.");
    }
    const char* reason = ::archive_error_string(handles_->writer);
    throw MachineryError(fmt::format("writing {}: {}", file_.string(), reason != nullptr ? reason : "?"));
}

void ArchiveWriter::begin_entry(const std::string& name, std::int64_t size) {
    if (!is_entry_name(name) || name <= last_name_)
        throw MachineryError(fmt::format("\"{}\" cannot come here in an archive", name));
    last_name_ = name;
    ::archive_entry_clear(handles_->entry);
    ::archive_entry_set_pathname(handles_->entry, name.c_str());
    ::archive_entry_set_filetype(handles_->entry, AE_IFREG);
    ::archive_entry_set_perm(handles_->entry, entry_mode);
    ::archive_entry_set_size(handles_->entry, size);
    // No owner and no time: they would differ from one machine and one day to the next.
    ::archive_entry_set_uid(handles_->entry, 0);
    ::archive_entry_set_gid(handles_->entry, 0);
    ::archive_entry_set_mtime(handles_->entry, 0, 0);
    if (::archive_write_header(handles_->writer, handles_->entry) != ARCHIVE_OK) fail();
}

void ArchiveWriter::put(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::archive_write_data(handles_->writer, bytes.data(), bytes.size());
        if (written <= 0) fail();
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void ArchiveWriter::add(const std::string& name, std::string_view bytes) {
    begin_entry(name, static_cast<std::int64_t>(bytes.size()));
    put(bytes);
}

void ArchiveWriter::add_file(const std::string& name, const fs::path& file) {
    const OpenFile source(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status = {};
    if (source.descriptor < 0 || ::fstat(source.descriptor, &status) != 0)
        throw UserError(fmt::format("{} cannot be read: {}", file.string(), std::strerror(errno)));
    begin_entry(name, status.st_size);
    std::array<char, copied_at_once> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into
    for (std::int64_t left = status.st_size; left > 0;) {
        const auto most = std::min<std::int64_t>(left, static_cast<std::int64_t>(buffer.size()));
        const ssize_t got = ::read(source.descriptor, buffer.data(), static_cast<std::size_t>(most));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) throw MachineryError(fmt::format("{} became shorter while it was read", file.string()));
        put({buffer.data(), static_cast<std::size_t>(got)});
        left -= got;
    }
}

void ArchiveWriter::commit() {
    if (::archive_write_close(handles_->writer) != ARCHIVE_OK) fail();
    if (::fsync(handles_->descriptor) != 0)
        throw MachineryError(fmt::format("writing {}: {}", file_.string(), std::strerror(errno)));
    std::error_code error;
    fs::rename(temporary_, file_, error);
    if (error) throw UserError(fmt::format("{} cannot be written: {}", file_.string(), error.message()));
}

}  // namespace ratchet
