#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "experiment_store/sqlite.hpp"
#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LedgerBackupTest : public ::testing::Test {
  protected:
    LedgerBackupTest() {
        ledger.found(identity());
        ledger.begin_epoch("harness", "", base);
        ledger.store_proposal(ledger.begin(Brief{}, "prompt"), proposal());
    }

    [[nodiscard]] std::filesystem::path copy() const { return folder.path() / "copy.sqlite"; }
    std::string complaint(const std::filesystem::path& file, bool replace) {
        try {
            ledger.backup(file, replace);
            return "";
        } catch (const UserError& error) {
            return error.what();
        }
    }
    static std::string bytes(const std::filesystem::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    [[nodiscard]] std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            if (!entry.path().filename().string().starts_with("ledger.sqlite"))
                names.push_back(entry.path().filename().string());
        }
        return names;
    }

    HandClock clock;
    TemporaryFolder folder{memory_folder()};
    Ledger ledger{folder.file(), clock};
};

TEST_F(LedgerBackupTest, is_one_file_with_everything) {
    ledger.backup(copy(), false);
    EXPECT_THAT(files(), ::testing::ElementsAre("copy.sqlite"));
    const Ledger read(copy(), clock, Ledger::Mode::read_only);
    EXPECT_THAT(read.problems(), IsEmpty());
    EXPECT_EQ(read.experiment({1})->proposal, proposal());
    EXPECT_THAT(files(), ::testing::ElementsAre("copy.sqlite")) << "to read it makes nothing beside it";
}

TEST_F(LedgerBackupTest, goes_on_in_the_place_of_the_ledger) {
    ledger.backup(copy(), false);
    Ledger restored(copy(), clock);
    EXPECT_EQ(restored.begin(Brief{}, ""), ExperimentId{2});
    EXPECT_THAT(restored.problems(), IsEmpty());
}

TEST_F(LedgerBackupTest, of_a_ledger_that_is_written_is_whole_each_time) {
    constexpr int backups = 15;
    // Never far ahead of the backups: a check of a ledger takes as long as it is.
    std::atomic<int> last_to_write = 0;
    std::thread writer([&] {
        HandClock own;
        Ledger other(folder.file(), own);
        for (int number = 1; number <= 20 * backups; ++number) {
            for (int most = last_to_write; number > most; most = last_to_write)
                last_to_write.wait(most);
            const ExperimentId id = other.begin(Brief{}, std::string(5000, 'p'));
            other.store_proposal(id, proposal("idea " + std::to_string(number)));
            other.captured(id, commit(number), tree(number));
            other.finish(id, decision(Verdict::no_gain), base);
        }
    });
    std::int64_t last = 0;
    for (int i = 0; i < backups; ++i) {
        last_to_write += 20;
        last_to_write.notify_one();
        ledger.backup(copy(), i > 0);
        const Ledger read(copy(), clock, Ledger::Mode::read_only);
        EXPECT_THAT(read.problems(), IsEmpty());
        EXPECT_GE(read.experiment_count(), last);
        last = read.experiment_count();
    }
    writer.join();
}

TEST_F(LedgerBackupTest, overwrites_nothing) {
    std::ofstream(copy()) << "a letter";
    EXPECT_THAT(complaint(copy(), false), HasSubstr("there is a file"));
    EXPECT_THAT(complaint(copy(), true), HasSubstr("is not a backup of this campaign's ledger"));
    EXPECT_EQ(bytes(copy()), "a letter");
    EXPECT_THAT(files(), ::testing::ElementsAre("copy.sqlite"));
}

TEST_F(LedgerBackupTest, replaces_an_older_backup_of_its_own_campaign_only) {
    ledger.backup(copy(), false);
    EXPECT_THAT(complaint(copy(), false), HasSubstr("there is a file"));
    ledger.add_note("later");
    EXPECT_EQ(complaint(copy(), true), "");
    EXPECT_EQ(Ledger(copy(), clock, Ledger::Mode::read_only).notes().size(), 1U);

    const std::filesystem::path foreign = folder.path() / "foreign.sqlite";
    {
        Ledger other(":memory:", clock);
        CampaignIdentity another = identity();
        another.name = "another";
        other.found(another);
        other.backup(foreign, false);
    }
    EXPECT_THAT(complaint(foreign, true), HasSubstr("is not a backup of this campaign's ledger"));
    EXPECT_EQ(Ledger(foreign, clock, Ledger::Mode::read_only).identity()->name, "another");
}

TEST_F(LedgerBackupTest, of_a_damaged_ledger_is_none_and_an_older_one_stays) {
    ledger.backup(copy(), false);
    const std::string whole = bytes(copy());
    const std::filesystem::path damaged = folder.path() / "damaged.sqlite";
    constexpr std::size_t page = 4096;
    // One that is not looked at when the ledger is opened, as those of the schema are.
    const auto root = *Database(copy(), Database::Mode::read_only)
                           .value<std::size_t>("SELECT rootpage FROM sqlite_schema WHERE name = 'prompt'");
    std::string spoilt = whole;
    spoilt.replace((root - 1) * page, page, page, 'x');
    std::ofstream(damaged, std::ios::binary) << spoilt;
    try {
        Ledger(damaged, clock, Ledger::Mode::read_only).backup(copy(), true);
        FAIL() << "it was copied";
    } catch (const DamagedLedger& error) {
        EXPECT_THAT(error.what(), HasSubstr("is damaged and was not copied"));
    }
    EXPECT_EQ(bytes(copy()), whole);
}

TEST_F(LedgerBackupTest, never_replaces_a_ledger_in_use_nor_itself) {
    const std::filesystem::path used = folder.path() / "used.sqlite";
    {
        Ledger other(used, clock);
        other.found(identity());
        EXPECT_THAT(complaint(used, true), HasSubstr("is not a backup"));
    }
    EXPECT_THAT(complaint(used, true), HasSubstr("is not a backup")) << "also when nobody has it open";
    EXPECT_THAT(complaint(folder.file(), true), HasSubstr("is not a backup"));
    EXPECT_THAT(ledger.problems(), IsEmpty());
}

TEST_F(LedgerBackupTest, leaves_nothing_where_the_folder_is_not_there) {
    EXPECT_THAT(complaint(folder.path() / "nowhere" / "copy.sqlite", false), HasSubstr("cannot make "));
    EXPECT_THAT(files(), IsEmpty());
}

TEST_F(LedgerBackupTest, takes_over_what_a_killed_one_left_and_nothing_else) {
    const std::filesystem::path unfinished = copy().string() + ".unfinished";
    ledger.backup(copy(), false);
    std::ofstream(unfinished, std::ios::binary) << bytes(copy()).substr(0, 10'000);
    ledger.add_note("later");
    ledger.backup(copy(), true);
    EXPECT_THAT(Ledger(copy(), clock, Ledger::Mode::read_only).problems(), IsEmpty());
    EXPECT_THAT(files(), ::testing::ElementsAre("copy.sqlite"));

    std::ofstream(unfinished) << "a letter";
    EXPECT_THAT(complaint(copy(), true), HasSubstr("is something else and is left as it is"));
    EXPECT_EQ(bytes(unfinished), "a letter");
}

TEST_F(LedgerBackupTest, of_two_into_one_file_at_a_time_one_is_told) {
    const std::string unfinished = copy().string() + ".unfinished";
    const int other = ::open(unfinished.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    ASSERT_EQ(::flock(other, LOCK_EX | LOCK_NB), 0);
    EXPECT_THAT(complaint(copy(), false), HasSubstr("another backup is being written to " + unfinished));
    EXPECT_THAT(files(), ::testing::ElementsAre("copy.sqlite.unfinished")) << "it is the other one's";
    ::close(other);
    EXPECT_EQ(complaint(copy(), false), "");
    EXPECT_THAT(files(), ::testing::ElementsAre("copy.sqlite"));
}

}  // namespace
}  // namespace ratchet::test
