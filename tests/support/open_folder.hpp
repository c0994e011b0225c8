#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace ratchet::test {

/// A folder that every sandbox may read.
struct OpenFolder {
    OpenFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "ratchet-hold-XXXXXX").string();
        path = ::mkdtemp(name.data());
        std::filesystem::permissions(path, std::filesystem::perms(0755));
    }
    ~OpenFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    OpenFolder(const OpenFolder&) = delete;
    OpenFolder& operator=(const OpenFolder&) = delete;
    std::filesystem::path path;
};

}  // namespace ratchet::test
