#include "sandbox/machine/processors.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

using Numbers = std::vector<int>;

/// Cores of two threads each: 0 and 4, 1 and 5, …
std::vector<Processor> four_cores_of_two_threads() {
    std::vector<Processor> processors;
    for (int number = 0; number < 8; ++number)
        processors.push_back({number, std::to_string(number % 4), 0, 0});
    return processors;
}

std::vector<Processor> cores(int count) {
    std::vector<Processor> processors;
    for (int number = 0; number < count; ++number)
        processors.push_back({number, std::to_string(number), 0, 0});
    return processors;
}

TEST(ChooseProcessors, LeavesTheCoreOfProcessorZeroToTheInterrupts) {
    EXPECT_EQ(choose_processors(cores(2), 1), Numbers({1}));
    EXPECT_EQ(choose_processors(four_cores_of_two_threads(), 3), Numbers({5, 6, 7}));
}

TEST(ChooseProcessors, TakesOneThreadOfEachCoreBeforeASecondOfAny) {
    const std::vector<Processor> machine = four_cores_of_two_threads();
    for (int count = 1; count <= 4; ++count) {
        std::set<int> used;
        for (const int number : choose_processors(machine, count))
            used.insert(number % 4);
        EXPECT_EQ(used.size(), static_cast<std::size_t>(count));
    }
    EXPECT_EQ(choose_processors(machine, 4), Numbers({4, 5, 6, 7}));
    EXPECT_EQ(choose_processors(machine, 5), Numbers({3, 4, 5, 6, 7}));
}

TEST(ChooseProcessors, KeepsToOnePackageAndTakesTheFastest) {
    std::vector<Processor> two_packages = cores(6);
    for (const std::size_t index : {1U, 3U, 5U})
        two_packages[index].package = 1;
    EXPECT_EQ(choose_processors(two_packages, 3), Numbers({1, 3, 5}));

    std::vector<Processor> hybrid = cores(6);
    for (std::size_t index = 0; index < hybrid.size(); ++index)
        hybrid[index].capacity = index < 3 ? 1024 : 400;
    EXPECT_EQ(choose_processors(hybrid, 2), Numbers({1, 2}));
}

TEST(ChooseProcessors, TakesAllWhereMoreAreAskedForAndAnythingWhereThereIsNothingElse) {
    EXPECT_EQ(choose_processors(cores(2), 5), Numbers({0, 1}));
    EXPECT_EQ(choose_processors(cores(1), 1), Numbers({0}));
    EXPECT_EQ(choose_processors({{0, "0,1", 0, 0}, {1, "0,1", 0, 0}}, 1), Numbers({1}));
}

TEST(AllowedProcessors, AreThoseOfThisProcessAsTheKernelDescribesThem) {
    const test::TemporaryFolder machine;
    const std::vector<Processor> real = allowed_processors(machine.path());
    ASSERT_FALSE(real.empty());
    const int number = real.back().number;
    const auto folder = machine.path() / ("cpu" + std::to_string(number));
    std::filesystem::create_directories(folder / "topology");
    std::filesystem::create_directories(folder / "cpufreq");
    std::ofstream(folder / "topology/thread_siblings_list") << "3,7\n";
    std::ofstream(folder / "topology/physical_package_id") << "1\n";
    std::ofstream(folder / "cpufreq/cpuinfo_max_freq") << "4200000\n";
    std::ofstream(folder / "cpufreq/scaling_cur_freq") << "3600000\n";

    const Processor described = allowed_processors(machine.path()).back();

    EXPECT_EQ(described.core, "3,7");
    EXPECT_EQ(described.package, 1);
    EXPECT_EQ(described.capacity, 4200000);
    EXPECT_EQ(highest_frequency({number, number + 1}, machine.path()), 3600000);
    EXPECT_EQ(highest_frequency({number + 1}, machine.path()), std::nullopt);
}

}  // namespace
}  // namespace ratchet
