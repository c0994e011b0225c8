#include "tests/faults/fault_campaign.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <regex>
#include <sstream>
#include <utility>

#include "experiment_store/ledger.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet::test {

namespace fs = std::filesystem;

namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

std::string pairs_text(const Experiment& experiment) {
    std::string text;
    for (const Pair& pair : experiment.pairs) {
        if (!pair.set_aside.empty()) continue;  // for what else the machine had to do
        text += fmt::format(" {}:{}/{}", name_of(pair.phase), pair.champion.value, pair.candidate.value);
    }
    return text;
}

std::string told(const Experiment& experiment) {
    std::string text = fmt::format("#{} {} test {} tree {}", experiment.brief.id.value, word_of(experiment),
                                   experiment.test_number, experiment.tree.hex);
    if (experiment.returned) {
        text += fmt::format(" returned as {} #{}", name_of(experiment.returned->likeness),
                            experiment.returned->duplicate_of.value);
    }
    if (experiment.proposal) {
        const Notes& notes = experiment.proposal->notes;
        text += fmt::format(" idea {} patch {}", notes.hypothesis, experiment.proposal->patch_id);
        for (const auto& [name, value] : notes.origin) {
            // A commit has the time in it.
            if (name != "commit") text += fmt::format(" {} {}", name, value);
        }
    }
    if (experiment.decision) {
        const Decision& decision = *experiment.decision;
        static const std::regex commit("[0-9a-f]{10}");
        text += fmt::format(" reason {} e {} pairs {} effect {} twin {}",
                            std::regex_replace(decision.reason, commit, "COMMIT"), decision.e_value,
                            decision.pairs, decision.effect ? decision.effect->estimate : 0.0,
                            decision.duplicate_of ? decision.duplicate_of->value : 0);
    }
    return text + pairs_text(experiment);
}

/// The log of our own branch, which a kill between the branch's move and the log's removal leaves.
constexpr const char* own_reflog = "logs/refs/heads/ratchet";

std::vector<std::string> only_in_one(const std::set<std::string>& one, const std::set<std::string>& other) {
    std::vector<std::string> names;
    std::set_symmetric_difference(one.begin(), one.end(), other.begin(), other.end(),
                                  std::back_inserter(names));
    return names;
}

std::vector<Experiment> experiments_in(const Ledger& ledger) {
    std::vector<Experiment> all;
    for (std::int64_t number = 1; number <= ledger.experiment_count(); ++number)
        all.push_back(ledger.experiment(ExperimentId{number}).value());
    return all;
}

}  // namespace

FaultCampaign::FaultCampaign(FaultSettings settings)
    : settings_(std::move(settings)),
      record_(settings_.records / (toy_.root().filename().string() + ".points")) {
    toy_.configure("[budget]",
                   fmt::format("[sandbox]\nrequire = \"{}\"\n{}\n[budget]", settings_.tier, settings_.more));
    for (const auto& [from, to] : settings_.changes)
        toy_.configure(from, to);
    std::vector<ToyPatch> patches = toy_.twelve();
    if (!settings_.patches.empty()) {
        std::vector<ToyPatch> some;
        for (const std::size_t number : settings_.patches)
            some.push_back(patches.at(number));
        patches = std::move(some);
    }
    if (!settings_.costs.empty()) patches.clear();
    for (const auto& [from, to] : settings_.costs)
        patches.push_back({fmt::format("{} to {}", from, to), toy_.cost_patch(from, to), ""});
    toy_.propose(patches);
    users_ = what_is_the_users();
}

FaultCampaign::~FaultCampaign() {
    std::error_code ignored;
    fs::remove(record_, ignored);
}

std::map<std::string, std::string> FaultCampaign::what_is_the_users() const {
    auto all = test::snapshot(toy_.root(), {".git"});
    // Moved by nobody: HEAD, the index, the configuration, hooks, the user's branches.
    for (auto& [path, content] : test::snapshot(
             toy_.root() / ".git",
             {"objects", "ratchet", "worktrees", "refs/ratchet", "refs/heads/ratchet", own_reflog})) {
        all[".git/" + path] = content;
    }
    return all;
}

std::vector<std::string> FaultCampaign::environment(const std::string& variable, const Passing& at) const {
    std::vector<std::string> all = {"RATCHET_POINTS=" + record_.string()};
    if (!variable.empty()) all.push_back(variable + "=" + at.text());
    return all;
}

std::map<std::string, int> FaultCampaign::points() const {
    std::map<std::string, int> passes;
    std::ifstream lines(record_);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("call\t")) ++passes[line];
    }
    return passes;
}

std::string FaultCampaign::last_point() const {
    std::ifstream lines(record_);
    std::string last;
    for (std::string line; std::getline(lines, line);)
        last = line;
    return last;
}

void FaultCampaign::begin() const {
    if (!settings_.begun) return;
    const Ended killed = ratchet(toy_.folder(), usual_run, environment("RATCHET_KILL_AT", *settings_.begun));
    EXPECT_EQ(killed.status, 128 + SIGKILL) << killed.output << killed.errors;
}

void FaultCampaign::run_to_the_end(const std::vector<std::string>& more) const {
    begin();
    std::vector<std::string> all = environment();
    all.insert(all.end(), more.begin(), more.end());
    for (const auto& verb : settings_.verbs) {
        const Ended ended = ratchet(toy_.folder(), verb, all);
        EXPECT_EQ(ended.status, 0) << verb.front() << '\n' << ended.output << ended.errors;
    }
}

int FaultCampaign::run_and_be_killed(int nth) const {
    begin();
    int kills = 0;
    for (const auto& verb : settings_.verbs) {
        for (bool again = true, done = false; again; done = true) {
            Program program(toy_.folder(), verb, environment("RATCHET_KILL_AT", any_point(nth)));
            const Ended ended = program.end();
            again = ended.status == 128 + SIGKILL;
            if (!again) {
                // Killed behind its commit, a veto has nothing left to do.
                const bool is_done = done && ended.errors.find("already") != std::string::npos;
                EXPECT_TRUE(ended.status == 0 || is_done) << verb.front() << ended.output << ended.errors;
                continue;
            }
            ++kills;
            expect_nothing_lost();
            EXPECT_TRUE(eventually([&] { return control_groups_of(program.pid()).empty(); }));
        }
    }
    return kills;
}

void FaultCampaign::expect_nothing_lost() const {
    EXPECT_THAT(test::differences(users_, what_is_the_users()), IsEmpty());
    std::map<std::string, int> passes = points();
    if (passes["ledger/found committed"] == 0) return;
    const StillClock clock;
    const Ledger ledger(toy_.ledger(), clock, Ledger::Mode::read_only);
    EXPECT_TRUE(ledger.intact());
    int proposals = 0;
    int pairs = 0;
    int finished = 0;
    int returned = 0;
    for (const Experiment& experiment : experiments_in(ledger)) {
        returned += experiment.returned ? 1 : 0;
        proposals += experiment.proposal ? 1 : 0;
        finished += experiment.decision ? 1 : 0;
        pairs += static_cast<int>(experiment.pairs.size());
    }
    EXPECT_EQ(ledger.experiment_count(), passes["ledger/begin committed"]);
    EXPECT_EQ(proposals, passes["ledger/store_proposal committed"]);
    EXPECT_EQ(returned, passes["ledger/store_returned committed"]);
    // Pairs that were discarded stay in the ledger, but not with their experiment.
    if (passes["ledger/discard_pairs committed"] == 0) {
        EXPECT_EQ(pairs, passes["ledger/add_pair committed"]);
    }
    EXPECT_EQ(finished, passes["ledger/finish committed"]);
    expect_pinned(ledger);
}

void FaultCampaign::expect_pinned(const Ledger& ledger) const {
    // Reads each object that a ref names, and fails where there is none.
    std::istringstream lines(shell(
        toy_.root(), "git for-each-ref --format='%(refname) %(objectname) %(objecttype)' refs/ratchet"));
    std::map<std::string, std::string> pins;
    for (std::string name, id, type; lines >> name >> id >> type;)
        pins[name] = id;
    for (const Experiment& experiment : experiments_in(ledger)) {
        if (experiment.stage < Stage::captured || experiment.candidate.empty()) continue;
        EXPECT_EQ(pins[fmt::format("refs/ratchet/toy/{}", experiment.brief.id.value)],
                  experiment.candidate.hex);
    }
}

std::vector<std::string> FaultCampaign::story() const {
    const StillClock clock;
    const Ledger ledger(toy_.ledger(), clock, Ledger::Mode::read_only);
    EXPECT_TRUE(ledger.intact());
    std::vector<std::string> lines;
    for (const Experiment& experiment : experiments_in(ledger))
        lines.push_back(told(experiment));
    for (const Champion& champion : ledger.lineage())
        lines.push_back(fmt::format("champion #{}", champion.experiment ? champion.experiment->value : 0));
    const ErrorBudget errors = ledger.error_budget();
    lines.push_back(fmt::format("{} tests, {} kept", errors.tests, errors.kept));
    lines.push_back(fmt::format("{} imported", ledger.imported(std::numeric_limits<int>::max()).size()));
    std::set<std::string> replays;  // measured twice where the verb was killed at its end
    for (const Replay& replay : ledger.replays())
        replays.insert(
            fmt::format("replay of #{}: {}", replay.experiment->value, name_of(replay.decision.verdict)));
    lines.insert(lines.end(), replays.begin(), replays.end());
    const auto total = ledger.latest_verification();
    lines.push_back(fmt::format("total {}", total ? total->total.estimate : -1.0));
    lines.push_back(shell(toy_.root(),
                          "git rev-parse ratchet/toy^{tree} refs/ratchet/toy/champion^{tree}; "
                          "git worktree list | wc -l; git fsck --strict 2>&1 | grep -v dangling || true"));
    return lines;
}

std::set<std::string> FaultCampaign::files() const {
    std::set<std::string> names;
    const fs::path git = toy_.root() / ".git";
    for (auto entry = fs::recursive_directory_iterator(git); entry != fs::recursive_directory_iterator();
         ++entry) {
        const std::string name = fs::relative(entry->path(), git).string();
        if (name == "objects") entry.disable_recursion_pending();
        const bool left_out =
            name.ends_with("-wal") || name.ends_with("-shm") || name.starts_with(own_reflog);
        static const std::regex commit("[0-9a-f]{40}");  // has the time in it
        if (!left_out) names.insert(std::regex_replace(name, commit, "COMMIT"));
    }
    return names;
}

void FaultCampaign::expect_same_as(const FaultCampaign& undisturbed) const {
    EXPECT_THAT(story(), ElementsAreArray(undisturbed.story()));
    EXPECT_THAT(only_in_one(files(), undisturbed.files()), IsEmpty());
    EXPECT_THAT(test::differences(users_, what_is_the_users()), IsEmpty());
    const std::string place = toy_.root().string();
    EXPECT_TRUE(eventually([&] { return processes_with(place).empty(); }, std::chrono::seconds(20)))
        << ::testing::PrintToString(processes_with(place));
    EXPECT_THAT(mounts_with(place), IsEmpty());
}

const FaultCampaign& undisturbed() {
    static const std::unique_ptr<const FaultCampaign> once = [] {
        auto campaign = std::make_unique<FaultCampaign>();
        campaign->run_to_the_end();
        campaign->expect_nothing_lost();
        return campaign;
    }();
    return *once;
}

std::optional<bool> is_stopped(const Program& program) {
    std::ifstream stream(fs::path("/proc") / std::to_string(program.pid()) / "stat");
    std::string line;
    std::getline(stream, line);
    const std::size_t state = line.rfind(") ");
    if (state == std::string::npos || line[state + 2] == 'Z') return std::nullopt;
    return line[state + 2] == 'T';
}

bool has_stopped(Program& program) {
    std::optional<bool> stopped;
    const bool over = eventually(
        [&] {
            stopped = is_stopped(program);
            return stopped.value_or(true);
        },
        std::chrono::minutes(5));
    EXPECT_TRUE(over) << "it neither stopped nor ended";
    return stopped.value_or(false);
}

std::vector<std::string> control_groups_of(pid_t process) {
    const std::string beginning = fmt::format("ratchet-{}-", process);
    std::vector<std::string> found;
    std::error_code ignored;
    for (auto entry = fs::recursive_directory_iterator(
             "/sys/fs/cgroup", fs::directory_options::skip_permission_denied, ignored);
         entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
        if (entry->is_directory(ignored) && entry->path().filename().string().starts_with(beginning))
            found.push_back(entry->path().string());
    }
    return found;
}

}  // namespace ratchet::test
