#include "orchestrator/api/tools.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/support/bytes_of_file.hpp"
#include "tests/support/open_folder.hpp"

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class ModelTools : public ::testing::Test {
  protected:
    void write(const std::string& path, const std::string& text) {
        fs::create_directories((folder_.path / path).parent_path());
        std::ofstream(folder_.path / path, std::ios::binary) << text;
    }

    ToolResult use(const std::string& name, const nlohmann::json& arguments) {
        return tools_.use({"c1", name, arguments.dump()});
    }

    const OpenFolder folder_;
    const NeverStop never_;
    Workshop workshop() {
        Workshop workshop;
        workshop.folder = folder_.path;
        workshop.environment = {"PATH=/usr/bin:/bin", "GREETING=hello"};
        workshop.longest_command = std::chrono::minutes(1);
        workshop.most_output = 2000;
        return workshop;
    }
    Tools tools_{workshop(), never_};
};

TEST_F(ModelTools, run_a_command_and_tell_how_it_ended) {
    write("here", "");
    const ToolResult fine = use("shell", {{"command", "ls; echo $GREETING; echo oh >&2"}});
    EXPECT_EQ(fine.text, "here\nhello\noh\n[exit status 0]");
    EXPECT_FALSE(fine.failed);
    EXPECT_EQ(fine.call_id, "c1");
    const ToolResult failed = use("shell", {{"command", "exit 3"}});
    EXPECT_EQ(failed.text, "[exit status 3]");
    EXPECT_TRUE(failed.failed);
}

TEST_F(ModelTools, end_a_command_that_takes_too_long) {
    const ToolResult result = use("shell", {{"command", "echo begun; sleep 1000"}, {"timeout_seconds", 1}});
    EXPECT_THAT(result.text, AllOf(HasSubstr("begun"), HasSubstr("[killed after 1.0 s]")));
    EXPECT_TRUE(result.failed);
}

TEST_F(ModelTools, leave_the_middle_of_a_long_output_out) {
    const ToolResult result = use("shell", {{"command", "seq 100000"}});
    EXPECT_THAT(result.text, AllOf(HasSubstr("1\n2\n"), HasSubstr("100000\n"), Not(HasSubstr("\n50000\n"))));
    EXPECT_THAT(result.text, SizeIs(::testing::Lt(3000U)));
}

TEST_F(ModelTools, read_a_part_of_a_file_with_the_numbers_of_its_lines) {
    write("a.c", "one\ntwo\nthree\nfour\n");
    EXPECT_EQ(use("read", {{"path", "a.c"}, {"first_line", 2}, {"lines", 2}}).text,
              "     2  two\n     3  three\n[more follows: first_line = 4]");
    EXPECT_EQ(use("read", {{"path", "a.c"}, {"first_line", 4}}).text, "     4  four\n");
    EXPECT_EQ(use("read", {{"path", "a.c"}, {"first_line", 9}}).text, "[nothing from line 9 on]");
}

TEST_F(ModelTools, refuse_to_read_what_is_no_file) {
    for (const char* path : {"missing", ".", "/dev/zero"}) {
        const ToolResult result = use("read", {{"path", path}});
        EXPECT_TRUE(result.failed) << path;
        EXPECT_EQ(result.text, "there is no such file");
    }
}

TEST_F(ModelTools, find_lines) {
    write("a/b.c", "int x;\nint y;\n");
    write(".git/x", "int x;\n");
    EXPECT_EQ(use("search", {{"pattern", "x;$"}}).text, "./a/b.c:1:int x;\n");
    EXPECT_EQ(use("search", {{"pattern", "-z"}, {"path", "a"}}).text, "[nothing matches]");
    EXPECT_TRUE(use("search", {{"pattern", "("}}).failed);
}

TEST_F(ModelTools, edit_what_occurs_once) {
    write("a.c", "int x = 1;\nint y = 1;\n");
    const ToolResult result =
        use("edit", {{"path", "a.c"}, {"old_string", "y = 1"}, {"new_string", "y = 2"}});
    EXPECT_EQ(result.text, "a.c: replaced at line 2");
    EXPECT_EQ(bytes_of_file(folder_.path / "a.c"), "int x = 1;\nint y = 2;\n");
}

TEST_F(ModelTools, say_why_an_edit_cannot_be_made_and_change_nothing) {
    const std::string text = "int x = 1;\n  int y = 1;\n";
    write("a.c", text);
    const auto why = [&](const std::string& path, const std::string& old_string,
                         const std::string& new_string) {
        const ToolResult result =
            use("edit", {{"path", path}, {"old_string", old_string}, {"new_string", new_string}});
        EXPECT_TRUE(result.failed);
        return result.text;
    };
    EXPECT_THAT(why("a.c", "= 1", "= 2"), HasSubstr("occurs 2 times"));
    EXPECT_THAT(why("a.c", "z", "w"), HasSubstr("does not occur"));
    EXPECT_THAT(why("a.c", "int y = 1;\nint z", "w"), HasSubstr("line 2 holds its first line"));
    EXPECT_THAT(why("a.c", "x = 1", "x = 1"), HasSubstr("the same"));
    EXPECT_THAT(why("a.c", "", "w"), HasSubstr("`write` makes a new file"));
    EXPECT_THAT(why("b.c", "x", "w"), HasSubstr("no such file"));
    EXPECT_EQ(bytes_of_file(folder_.path / "a.c"), text);
}

TEST_F(ModelTools, make_a_new_file_with_its_folders_or_replace_one) {
    EXPECT_EQ(use("write", {{"path", "new/a.c"}, {"content", "x"}}).text, "new/a.c: made");
    EXPECT_EQ(bytes_of_file(folder_.path / "new/a.c"), "x");
    EXPECT_EQ(use("write", {{"path", "new/a.c"}, {"content", "y"}}).text, "new/a.c: replaced");
    EXPECT_EQ(bytes_of_file(folder_.path / "new/a.c"), "y");
    EXPECT_EQ(use("write", {{"path", "new"}, {"content", "y"}}).text, "what stands there is no file");
}

TEST_F(ModelTools, take_notes_at_the_end) {
    EXPECT_FALSE(tools_.finished());
    use("finish", {{"hypothesis", "fewer copies"}, {"next_ideas", {"a", 3, "b"}}, {"learned", 4}});
    ASSERT_TRUE(tools_.finished());
    EXPECT_EQ(tools_.finished()->hypothesis, "fewer copies");
    EXPECT_THAT(tools_.finished()->next_ideas, ::testing::ElementsAre("a", "b"));
}

TEST_F(ModelTools, tell_what_is_wrong_with_a_call) {
    EXPECT_THAT(tools_.use({"c", "shell", "{"}).text, HasSubstr("no JSON object"));
    EXPECT_THAT(tools_.use({"c", "shell", ""}).text, HasSubstr("command is missing"));
    EXPECT_THAT(use("fly", nlohmann::json::object()).text, HasSubstr("no tool of this name"));
    EXPECT_THAT(use("read", {{"path", "a"}, {"first_line", 0}}).text, HasSubstr("whole number from 1 to"));
}

TEST(ModelToolDeclarations, have_schemas_that_are_json_objects) {
    for (const ToolDeclaration& tool : Tools::declarations())
        EXPECT_EQ(nlohmann::json::parse(tool.schema)["type"], "object") << tool.name;
}

}  // namespace
}  // namespace ratchet::test
