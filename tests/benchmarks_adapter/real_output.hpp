#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace ratchet::test {

/// A file of tests/data/metrics.
inline std::string real_output(const std::string& file) {
    std::ifstream in(RATCHET_TEST_DATA "/metrics/" + file);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace ratchet::test
