#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

// The list of attacks in docs/containment.md is a promise: each line names a test, and the test is here.

namespace {

std::set<std::string> tests_here() {
    std::set<std::string> names;
    const auto& unit = *::testing::UnitTest::GetInstance();
    for (int i = 0; i < unit.total_test_suite_count(); ++i) {
        const auto& suite = *unit.GetTestSuite(i);
        for (int k = 0; k < suite.total_test_count(); ++k)
            names.insert(std::string(suite.name()) + "." + suite.GetTestInfo(k)->name());
    }
    return names;
}

TEST(AttackList, NamesTestsThatThereAre) {
    std::ifstream file(RATCHET_SOURCE "/docs/containment.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t start = text.find("## The attacks");
    ASSERT_NE(start, std::string::npos);
    const std::string list = text.substr(start, text.find("\n## ", start + 1) - start);
    const std::set<std::string> here = tests_here();
    const std::regex row(R"(\n\| [^|]* \| `(\w+\.\w+)` \| )");
    int attacks = 0;
    for (std::sregex_iterator found(list.begin(), list.end(), row), end; found != end; ++found, ++attacks)
        EXPECT_TRUE(here.contains((*found)[1])) << (*found)[1];
    EXPECT_GE(attacks, 45);
}

}  // namespace
