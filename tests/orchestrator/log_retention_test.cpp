#include "orchestrator/log_retention.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <set>
#include <string>

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Logs of experiments that were written so many hours ago, of 100,000 bytes each.
class LogRetentionTest : public ::testing::Test {
  protected:
    LogRetentionTest() {
        std::string place = (fs::temp_directory_path() / "ratchet-logs-XXXXXX").string();
        logs = ::mkdtemp(place.data());
        for (const int hours : {1, 5, 9}) {
            const fs::path folder = logs / std::to_string(hours);
            fs::create_directory(folder);
            std::ofstream(folder / "build.zst") << std::string(100000, 'x');
            fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(hours));
        }
    }
    ~LogRetentionTest() override { fs::remove_all(logs); }

    [[nodiscard]] std::set<std::string> left() const {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(logs))
            names.insert(entry.path().filename().string());
        return names;
    }

    fs::path logs;
};

TEST_F(LogRetentionTest, keeps_everything_where_nothing_is_said) {
    EXPECT_EQ(remove_old_logs(logs, {}), 0);
    EXPECT_THAT(left(), ElementsAre("1", "5", "9"));
}

TEST_F(LogRetentionTest, removes_what_is_older) {
    EXPECT_GE(remove_old_logs(logs, {4h, std::nullopt}), 200000);
    EXPECT_THAT(left(), ElementsAre("1"));
}

TEST_F(LogRetentionTest, removes_the_oldest_beyond_a_size) {
    EXPECT_GE(remove_old_logs(logs, {std::nullopt, 250000}), 100000);
    EXPECT_THAT(left(), ElementsAre("1", "5"));
    remove_old_logs(logs, {std::nullopt, 0});
    EXPECT_THAT(left(), IsEmpty());
}

TEST_F(LogRetentionTest, obeys_both) {
    remove_old_logs(logs, {8h, 120000});
    EXPECT_THAT(left(), ElementsAre("1"));
}

TEST_F(LogRetentionTest, has_nothing_to_do_where_nothing_was_logged) {
    EXPECT_EQ(remove_old_logs(logs / "none", {4h, std::nullopt}), 0);
}

}  // namespace
}  // namespace ratchet::test
