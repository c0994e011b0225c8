// What everyday work costs as a ledger grows, counted in the instructions of SQLite's machine: the same in
// each run, on any computer.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <utility>

#include "experiment_store/lookup_copy.hpp"
#include "tests/orchestrator/everyday_work.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"
#include "tests/support/large_ledger.hpp"
#include "tests/support/open_folder.hpp"
#include "tests/support/statement_trace.hpp"

namespace ratchet {
namespace {

using ratchet::test::OpenFolder;
using ratchet::test::StatementTrace;
using ::testing::IsEmpty;

/// By work and statement.
using Steps = std::map<std::pair<std::string, std::string>, std::int64_t>;

void note(const std::string& work, StatementTrace& trace, Steps& steps) {
    for (const auto& [sql, traced] : trace.statements())
        steps[{work, sql}] = traced.steps;
    trace.forget();
}

/// All that is done every day, on a ledger of so many experiments.
Steps steps_after(int experiments) {
    const OpenFolder folder;
    const std::filesystem::path file = folder.path / "ledger.sqlite";
    ratchet::test::make_large_ledger(file, experiments);
    StatementTrace trace;
    const TickingClock clock;
    const Campaign campaign = matmul_campaign();
    Ledger ledger(file, clock);
    LookupCopy copy(folder.path / "lookup" / "ledger.sqlite", clock);
    copy.catch_up(ledger);
    trace.forget();
    Steps steps;
    for (const EverydayWork& work : everyday_work()) {
        work.ask(campaign, ledger);
        note(work.name, trace, steps);
    }
    go_through_an_experiment(campaign, ledger);
    note("an experiment", trace, steps);
    copy.catch_up(ledger);
    note("the copy for proposers", trace, steps);
    return steps;
}

TEST(Steps, OfEverydayWorkDoNotGrowWithTheLedger) {
    // Each is a few experiments after its champion, and reaches the limits of what a prompt reads.
    constexpr int few = 2'000;
    constexpr int many = 4'000;
    const Steps before = steps_after(few);
    const Steps after = steps_after(many);
    std::vector<std::string> grown;
    for (const auto& [which, steps] : after) {
        // It reads up to `common_word` places of a word (recall.hpp), which so few experiments do not have.
        if (which.first == "a search") continue;
        const auto known = before.find(which);
        const std::int64_t less = known == before.end() ? 0 : known->second;
        // To go along a table takes several for each of its rows.
        if (steps - less >= many - few)
            grown.push_back(fmt::format("{}: from {} to {}: {}", which.first, less, steps, which.second));
    }
    EXPECT_THAT(grown, IsEmpty());
    EXPECT_GT(after.size(), 100U) << "the statements are not seen";
}

}  // namespace
}  // namespace ratchet
