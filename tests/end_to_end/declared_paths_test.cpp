#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

// What a campaign declares of the host must leave no way to what is measured.

namespace ratchet::test {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class DeclaredPaths : public ::testing::Test {
  protected:
    DeclaredPaths() {
        fs::create_directories(elsewhere.root() / "data/inner");
        toy.propose({{"better", toy.cost_patch(1000, 900), "kept"}});
    }
    /// What `run` says where the sandbox is declared so; "HERE" stands for a folder outside of the
    /// repository.
    std::string refusal(std::string sandbox, const std::string& workspace = {}) {
        const std::string here = elsewhere.root().string();
        for (std::size_t at = 0; (at = sandbox.find("HERE", at)) != std::string::npos;)
            sandbox.replace(at, 4, here);
        const std::string before = toy.read("ratchet.toml");
        toy.configure("[budget]", "[sandbox]\n" + sandbox + "\n\n[budget]");
        if (!workspace.empty())
            toy.configure("[build]", "workspace = \"" + here + "/" + workspace + "\"\n\n[build]");
        const Ended run = ratchet(toy.folder(), {"run"});
        toy.write("ratchet.toml", before);
        EXPECT_EQ(run.status, 1) << run.output << run.errors;
        return run.errors;
    }
    const ToyCampaign toy;
    const ToyCampaign elsewhere;
};

TEST_F(DeclaredPaths, may_not_lie_where_proposers_write) {
    EXPECT_THAT(refusal("write = [\"HERE/data\"]\nread = [\"HERE/data/inner\"]"),
                HasSubstr("sandbox.read names " + elsewhere.root().string() + "/data/inner, which lies in"));
    EXPECT_THAT(refusal("write = [\"HERE/data/inner\", \"HERE/data\"]"),
                HasSubstr("where proposers may write"));
}

TEST_F(DeclaredPaths, may_not_lead_through_a_link_where_proposers_write) {
    fs::create_directories(elsewhere.root() / "apart");
    fs::create_symlink(elsewhere.root() / "apart", elsewhere.root() / "data/escape");
    fs::create_symlink("data/../data/escape", elsewhere.root() / "outer");
    for (const char* path : {"HERE/outer", "HERE/data/escape"}) {
        const std::string declared = std::string("\"") + path + "\"]";
        EXPECT_THAT(refusal("write = [\"HERE/data\"]\nread = [" + declared),
                    HasSubstr("where proposers may write"))
            << path;
        EXPECT_THAT(refusal("write = [\"HERE/data\", " + declared), HasSubstr("where proposers may write"))
            << path;
    }
    // A link that nobody in the sandbox can lay is nobody's harm.
    fs::create_symlink("data", elsewhere.root() / "link");
    toy.configure("[budget]",
                  "[sandbox]\nwrite = [\"" + (elsewhere.root() / "link").string() + "\"]\n\n[budget]");
    EXPECT_EQ(ratchet(toy.folder(), {"run"}).status, 0);
}

TEST_F(DeclaredPaths, may_not_lead_through_a_link_that_passes_a_folder_where_proposers_write) {
    // "inner" is a folder now; a proposer could make it a link, and ".." then leads up from where that ends.
    fs::create_directories(elsewhere.root() / "apart");
    fs::create_symlink("data/inner/../../apart", elsewhere.root() / "outer");
    for (const char* sandbox :
         {"write = [\"HERE/data\"]\nread = [\"HERE/outer\"]", "write = [\"HERE/data\", \"HERE/outer\"]"})
        EXPECT_THAT(refusal(sandbox), HasSubstr("/outer, which leads through")) << sandbox;
}

TEST_F(DeclaredPaths, may_not_show_the_trees_that_are_measured) {
    EXPECT_THAT(refusal("write = [\"HERE\"]", "work"), HasSubstr("holds the worktrees"));
    EXPECT_THAT(refusal("read = [\"HERE\"]", "work"), HasSubstr("holds the worktrees"));
    EXPECT_THAT(refusal("write = [\"HERE/data\"]", "data/work"), HasSubstr("holds the worktrees"));
}

TEST_F(DeclaredPaths, may_not_show_the_repository) {
    EXPECT_THAT(refusal("write = [\"" + (toy.root() / "src").string() + "\"]"),
                HasSubstr("is a part of this repository"));
    EXPECT_THAT(refusal("read = [\"" + toy.root().string() + "\"]"), HasSubstr("git directory"));
}

}  // namespace
}  // namespace ratchet::test
