#include "sandbox/workspace/scope.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "sandbox/workspace/glob.hpp"

namespace ratchet {
namespace {

TEST(Glob, StarStaysWithinOneComponent) {
    EXPECT_TRUE(matches("src/*.cpp", "src/main.cpp"));
    EXPECT_TRUE(matches("src/*", "src/main.cpp"));
    EXPECT_FALSE(matches("src/*.cpp", "src/deep/main.cpp"));
    EXPECT_FALSE(matches("*.cpp", "src/main.cpp"));
    EXPECT_TRUE(matches("s*/m*n.c*", "src/main.cpp"));
    EXPECT_TRUE(matches("?rc/main.cpp", "src/main.cpp"));
    EXPECT_FALSE(matches("src?main.cpp", "src/main.cpp"));
}

TEST(Glob, DoubleStarCrossesComponents) {
    EXPECT_TRUE(matches("src/**", "src/main.cpp"));
    EXPECT_TRUE(matches("src/**", "src/a/b/main.cpp"));
    EXPECT_FALSE(matches("src/**", "source/main.cpp"));
    EXPECT_FALSE(matches("src/**", "src"));
    EXPECT_TRUE(matches("**", "a/b/c"));
    EXPECT_TRUE(matches("**/test_*.py", "test_a.py"));
    EXPECT_TRUE(matches("**/test_*.py", "a/b/test_a.py"));
    EXPECT_FALSE(matches("**/test_*.py", "a/b/my_test_a.py"));
    EXPECT_TRUE(matches("src/**/kernel/*.c", "src/kernel/a.c"));
    EXPECT_TRUE(matches("src/**/kernel/*.c", "src/x/y/kernel/a.c"));
    EXPECT_FALSE(matches("src/**/kernel/*.c", "src/x/mykernel/a.c"));
    EXPECT_TRUE(matches("src/**.cpp", "src/a/b.cpp"));
}

TEST(Glob, AFolderMeansEverythingBelowIt) {
    EXPECT_TRUE(matches("src", "src/a/b.cpp"));
    EXPECT_TRUE(matches("src/", "src/a/b.cpp"));
    EXPECT_TRUE(matches("./src/", "src/a/b.cpp"));
    EXPECT_TRUE(matches("s*c/", "src/a/b.cpp"));
    EXPECT_FALSE(matches("src", "srcs/a.cpp"));
    EXPECT_FALSE(matches("src/", "src"));
    EXPECT_TRUE(matches("Makefile", "Makefile"));
    EXPECT_FALSE(matches("Makefile", "sub/Makefile"));
    EXPECT_TRUE(matches(".", "anything/at/all"));
    EXPECT_FALSE(matches("", "anything"));
}

TEST(Glob, SetsAndEscapes) {
    EXPECT_TRUE(matches("file[0-9].c", "file7.c"));
    EXPECT_FALSE(matches("file[0-9].c", "filex.c"));
    EXPECT_TRUE(matches("file[!0-9].c", "filex.c"));
    EXPECT_TRUE(matches("file[]x].c", "file].c"));
    EXPECT_FALSE(matches("a[^b]c", "a/c"));
    EXPECT_TRUE(matches("a[b", "a[b"));
    EXPECT_TRUE(matches("a\\*b", "a*b"));
    EXPECT_FALSE(matches("a\\*b", "axb"));
}

TEST(Glob, WorksOnBytesAndCaseMatters) {
    EXPECT_TRUE(matches("caf\xC3\xA9/*", "caf\xC3\xA9/a\nb"));
    EXPECT_TRUE(matches("*", "\xFF\xFE"));
    EXPECT_FALSE(matches("Src/*", "src/a"));
}

TEST(Glob, ManyStarsAreNoTrap) {
    std::string glob;
    for (int i = 0; i < 40; ++i)
        glob += "*a";
    EXPECT_FALSE(matches(glob + "b", std::string(4000, 'a')));
    EXPECT_TRUE(matches(glob + "*", std::string(4000, 'a')));
}

/// The rule as it is written down, without any cleverness.
bool naive(std::string_view glob, std::string_view text) {
    if (glob.empty()) return text.empty();
    if (glob.starts_with("**/")) {
        if (naive(glob.substr(3), text)) return true;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '/' && naive(glob.substr(3), text.substr(i + 1))) return true;
        }
        return false;
    }
    if (glob == "**") return true;
    if (glob.front() == '*') {
        for (std::size_t i = 0; i <= text.size(); ++i) {
            if (naive(glob.substr(1), text.substr(i))) return true;
            if (i < text.size() && text[i] == '/') break;
        }
        return false;
    }
    if (text.empty()) return false;
    if (glob.front() == '?' ? text.front() == '/' : glob.front() != text.front()) return false;
    return naive(glob.substr(1), text.substr(1));
}

RC_GTEST_PROP(Glob, AgreesWithTheNaiveMatcher, ()) {
    const auto part =
        rc::gen::elementOf(std::vector<std::string>{"a", "b", "*", "?", "ab", "a*b", "*a", "**"});
    const auto parts =
        *rc::gen::resize(5, rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(part)));
    std::string glob;
    for (const std::string& each : parts)
        glob += (glob.empty() ? "" : "/") + each;
    const auto text =
        *rc::gen::resize(8, rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab/"))));
    RC_ASSERT(glob_matches(glob, text, DoubleStar::within_component) == naive(glob, text));
}

TEST(Admission, ProtectedWinsOverAllowed) {
    const Scope scope{{"src/**"}, {"src/tests/**", "ratchet.toml"}, ""};
    EXPECT_EQ(admit(scope, "src/a.cpp"), Admission::in_scope);
    EXPECT_EQ(admit(scope, "src/tests/a.cpp"), Admission::protected_path);
    EXPECT_EQ(admit(scope, "README.md"), Admission::out_of_scope);
    EXPECT_EQ(admit(scope, "ratchet.toml"), Admission::protected_path);
}

TEST(Admission, GlobsAreRelativeToTheCampaignsFolder) {
    const Scope scope{{"**"}, {"ratchet.toml"}, "services/search"};
    EXPECT_EQ(admit(scope, "services/search/main.py"), Admission::in_scope);
    EXPECT_EQ(admit(scope, "services/search/ratchet.toml"), Admission::protected_path);
    EXPECT_EQ(admit(scope, "services/searching/main.py"), Admission::out_of_scope);
    EXPECT_EQ(admit(scope, "services/search"), Admission::out_of_scope);
    EXPECT_EQ(admit(scope, "main.py"), Admission::out_of_scope);
}

}  // namespace
}  // namespace ratchet
