// The prompt after a hundred thousand experiments. Minutes of work where everything is slow: a program of its
// own.

#include <gmock/gmock.h>
#include <stdlib.h>

#include <regex>

#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/prompt.hpp"
#include "tests/orchestrator/golden.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"
#include "tests/support/large_ledger.hpp"

namespace ratchet {
namespace {

constexpr int experiments = 100'000;

/// A folder in memory that goes away with it.
struct LedgerFolder {
    LedgerFolder() {
        const std::filesystem::path memory = "/dev/shm";
        std::string name =
            ((std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path()) /
             "ratchet-large-XXXXXX")
                .string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
        path = name;
    }
    ~LedgerFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    LedgerFolder(const LedgerFolder&) = delete;
    LedgerFolder& operator=(const LedgerFolder&) = delete;
    std::filesystem::path path;
};

TEST(GoldenPrompt, OfAHundredThousandExperiments) {
    const LedgerFolder folder;
    test::make_large_ledger(folder.path / "ledger.sqlite", experiments);
    const TickingClock clock;
    const Ledger ledger(folder.path / "ledger.sqlite", clock, Ledger::Mode::read_only);
    Campaign campaign = matmul_campaign();
    campaign.budget.experiments = 200'000;
    const std::string prompt = write_prompt(campaign, ledger, plan(campaign, ledger));
    EXPECT_LE(prompt.size(), default_prompt_bytes);
    EXPECT_GE(prompt.size(), default_prompt_bytes * 95 / 100)
        << "there is more to tell than there is room for";
    expect_golden("prompt_100000.md", prompt);
    // What is not shown is counted: every failure is one or the other.
    std::int64_t failures = 0;
    for (const auto& [verdict, count] : ledger.tally())
        failures += verdict == Verdict::kept ? 0 : count;
    std::smatch match;
    ASSERT_TRUE(std::regex_search(prompt, match, std::regex("([0-9]+) more failures are not shown")));
    EXPECT_LT(std::stoll(match[1]), failures);
    EXPECT_GT(std::stoll(match[1]), failures - 1000);
}

}  // namespace
}  // namespace ratchet
