#pragma once

#include <filesystem>
#include <string>

namespace ratchet::test {

/// A file system of its own, of 64 MiB, that a test can fill: seen by this process and those that it starts,
/// and gone with them.
class SmallDisk {
  public:
    SmallDisk();
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    /// Why there is none; empty: there is one.
    [[nodiscard]] const std::string& problem() const { return problem_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    /// Takes all the room there is, but for so many bytes.
    void fill(std::size_t but_for = 0) const;
    void make_room() const;

  private:
    std::filesystem::path folder_;
    std::string problem_;
};

}  // namespace ratchet::test
