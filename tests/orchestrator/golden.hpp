#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace ratchet {

/// What a user sees stands in tests/golden. With RATCHET_UPDATE_GOLDEN in the environment the file is
/// written instead of compared; look at the difference before you commit it.
inline void expect_golden(const std::string& name, const std::string& text) {
    const auto file = std::filesystem::path(RATCHET_SOURCE) / "tests/golden" / name;
    if (std::getenv("RATCHET_UPDATE_GOLDEN") != nullptr) {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return;
    }
    std::ifstream stream(file, std::ios::binary);
    ASSERT_TRUE(stream) << "there is no golden file " << file;
    std::ostringstream expected;
    expected << stream.rdbuf();
    EXPECT_EQ(expected.str(), text) << "differs from " << file;
}

}  // namespace ratchet
