#include "benchmarks_adapter/machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ratchet {
namespace {

TEST(HostFingerprint, NamesASandboxThatIsNotTheStrongOne) {
    const std::string strong = host_fingerprint(0, Requirement::strong);
    EXPECT_EQ(host_fingerprint(0, Requirement::weak), strong + "; sandbox: weak");
    EXPECT_EQ(host_fingerprint(0, Requirement::none), strong + "; sandbox: none");
    EXPECT_THAT(host_fingerprint(1, Requirement::weak), ::testing::HasSubstr("; on processors "));
}

}  // namespace
}  // namespace ratchet
