#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/faults/campaigns.hpp"
#include "tests/faults/durable_steps.hpp"
#include "tests/faults/file_trace.hpp"

// What is on the disk before what (docs/design.md, "Durable order"). A kill cannot show it, since the kernel
// keeps what a killed process wrote; so the program's calls are watched.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

const fs::path git_folder = ".git";
const fs::path objects_folder = git_folder / "objects";
const fs::path refs_folder = git_folder / "refs";
const fs::path pins_folder = refs_folder / "ratchet/toy";
const fs::path state_of_toy = git_folder / "ratchet/toy";

using Trace = std::vector<TracedEvent>;

/// The calls of one undisturbed campaign.
Trace trace_of(const std::string& name) {
    const FaultCampaign campaign(campaigns().at(name));
    campaign.run_to_the_end(
        {"LD_PRELOAD=" RATCHET_FILE_CALLS, "RATCHET_CALLS=" + campaign.toy().root().string() + "/"});
    return read_trace(campaign.record(), campaign.toy().root());
}

/// The trace without the calls of this kind at or below a path.
Trace without(const Trace& all, const std::string& kind, const fs::path& folder) {
    Trace rest;
    std::copy_if(all.begin(), all.end(), std::back_inserter(rest), [&](const TracedEvent& event) {
        return event.kind != kind || !is_below(event.path, folder);
    });
    return rest;
}

bool is_transaction(const TracedEvent& event, const char* moment) {
    return event.point.starts_with("ledger/") && event.point.ends_with(moment);
}

bool is_pin_of_candidate(const TracedEvent& event) {
    const std::string name = event.result().filename().string();
    return (event.kind == "rename" || event.kind == "link") && event.result().parent_path() == pins_folder &&
           name.find_first_not_of("0123456789") == std::string::npos;
}

bool moves_champion(const TracedEvent& event) {
    return (event.kind == "rename" || event.kind == "link") &&
           (event.result() == pins_folder / "champion" ||
            event.result() == refs_folder / "heads/ratchet/toy");
}

void add(std::vector<std::string>& faults, const std::string& when, const std::vector<std::string>& lost) {
    for (const std::string& what : lost)
        faults.push_back(fmt::format("{}: not on the disk: {}", when, what));
}

/// Where something is built on what a power failure could still take away.
std::vector<std::string> losses_in(const Trace& events) {
    std::vector<std::string> faults;
    Volatile not_safe;
    for (const TracedEvent& event : events) {
        not_safe.take(event);
        // The ledger itself, and the folders that lead to it.
        if (is_transaction(event, " committed")) {
            for (const char* suffix : {"", "-wal"})
                add(faults, event.point, not_safe.at(state_of_toy / ("ledger.sqlite" + std::string(suffix))));
        }
        // A pin names objects; the transaction names objects and the pin.
        if (is_pin_of_candidate(event)) add(faults, event.text(), not_safe.below(objects_folder));
        if (event.point == "ledger/captured commit") {
            add(faults, event.point, not_safe.below(objects_folder));
            add(faults, event.point, not_safe.below(refs_folder));
        }
    }
    return faults;
}

/// Where something comes before what it has to follow.
std::vector<std::string> disorder_in(const Trace& events) {
    std::vector<std::string> faults;
    std::string last;  // of the transactions that are about an experiment's life
    for (const TracedEvent& event : events) {
        if (is_transaction(event, " committed")) {
            for (const char* step : {"begin", "store_proposal", "captured", "finish"}) {
                if (event.point == fmt::format("ledger/{} committed", step)) last = step;
            }
        }
        const bool is_objects = event.kind == "create" && is_below(event.path, objects_folder);
        if ((is_objects || is_pin_of_candidate(event)) && last != "store_proposal")
            faults.push_back(fmt::format("{} behind {}", event.text(), last));
        if (moves_champion(event) && !last.empty() && last != "finish")
            faults.push_back(fmt::format("{} behind {}", event.text(), last));
    }
    return faults;
}

/// No step is built on these: SQLite's own files, whose steps are the transactions; a log for people; who
/// holds the lock.
bool needs_no_step(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with("ledger.sqlite") || name == "ratchet.log" || name == "runner.lock";
}

/// Calls that change a file outside of every named step: there is no point before and after them.
std::vector<std::string> unnamed_steps_in(const Trace& events) {
    std::vector<std::string> faults;
    std::vector<std::string> steps;
    for (const TracedEvent& event : events) {
        if (event.point.ends_with(" begin")) steps.push_back(event.point);
        if (event.point.ends_with(" end") && !steps.empty()) steps.pop_back();
        const bool changes = event.point.empty() && event.kind != "sync";
        if (changes && steps.empty() && !needs_no_step(event.result())) faults.push_back(event.text());
    }
    return faults;
}

const Trace& usual_trace() {
    static const Trace once = trace_of("usual");
    return once;
}

TEST(DurableOrder, builds_nothing_on_what_a_power_failure_could_take_away) {
    const Trace& all = usual_trace();
    EXPECT_THAT(losses_in(all), IsEmpty());
    EXPECT_THAT(losses_in(without(all, "sync", objects_folder)), Contains(HasSubstr("captured commit")));
    EXPECT_THAT(losses_in(without(all, "sync", pins_folder)), Contains(HasSubstr("captured commit")));
    EXPECT_THAT(losses_in(without(all, "sync", state_of_toy / "ledger.sqlite-wal")),
                Contains(HasSubstr("add_pair committed")));
}

TEST(DurableOrder, stores_a_proposal_before_its_objects_and_those_before_their_pin_and_the_capture) {
    EXPECT_THAT(disorder_in(usual_trace()), IsEmpty());
    const Trace reversed(usual_trace().rbegin(), usual_trace().rend());
    EXPECT_THAT(disorder_in(reversed), Not(IsEmpty()));
}

TEST(DurableOrder, is_looked_for_in_a_trace_that_sees_all_calls) {
    const Trace& all = usual_trace();
    EXPECT_GT(std::count_if(all.begin(), all.end(), is_pin_of_candidate), 5);
    EXPECT_GT(std::count_if(all.begin(), all.end(), moves_champion), 2);
    Trace unnamed = all;
    std::erase_if(unnamed, [](const TracedEvent& event) { return event.point.starts_with("git/pin"); });
    EXPECT_THAT(unnamed_steps_in(unnamed), Not(IsEmpty()));
}

/// So that a new step cannot be forgotten where the program is killed at each of them: whatever changes a
/// file has a name, and each name in the sources is passed by a campaign that crash_test.cpp walks.
TEST(DurableSteps, all_have_a_name_and_all_are_walked) {
    std::set<std::string> passed;
    for (const auto& [name, settings] : campaigns()) {
        SCOPED_TRACE(name);
        const Trace events = name == "usual" ? usual_trace() : trace_of(name);
        EXPECT_THAT(losses_in(events), IsEmpty());
        EXPECT_THAT(unnamed_steps_in(events), IsEmpty());
        for (const TracedEvent& event : events)
            passed.insert(event.point);
    }
    std::set<std::string> named = points_in_sources(RATCHET_SOURCE);
    EXPECT_THAT(named, IsSupersetOf({"ledger/finish committed", "git/pin begin", "log/open end"}));
    for (const auto& [point, reason] : points_passed_elsewhere())
        EXPECT_EQ(named.erase(point), 1U) << point << " is not in the sources: " << reason;
    for (const std::string& point : passed)
        named.erase(point);
    EXPECT_THAT(named, IsEmpty());
}

}  // namespace
}  // namespace ratchet::test
