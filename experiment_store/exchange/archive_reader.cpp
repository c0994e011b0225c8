#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "experiment_store/errors.hpp"
#include "experiment_store/exchange/archive.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t read_block = std::size_t{1} << 16;
constexpr const char* get_it_again =
    "Nothing was imported. Get the archive again from where it was exported.";

/// libarchive has no words for some kinds of damage.
std::string archive_problem(::archive* reader) {
    const char* problem = ::archive_error_string(reader);
    return problem != nullptr ? problem : "it is cut off";
}

/// For a message: what an archive calls its entries may be anything.
std::string shown_name(const char* name) {
    if (name == nullptr) return "an entry without a name";
    std::string shown;
    for (const char* c = name; *c != '\0' && shown.size() < 60; ++c)
        shown += *c >= ' ' && *c <= '~' && *c != '"' ? *c : '?';
    return "\"" + shown + "\"";
}

}  // namespace

struct ArchiveReader::Handles {
    Handles() : reader(::archive_read_new()) {}
    ~Handles() { ::archive_read_free(reader); }
    Handles(const Handles&) = delete;
    Handles& operator=(const Handles&) = delete;
    ::archive* reader;
};

bool ArchiveReader::is_archive(const fs::path& file) {
    constexpr std::streamoff magic_offset = 257;
    std::array<char, 5> magic{};
    std::ifstream stream(file, std::ios::binary);
    stream.seekg(magic_offset);
    stream.read(magic.data(), magic.size());
    return stream.good() && std::string_view(magic.data(), magic.size()) == "ustar";
}

ArchiveReader::ArchiveReader(const fs::path& file) : file_(file), handles_(std::make_unique<Handles>()) {
    // Only what we write: each further format or filter of libarchive is a door more.
    ::archive_read_support_format_tar(handles_->reader);
    if (::archive_read_open_filename(handles_->reader, file.c_str(), read_block) != ARCHIVE_OK) {
        throw UserError(fmt::format("{} cannot be read as an archive: {}", file.string(),
                                    archive_problem(handles_->reader)),
                        "Is the path right, and is the archive whole?");
    }
}

ArchiveReader::~ArchiveReader() = default;

void ArchiveReader::refuse(const std::string& what) const {
    throw UserError(fmt::format("{}: {}", file_.string(), what), get_it_again);
}

bool ArchiveReader::next() {
    ::archive_entry* entry = nullptr;
    const int result = ::archive_read_next_header(handles_->reader, &entry);
    if (result == ARCHIVE_EOF) return false;
    if (result != ARCHIVE_OK)
        refuse(
            fmt::format("the archive is damaged after \"{}\": {}", name_, archive_problem(handles_->reader)));
    const char* raw = ::archive_entry_pathname(entry);
    if (raw == nullptr || !is_entry_name(raw))
        refuse(fmt::format("{} is no name that an archive of ratchet has", shown_name(raw)));
    if (::archive_entry_filetype(entry) != AE_IFREG || ::archive_entry_hardlink(entry) != nullptr ||
        ::archive_entry_symlink(entry) != nullptr || ::archive_entry_sparse_count(entry) > 0)
        refuse(fmt::format("{} is no plain file", shown_name(raw)));
    if (std::string_view(raw) <= name_)
        refuse(fmt::format("{} comes twice, or not in its place", shown_name(raw)));
    if (::archive_entry_size_is_set(entry) == 0 || ::archive_entry_size(entry) < 0)
        refuse(fmt::format("{} has no size", shown_name(raw)));
    name_ = raw;
    size_ = ::archive_entry_size(entry);
    return true;
}

void ArchiveReader::read(const std::function<void(std::string_view)>& take) {
    std::array<char, read_block> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into
    std::int64_t got = 0;
    while (true) {
        const auto length = ::archive_read_data(handles_->reader, buffer.data(), buffer.size());
        if (length < 0)
            refuse(fmt::format("the archive is damaged in \"{}\": {}", name_,
                               archive_problem(handles_->reader)));
        if (length == 0) break;
        got += length;
        take({buffer.data(), static_cast<std::size_t>(length)});
    }
    if (got != size_) refuse(fmt::format("the archive is damaged in \"{}\": it is cut off", name_));
}

std::string ArchiveReader::text(std::int64_t most) {
    if (size_ > most) refuse(fmt::format("\"{}\" is too large ({} bytes; {} at most)", name_, size_, most));
    std::string text;
    read([&text](std::string_view piece) { text += piece; });
    return text;
}

void ArchiveReader::read_lines(const std::function<void(std::string_view, std::int64_t)>& take) {
    std::string line;
    std::int64_t number = 0;
    read([&](std::string_view piece) {
        while (true) {
            const std::size_t end = piece.find('\n');
            line += piece.substr(0, end);
            if (line.size() > longest_archive_line)
                refuse(fmt::format("a line of \"{}\" is too long", name_));
            if (end == std::string_view::npos) return;
            take(line, ++number);
            line.clear();
            piece.remove_prefix(end + 1);
        }
    });
    if (!line.empty()) take(line, ++number);
}

}  // namespace ratchet
