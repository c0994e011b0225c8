#include <gmock/gmock.h>

#include "experiment_store/errors.hpp"
#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;

ConfinementSettings settings_for(Requirement require, const char* bubblewrap) {
    ConfinementSettings settings;
    settings.require = require;
    settings.helper = RATCHET_HELPER;
    settings.bubblewrap = bubblewrap;
    return settings;
}

TEST(Ladder, TakesTheStrongestThatWorks) {
    EXPECT_EQ(make_confinement(settings_for(Requirement::weak, "/usr/bin/bwrap"))->tier(),
              Requirement::strong);
    EXPECT_EQ(make_confinement(settings_for(Requirement::weak, ""))->tier(), Requirement::weak);
    EXPECT_EQ(make_confinement(settings_for(Requirement::weak, "/bin/false"))->tier(), Requirement::weak);
    EXPECT_EQ(make_confinement(settings_for(Requirement::none, "/usr/bin/bwrap"))->tier(), Requirement::none);
}

TEST(Ladder, DoesNotGoDownByItself) {
    try {
        make_confinement(settings_for(Requirement::strong, "/bin/false"));
        FAIL() << "must refuse";
    } catch (const UserError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("sandbox.require = \"weak\""));
    }
}

TEST(Ladder, NamesWhatIsMissingForEachTier) {
    // A helper that starts nothing fails both.
    ConfinementSettings settings = settings_for(Requirement::weak, "");
    settings.helper = "/bin/false";
    try {
        make_confinement(settings);
        FAIL() << "must refuse";
    } catch (const UserError& error) {
        EXPECT_THAT(error.what(), HasSubstr("bubblewrap"));
        EXPECT_THAT(error.what(), HasSubstr("weak sandbox"));
        EXPECT_THAT(error.hint(), HasSubstr("Landlock"));
    }
}

}  // namespace
}  // namespace ratchet
