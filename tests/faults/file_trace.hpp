#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace ratchet::test {

/// What a program did, one after the other: it passed a point of crash_point.hpp, or changed or synced a
/// file.
struct TracedEvent {
    std::string point;  ///< "ledger/finish commit"; empty: a call
    std::string kind;   ///< create, write, sync, rename, link, mkdir, remove (see file_calls.cpp)
    std::filesystem::path path;
    std::filesystem::path to;  ///< of a rename and a link
    /// The file that has this name from now on.
    [[nodiscard]] const std::filesystem::path& result() const { return to.empty() ? path : to; }
    [[nodiscard]] std::string text() const;
};

/// Paths are relative to `folder`.
std::vector<TracedEvent> read_trace(const std::filesystem::path& record, const std::filesystem::path& folder);

/// Whether the path is the folder or below it.
bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder);

/// What a power failure could take away: whatever was not synced since it was changed. A file's contents are
/// safe when the file was synced, its name when the folder was that it stands in.
class Volatile {
  public:
    void take(const TracedEvent& event);
    /// Of all at or below this path.
    [[nodiscard]] std::vector<std::string> below(const std::filesystem::path& folder) const;
    /// Of this file, and of the names of the folders that lead to it.
    [[nodiscard]] std::vector<std::string> at(const std::filesystem::path& file) const;

  private:
    std::set<std::filesystem::path> contents_;
    std::set<std::filesystem::path> names_;
};

}  // namespace ratchet::test
