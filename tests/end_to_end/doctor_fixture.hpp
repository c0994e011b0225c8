#pragma once

// What the tests of `ratchet doctor` share: a campaign after its first night, and what is said of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {

inline constexpr std::size_t first_night = 9;

/// Those of the first night.
inline std::vector<ToyPatch> at_first(std::vector<ToyPatch> patches) {
    patches.resize(first_night);
    return patches;
}

/// What doctor says, by the words for programs.
struct Said {
    int status = -1;
    std::vector<std::string> problems;
    std::vector<std::string> notes;
    std::string text;
};

inline Said ask_doctor(const std::filesystem::path& folder, bool repair = false) {
    std::vector<std::string> arguments = {"doctor", "--json"};
    if (repair) arguments.emplace_back("--repair");
    const Ended ended = ratchet(folder, arguments);
    Said said{ended.status, {}, {}, ended.output + ended.errors};
    const nlohmann::json json = nlohmann::json::parse(ended.output, nullptr, false);
    if (json.is_discarded()) return said;
    for (const auto& finding : json["findings"]) {
        auto& list = finding["weight"] == "problem" ? said.problems : said.notes;
        list.push_back(finding["kind"]);
    }
    return said;
}

inline void run_to_its_end(const std::filesystem::path& folder) {
    const Ended ended = ratchet(folder, {"run", "--no-verify"});
    ASSERT_EQ(ended.status, 0) << ended.output << ended.errors;
}

/// How far a run has come with an experiment; a ledger that is being made has none yet.
inline Stage stage_of(const ToyCampaign& toy, ExperimentId id) {
    const StillClock clock;
    try {
        const auto found = Ledger(toy.ledger(), clock, Ledger::Mode::read_only).experiment(id);
        return found ? found->stage : Stage::planned;
    } catch (const UserError&) {
        return Stage::planned;
    }
}

/// All that git knows of the campaign.
inline constexpr const char* lose_everything =
    "git for-each-ref --format='delete %(refname)' refs/ratchet refs/heads/ratchet | git update-ref --stdin "
    "&& "
    "git reflog expire --expire=now --all && git gc -q --prune=now";

inline constexpr const char* state_ledger = ".git/ratchet/toy/ledger.sqlite";

/// The repository at another path, until it goes back.
class Elsewhere {
  public:
    explicit Elsewhere(const ToyCampaign& toy) : from_(toy.root()), folder_(toy.root().string() + "-moved") {
        std::filesystem::rename(from_, folder_);
    }
    ~Elsewhere() { std::filesystem::rename(folder_, from_); }
    Elsewhere(const Elsewhere&) = delete;
    Elsewhere& operator=(const Elsewhere&) = delete;

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  private:
    std::filesystem::path from_;
    std::filesystem::path folder_;
};

/// After the first night, whole and at rest.
class DoctorTest : public ::testing::Test {
  protected:
    DoctorTest() {
        toy.propose(at_first(patches));
        run_to_its_end(toy.folder());
    }

    void expect_content_and_the_same_verdicts(const std::filesystem::path& folder) {
        const Said said = ask_doctor(folder);
        EXPECT_EQ(said.status, 0) << said.text;
        toy.propose(patches);
        run_to_its_end(folder);
        EXPECT_THAT(words_of(folder / state_ledger), ::testing::ElementsAreArray(expected_words(patches)));
        EXPECT_EQ(ask_doctor(folder).status, 0);
    }

    ToyCampaign toy;
    std::vector<ToyPatch> patches = toy.twelve();
};

}  // namespace ratchet::test
