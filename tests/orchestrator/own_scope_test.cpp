#include "orchestrator/own_scope.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ratchet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Surroundings of_a_session() {
    Surroundings surroundings;
    surroundings.systemd_run = "/usr/bin/systemd-run";
    surroundings.executable = "/usr/bin/ratchet";
    surroundings.arguments = {"run", "--json"};
    surroundings.environment = {"PATH=/usr/bin", "XDG_RUNTIME_DIR=/run/user/1000"};
    return surroundings;
}

TEST(OwnScope, StartsTheSameProgramWithTheSameArguments) {
    EXPECT_THAT(scope_command(of_a_session(), false),
                ElementsAre("/usr/bin/systemd-run", "--user", "--scope", "--quiet", "--collect",
                            "--property=Delegate=yes", "--", "/usr/bin/ratchet", "run", "--json"));
}

TEST(OwnScope, IsNoneForRootWithoutASessionWithoutSystemdAndWithinOne) {
    EXPECT_THAT(scope_command(of_a_session(), true), IsEmpty());
    Surroundings surroundings = of_a_session();
    surroundings.systemd_run.clear();
    EXPECT_THAT(scope_command(surroundings, false), IsEmpty());
    surroundings = of_a_session();
    surroundings.environment.pop_back();
    EXPECT_THAT(scope_command(surroundings, false), IsEmpty());
    surroundings = of_a_session();
    surroundings.environment.emplace_back("RATCHET_SCOPE=1");
    EXPECT_THAT(scope_command(surroundings, false), IsEmpty());
}

}  // namespace
}  // namespace ratchet
