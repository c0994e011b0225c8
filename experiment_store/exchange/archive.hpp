#pragma once

// A plain tar file, written so that the same contents make the same bytes, and read as what it is: outside
// input. Names are relative, of plain characters, in ascending order; there is nothing but regular files.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ratchet {

/// Whether this can be the name of an entry: folders and files of letters, digits, '.', '_' and '-', none of
/// which begins with a dot, between single slashes; at most 200 bytes.
bool is_entry_name(std::string_view name);

/// Writes an archive beside its place, and puts it there when it is complete and on the disk.
class ArchiveWriter {
  public:
    /// Throws UserError where the file cannot be made.
    explicit ArchiveWriter(std::filesystem::path file);
    ~ArchiveWriter();
    ArchiveWriter(const ArchiveWriter&) = delete;
    ArchiveWriter& operator=(const ArchiveWriter&) = delete;

    /// Names must come in ascending order.
    void add(const std::string& name, std::string_view bytes);
    /// The bytes that the file has now; what is written to it later stays out.
    void add_file(const std::string& name, const std::filesystem::path& file);
    /// From here on the archive is in its place. Throws UserError where there is no room.
    void commit();

  private:
    void begin_entry(const std::string& name, std::int64_t size);
    void put(std::string_view bytes);
    [[noreturn]] void fail() const;

    struct Handles;
    std::filesystem::path file_;
    std::filesystem::path temporary_;
    std::string last_name_;
    std::unique_ptr<Handles> handles_;
};

/// Reads an archive from its beginning to its end. Everything that an archive of ours does not have (links,
/// devices, other names, a wrong order, holes) is a UserError that names the entry.
class ArchiveReader {
  public:
    /// Throws UserError where the file cannot be read or is no archive.
    explicit ArchiveReader(const std::filesystem::path& file);
    ~ArchiveReader();
    ArchiveReader(const ArchiveReader&) = delete;
    ArchiveReader& operator=(const ArchiveReader&) = delete;

    /// True where the file looks like a tar at all.
    static bool is_archive(const std::filesystem::path& file);

    /// Goes to the next entry; false at the end.
    bool next();
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::int64_t size() const { return size_; }

    /// The whole entry. Throws UserError where it is larger than `most` bytes.
    std::string text(std::int64_t most);
    /// The entry piece by piece.
    void read(const std::function<void(std::string_view)>& take);
    /// The entry line by line, without line feeds, numbered from 1.
    void read_lines(const std::function<void(std::string_view line, std::int64_t number)>& take);

  private:
    [[noreturn]] void refuse(const std::string& what) const;

    struct Handles;
    std::filesystem::path file_;
    std::string name_;
    std::int64_t size_ = 0;
    std::unique_ptr<Handles> handles_;
};

/// Text is longer than any line of an archive has to be.
inline constexpr std::size_t longest_archive_line = std::size_t{256} << 20;

}  // namespace ratchet
