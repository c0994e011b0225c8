#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "sandbox/machine/resources.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

// What an ordinary user's systemd is asked for, with a systemd-run of our own that only writes down how it
// was called.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ScopeTest : public ::testing::Test {
  protected:
    ScopeTest() { toy.propose({{"001.patch", toy.cost_patch(1000, 900), "kept"}}); }

    /// The calls of systemd-run while `ratchet run` ran.
    std::vector<std::string> calls_of_a_run(const std::string& behaviour) {
        const fs::path tools = toy.root() / ".git/tools";
        fs::create_directories(tools);
        const fs::path calls = tools / "calls";
        std::ofstream(tools / "systemd-run") << "#!/bin/sh\necho \"$*\" >> " << calls.string() << "\n"
                                             << behaviour << "\n";
        fs::permissions(tools / "systemd-run", fs::perms::owner_all);
        run = ratchet(toy.folder(), {"run"},
                      {"PATH=" + tools.string() + ":/usr/bin:/bin", "XDG_RUNTIME_DIR=/run/user/1500"});
        std::vector<std::string> lines;
        std::ifstream file(calls);
        for (std::string line; std::getline(file, line);)
            lines.push_back(line);
        return lines;
    }

    ToyCampaign toy;
    Ended run;
};

bool has_groups() {
    return ::geteuid() == 0 || best_resources()->limits_the_whole();
}

constexpr const char* options = "--user --scope --quiet --collect --property=Delegate=yes -- ";

TEST_F(ScopeTest, an_ordinary_user_without_control_groups_gets_one_of_systemd) {
    if (has_groups()) GTEST_SKIP() << "there are control groups without systemd";
    EXPECT_THAT(calls_of_a_run("while [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\""),
                ElementsAre(std::string(options) + "/bin/true", StartsWith(std::string(options) + "/")));
    EXPECT_EQ(run.status, 0) << run.errors;
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept"));
}

TEST_F(ScopeTest, a_session_without_systemd_goes_on_without_one) {
    const std::vector<std::string> calls = calls_of_a_run("echo 'Failed to connect to bus' >&2; exit 1");
    if (has_groups()) {
        EXPECT_THAT(calls, IsEmpty());
    } else {
        EXPECT_THAT(calls, ElementsAre(std::string(options) + "/bin/true"));
    }
    EXPECT_EQ(run.status, 0) << run.errors;
    EXPECT_THAT(run.errors, ::testing::Not(HasSubstr("bus")));
    EXPECT_THAT(words_of(toy.ledger()), ElementsAre("kept"));
}

}  // namespace
}  // namespace ratchet::test
