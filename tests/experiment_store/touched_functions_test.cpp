#include "experiment_store/functions/touched_functions.hpp"

#include <gmock/gmock.h>

#include "experiment_store/functions/hunk_header.hpp"
#include "experiment_store/recall.hpp"

namespace ratchet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> functions_in(std::string_view diff) {
    std::vector<std::string> result;
    for (const TouchedFunction& touched : touched_functions(diff))
        result.push_back(touched.path + " " + touched.function);
    return result;
}

TEST(TouchedFunctions, are_read_from_the_headers_of_hunks) {
    EXPECT_THAT(
        functions_in("diff --git a/src/m.cpp b/src/m.cpp\n--- a/src/m.cpp\n+++ b/src/m.cpp\n"
                     "@@ -3 +3 @@ in Matrix::multiply, Matrix::add\n-a\n+b\n"
                     "@@ -9 +9 @@ in Matrix::add\n-a\n+b\n@@ -20 +20 @@\n-int a;\n+int b;\n"
                     "diff --git a/x.py b/x.py\n--- a/x.py\n+++ /dev/null\n@@ -1 +0,0 @@ in f\n-pass\n"),
        ElementsAre("src/m.cpp Matrix::multiply", "src/m.cpp Matrix::add", "x.py f"));
}

TEST(TouchedFunctions, are_found_in_the_lines_where_git_wrote_the_header) {
    EXPECT_THAT(
        functions_in(
            "--- a/m.cpp\n+++ b/m.cpp\n@@ -3,7 +3,7 @@ int multiply(int a)\n     a;\n-    b;\n+    c;\n"
            " }\n \n int add(int a) {\n-    d;\n+    e;\n"),
        ElementsAre("m.cpp multiply", "m.cpp add"));
}

TEST(TouchedFunctions, are_found_in_the_lines_of_a_new_file) {
    EXPECT_THAT(
        functions_in("--- /dev/null\n+++ b/m.py\n@@ -0,0 +1,6 @@\n+import os\n+class M:\n+    def f(self):\n"
                     "+        pass\n+def g():\n+    pass\n"),
        ElementsAre("m.py M", "m.py M.f", "m.py g"));
}

TEST(TouchedFunctions, take_a_method_of_python_for_one_of_the_same_class) {
    EXPECT_THAT(
        functions_in("--- a/m.py\n+++ b/m.py\n@@ -9,5 +9,5 @@ def f(self):\n         a\n     def g(self):\n"
                     "-        b\n+        c\n"),
        ElementsAre("m.py g"));
}

TEST(TouchedFunctions, are_none_where_the_language_is_not_known) {
    EXPECT_THAT(functions_in("--- a/m.txt\n+++ b/m.txt\n@@ -1 +1 @@ in f\n-a\n+b\n"), IsEmpty());
}

TEST(TouchedFunctions, are_none_of_lines_without_a_word) {
    EXPECT_THAT(functions_in("--- a/m.py\n+++ b/m.py\n@@ -1,2 +1,2 @@\n def f():\n-\n+    \n"), IsEmpty());
}

TEST(TouchedFunctions, know_the_path_behind_quotes) {
    EXPECT_THAT(functions_in(
                    "--- \"a/a\\tb\\303\\274.py\"\n+++ \"b/a\\tb\\303\\274.py\"\n@@ -1 +1 @@ in f\n-a\n+b\n"),
                ElementsAre("a\tbü.py f"));
}

TEST(TouchedFunctions, do_not_take_a_removed_line_for_the_header_of_a_file) {
    EXPECT_THAT(
        functions_in("--- a/m.py\n+++ b/m.py\n@@ -1,2 +1 @@ in f\n--- a/other.py\n-x\n+++ b/other.py\n"
                     "@@ -9 +8 @@ in g\n-a\n+b\n"),
        ElementsAre("m.py f", "m.py g"));
}

TEST(TouchedFunctions, are_at_most_so_many) {
    std::string diff = "--- /dev/null\n+++ b/m.py\n@@ -0,0 +1,200 @@\n";
    for (int i = 0; i < 100; ++i)
        diff += "+def f" + std::to_string(i) + "():\n+    pass\n";
    EXPECT_EQ(touched_functions(diff).size(), most_functions_touched);
}

TEST(NamesOfHunks, tell_old_and_new_functions_of_a_hunk) {
    const std::string before = "def f():\n    return 1\n\n\ndef g():\n    return 2\n";
    const std::string after = "def f():\n    return 1\n\n\ndef h():\n    return 3\n";
    const auto names = names_of_hunks("a.py", before, after, {{{5, 6}, {5, 6}}});
    ASSERT_TRUE(names);
    EXPECT_THAT(*names, ElementsAre(" in g, h"));
}

TEST(NamesOfHunks, say_nothing_outside_of_functions_and_of_other_languages) {
    EXPECT_THAT(*names_of_hunks("a.py", "import a\n", "import b\n", {{{1}, {1}}}), ElementsAre(""));
    EXPECT_FALSE(names_of_hunks("a.txt", "a\n", "b\n", {{{1}, {1}}}));
}

TEST(NamesOfHunks, fit_into_a_header_and_say_that_there_are_more) {
    std::string before;
    ChangedLines all;
    for (std::size_t i = 0; i < 40; ++i) {
        before += "def function_" + std::to_string(i) + "():\n    pass\n";
        all.removed.push_back(2 * i + 2);
    }
    const std::string text = names_of_hunks("a.py", before, "", {all})->at(0);
    EXPECT_LE(text.size(), 74U);
    const HunkNames read = read_hunk_names("@@ -1,80 +0,0 @@" + text);
    EXPECT_FALSE(read.all);
    EXPECT_THAT(read.names,
                ElementsAre("function_0", "function_1", "function_2", "function_3", "function_4"));
}

// Names that are compared each with each would take minutes here.
TEST(NamesOfHunks, of_a_file_with_very_many_functions_are_found_as_fast) {
    constexpr std::size_t functions = 100'000;
    std::string before;
    ChangedLines all;
    for (std::size_t i = 0; i < functions; ++i) {
        before += "void f" + std::to_string(i) + "() {}\n";
        all.removed.push_back(i + 1);
    }
    EXPECT_THAT(names_of_hunks("a.cpp", before, "", {all})->at(0), HasSubstr(" in f0, f1, "));
    std::string diff = "--- a/a.cpp\n+++ /dev/null\n@@ -1," + std::to_string(functions) + " +0,0 @@\n";
    for (std::size_t at = 0; at < before.size(); at = before.find('\n', at) + 1)
        diff += '-' + before.substr(at, before.find('\n', at) + 1 - at);
    EXPECT_THAT(touched_functions(diff), SizeIs(most_functions_touched));
}

TEST(NamesOfHunks, do_not_count_in_the_fingerprint_of_a_diff) {
    EXPECT_EQ(fingerprint_of("--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@ in f\n-a = 1\n+b = 2\n"),
              fingerprint_of("--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@ def f():\n-a = 1\n+b = 2\n"));
}

}  // namespace
}  // namespace ratchet
