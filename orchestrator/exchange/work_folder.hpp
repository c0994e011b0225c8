#pragma once

#include <filesystem>
#include <string>

#include "sandbox/process/descriptor.hpp"

namespace ratchet {

/// A folder of our own beside the campaigns of a repository, for files that are not complete yet. It goes
/// away with its owner; what a killed process left behind goes away when the next one is made.
class WorkFolder {
  public:
    /// `kind` ("import") stands in its name, which no campaign can have. Throws UserError where it cannot be
    /// made.
    WorkFolder(const std::filesystem::path& campaigns, const std::string& kind);
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    Descriptor lock_;
};

}  // namespace ratchet
