#include "orchestrator/rewritten.hpp"

#include <gtest/gtest.h>

#include <map>

namespace ratchet {
namespace {

using Files = std::map<std::string, std::string, std::less<>>;

FileContents contents_of(const Files& files) {
    return [&files](std::string_view path) {
        const auto found = files.find(path);
        return found == files.end() ? std::nullopt : std::optional(found->second);
    };
}

const std::string first_function =
    "int first(int a)\n{\n    int one = a + 1;\n    int two = a + 2;\n    return one * two;\n}\n";
const std::string second_function =
    "int second(int b)\n{\n    int three = b + 3;\n    int four = b + 4;\n    return three * four;\n}\n";
const Files as_it_was = {{"a.c", first_function + second_function}};
/// Of the first function.
const std::string change =
    "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -2,5 +2,5 @@ int first(int a)\n {\n     int one = a + "
    "1;\n-    int two = "
    "a + 2;\n+    int two = a + 20;\n     return one * two;\n }\n";

TEST(Rewritten, code_that_is_as_it_was_is_not) {
    EXPECT_EQ(rewritten_file(change, contents_of(as_it_was), contents_of(as_it_was)), "");
}

TEST(Rewritten, a_function_of_which_little_is_left_is) {
    const Files now = {{"a.c", "int first(int a)\n{\n    return a * a + 3 * a + 2;\n}\n" + second_function}};
    EXPECT_EQ(rewritten_file(change, contents_of(as_it_was), contents_of(now)), "a.c");
}

TEST(Rewritten, another_function_of_the_file_does_not_count) {
    const Files now = {{"a.c", first_function + "int second(int b)\n{\n    return b * b + 7 * b + 12;\n}\n"}};
    EXPECT_EQ(rewritten_file(change, contents_of(as_it_was), contents_of(now)), "");
}

TEST(Rewritten, code_that_only_moved_is_not) {
    const Files now = {{"a.c", second_function + "int third;\n" + first_function}};
    EXPECT_EQ(rewritten_file(change, contents_of(as_it_was), contents_of(now)), "");
}

TEST(Rewritten, a_file_that_is_gone_is) {
    EXPECT_EQ(rewritten_file(change, contents_of(as_it_was), contents_of({})), "a.c");
}

TEST(Rewritten, a_hunk_beyond_the_end_of_the_file_is_no_trouble) {
    const std::string far = "--- a/a.c\n+++ b/a.c\n@@ -900,2 +900,2 @@\n-one\n-two\n+one\n+three\n";
    const Files now = {{"a.c", "something else\n"}};
    EXPECT_EQ(rewritten_file(far, contents_of(as_it_was), contents_of(now)), "a.c");
}

TEST(UntouchedSince, asks_about_the_files_of_the_patch_only) {
    Files now = as_it_was;
    now["b.c"] = "int other;\n";
    EXPECT_TRUE(untouched_since(change, contents_of(as_it_was), contents_of(now)));
    now["a.c"] += '\n';
    EXPECT_FALSE(untouched_since(change, contents_of(as_it_was), contents_of(now)));
}

}  // namespace
}  // namespace ratchet
