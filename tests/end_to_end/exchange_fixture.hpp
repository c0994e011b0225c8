#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"
#include "tests/support/bytes_of_file.hpp"

namespace ratchet::test {

inline std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::vector<nlohmann::json> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(nlohmann::json::parse(line));
    return lines;
}

/// The last line of a text as JSON.
inline nlohmann::json last_json(const std::string& text) {
    return json_lines(text).back();
}

/// A folder that goes away with it.
struct PlaceElsewhere {
    PlaceElsewhere() {
        std::string name = (std::filesystem::temp_directory_path() / "ratchet-elsewhere-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~PlaceElsewhere() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    PlaceElsewhere(const PlaceElsewhere&) = delete;
    PlaceElsewhere& operator=(const PlaceElsewhere&) = delete;
    std::filesystem::path path;
};

class Exchange : public ::testing::Test {
  protected:
    /// Twelve experiments, two of them kept.
    void run_campaign() {
        toy.propose(toy.twelve());
        const Ended run = ratchet(toy.folder(), {"run"});
        ASSERT_EQ(run.status, 0) << run.output << run.errors;
        ASSERT_EQ(words_of(toy.ledger()).size(), 12U);
    }
    void export_campaign() {
        const Ended exported =
            ratchet(toy.folder(), {"export", "--format", "archive", "-o", archive().string()});
        ASSERT_EQ(exported.status, 0) << exported.errors;
        EXPECT_THAT(exported.output, ::testing::HasSubstr("campaign toy, 12 experiments, "));
    }
    [[nodiscard]] std::filesystem::path archive() const { return elsewhere.path / "toy.tar"; }
    [[nodiscard]] std::filesystem::path clone() const { return elsewhere.path / "clone"; }
    void make_clone() const { shell(elsewhere.path, "git clone -q '" + toy.root().string() + "' clone"); }

    ToyCampaign toy;
    PlaceElsewhere elsewhere;
};

}  // namespace ratchet::test
