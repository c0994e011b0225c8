#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "experiment_store/sqlite.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"
#include "tests/orchestrator/golden.hpp"

// `ratchet ledger check`, `rebuild` and `backup`, and what every verb says of a ledger that is none.

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LedgerVerbs : public ::testing::Test {
  protected:
    LedgerVerbs() {
        toy.propose({patches.begin(), patches.begin() + 5});
        const Ended ended = ratchet(toy.folder(), {"run", "--no-verify"});
        EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    }

    [[nodiscard]] std::string bytes() const { return toy.read(".git/ratchet/toy/ledger.sqlite"); }
    void overwrite(const std::string& content) const {
        for (const char* suffix : {"-wal", "-shm"})
            fs::remove(toy.ledger().string() + suffix);
        toy.write(".git/ratchet/toy/ledger.sqlite", content);
    }
    [[nodiscard]] std::string without_place(std::string text) const {
        const std::string root = toy.root().string();
        for (auto at = text.find(root); at != std::string::npos; at = text.find(root))
            text.replace(at, root.size(), "REPOSITORY");
        return text;
    }

    ToyCampaign toy;
    std::vector<ToyPatch> patches = toy.twelve();
};

const std::vector<std::vector<std::string>> readers = {
    {"status"}, {"log"},    {"show", "1"}, {"search", "cost"},
    {"prompt"}, {"report"}, {"note"},      {"ledger", "backup", "b"}};
const std::vector<std::vector<std::string>> writers = {{"run"},   {"try", "HEAD"},      {"verify"},
                                                       {"check"}, {"note", "text"},     {"veto", "1"},
                                                       {"gc"},    {"ledger", "rebuild"}};

TEST_F(LedgerVerbs, a_damaged_ledger_gives_every_verb_one_clear_sentence_and_stays_as_it_is) {
    const std::string whole = bytes();
    std::string noise = whole;
    for (std::size_t i = 0; i < 4096; ++i)
        noise[i] = static_cast<char>(i * 7 + 1);
    std::string inner_noise = whole;
    for (std::size_t i = 4096; i < inner_noise.size(); ++i)
        inner_noise[i] = static_cast<char>(i * 131 + 5);
    const fs::path made = toy.root() / ".git/made.sqlite";
    const auto database = [&](const std::string& start, const std::string& sql) {
        toy.write(".git/made.sqlite", start);
        Database(made, Database::Mode::read_write).script("PRAGMA journal_mode = DELETE;" + sql);
        return toy.read(".git/made.sqlite");
    };
    const std::vector<std::pair<std::string, std::string>> damages = {
        {"cut off at half", whole.substr(0, whole.size() / 2 / 4096 * 4096)},
        {"cut off within its first page", whole.substr(0, 1000)},
        {"empty", ""},
        {"its beginning is noise", noise},
        {"all but its beginning is noise", inner_noise},
        {"a letter", "Dear grandmother, this is no ledger.\n" + std::string(2000, 'x')},
        {"of a newer version", database(whole, "PRAGMA user_version = 4711")},
        {"of another program", database("", "CREATE TABLE bookmark (url TEXT); PRAGMA user_version = 1")},
    };
    std::string told;
    for (const auto& [name, content] : damages) {
        overwrite(content);
        told += "## " + name + "\n";
        for (const auto* verbs : {&readers, &writers}) {
            std::string first;
            for (const std::vector<std::string>& verb : *verbs) {
                const Ended ended = ratchet(toy.folder(), verb);
                EXPECT_EQ(ended.status, 1) << name << ": " << verb.front() << ended.output;
                const std::string said = without_place(ended.errors);
                if (first.empty()) {
                    first = said;
                    told += std::string(verbs == &readers ? "reading: " : "writing: ") + said;
                }
                EXPECT_EQ(said, first) << name << ": " << verb.front();
                ASSERT_EQ(bytes(), content) << name << ": changed by " << verb.front();
            }
        }
        const Ended doctor = ratchet(toy.folder(), {"doctor", "--repair"});
        EXPECT_EQ(doctor.status, 1) << name;
        told += "doctor: " + without_place(doctor.output);
        EXPECT_EQ(doctor.errors, "") << name;
        ASSERT_EQ(bytes(), content) << name << ": changed by doctor";
    }
    expect_golden("ledger_damage.txt", told);

    overwrite(whole);
    EXPECT_EQ(ratchet(toy.folder(), {"doctor"}).status, 0) << "the ledger in its place again";
}

TEST_F(LedgerVerbs, a_ledger_that_may_only_be_read_is_read_and_tells_writers_why) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
    for (const fs::path& what : {toy.state(), toy.ledger()}) {
        const fs::perms before = fs::status(what).permissions();
        fs::permissions(what, before & ~(fs::perms::owner_write | fs::perms::group_write));
        for (const auto& verb : writers) {
            const Ended ended = ratchet(toy.folder(), verb);
            EXPECT_EQ(ended.status, 1) << what << verb.front();
            EXPECT_THAT(ended.errors, HasSubstr("cannot be written")) << what << verb.front();
            EXPECT_THAT(ended.errors, HasSubstr("what to do: ")) << what << verb.front();
        }
        EXPECT_EQ(ratchet(toy.folder(), {"status"}).status, 0) << what;
        EXPECT_EQ(ratchet(toy.folder(), {"ledger", "check"}).status, 0) << what;
        EXPECT_EQ(ratchet(toy.folder(), {"ledger", "backup", "copy", "--force"}).status, 0) << what;
        const Ended doctor = ratchet(toy.folder(), {"doctor"});
        EXPECT_EQ(doctor.status, 1) << what;
        EXPECT_THAT(doctor.output, HasSubstr("give yourself the right to write")) << what;
        fs::permissions(what, before);
    }
}

TEST_F(LedgerVerbs, check_is_content_with_a_whole_ledger) {
    const Ended ended = ratchet(toy.folder(), {"ledger", "check"});
    EXPECT_EQ(ended.status, 0) << ended.output << ended.errors;
    EXPECT_EQ(ended.output, "The ledger is whole: 5 experiments, 5 candidates, all in git and pinned.\n");
    EXPECT_THAT(ratchet(toy.folder(), {"ledger", "check", "--json"}).output, HasSubstr("\"problems\": 0"));
}

TEST_F(LedgerVerbs, check_tells_a_commit_that_is_not_pinned) {
    shell(toy.root(), "git update-ref -d refs/ratchet/toy/3");
    const Ended ended = ratchet(toy.folder(), {"ledger", "check"});
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.output, HasSubstr("problem  refs/ratchet/toy/3: "));
}

TEST_F(LedgerVerbs, rebuild_mends_what_is_derived) {
    Database(toy.ledger(), Database::Mode::read_write).script("DELETE FROM standing; DROP TABLE file_record");
    EXPECT_EQ(ratchet(toy.folder(), {"ledger", "check"}).status, 1);
    const Ended ended = ratchet(toy.folder(), {"ledger", "rebuild"});
    EXPECT_EQ(ended.status, 0) << ended.errors;
    EXPECT_EQ(ended.output, "rebuilt from the facts of 5 experiments\n");
    EXPECT_EQ(ratchet(toy.folder(), {"ledger", "check"}).status, 0);
    toy.propose(patches);
    EXPECT_EQ(ratchet(toy.folder(), {"run", "--no-verify"}).status, 0);
    std::vector<std::string> expected;
    for (const ToyPatch& patch : patches)
        expected.push_back(patch.expected);
    EXPECT_THAT(words_of(toy.ledger()), ElementsAreArray(expected));
}

TEST_F(LedgerVerbs, rebuild_and_repair_wait_for_no_runner_and_refuse) {
    const fs::path file = toy.state() / "runner.lock";
    const int lock = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
    std::ofstream(file) << ::getpid();
    for (const std::vector<std::string>& verb :
         {std::vector<std::string>{"ledger", "rebuild"}, std::vector<std::string>{"doctor", "--repair"}}) {
        const Ended ended = ratchet(toy.folder(), verb);
        EXPECT_EQ(ended.status, 1);
        EXPECT_THAT(ended.errors, HasSubstr("another ratchet"));
    }
    const Ended beside = ratchet(toy.folder(), {"doctor"});
    EXPECT_EQ(beside.status, 0) << beside.output;
    EXPECT_THAT(beside.output, HasSubstr("runs the campaign"));

    std::ofstream(file) << "999999999";
    const Ended foreign = ratchet(toy.folder(), {"doctor"});
    EXPECT_EQ(foreign.status, 1);
    EXPECT_THAT(foreign.output, HasSubstr("its owner, process 999999999, is not on this machine"));
    ::close(lock);
    EXPECT_EQ(ratchet(toy.folder(), {"doctor"}).status, 0);
}

TEST_F(LedgerVerbs, a_backup_in_the_place_of_a_damaged_ledger_goes_on_with_the_same_verdicts) {
    ASSERT_EQ(ratchet(toy.folder(), {"ledger", "backup", ".git/copy.sqlite"}).status, 0);
    overwrite(std::string(8192, 'x'));
    shell(toy.root(), "cd .git/ratchet/toy && rm ledger.sqlite* && cp ../../copy.sqlite ledger.sqlite");
    const Ended doctor = ratchet(toy.folder(), {"doctor"});
    EXPECT_EQ(doctor.status, 0) << doctor.output;
    toy.propose(patches);
    ASSERT_EQ(ratchet(toy.folder(), {"run", "--no-verify"}).status, 0);
    EXPECT_EQ(words_of(toy.ledger()).back(), "kept");
    EXPECT_EQ(words_of(toy.ledger()).size(), patches.size());
}

TEST_F(LedgerVerbs, an_older_backup_is_told_by_what_it_does_not_know) {
    ASSERT_EQ(ratchet(toy.folder(), {"ledger", "backup", ".git/copy.sqlite"}).status, 0);
    toy.propose(patches);
    ASSERT_EQ(ratchet(toy.folder(), {"run", "--no-verify"}).status, 0);
    shell(toy.root(), "cd .git/ratchet/toy && rm ledger.sqlite* && cp ../../copy.sqlite ledger.sqlite");
    const Ended doctor = ratchet(toy.folder(), {"doctor"});
    EXPECT_EQ(doctor.status, 1);
    EXPECT_THAT(doctor.output, HasSubstr("refs/ratchet/toy/12: it pins"));
    EXPECT_EQ(ratchet(toy.folder(), {"doctor", "--repair"}).status, 0);
    EXPECT_EQ(ratchet(toy.folder(), {"run", "--no-verify"}).status, 0);
    EXPECT_EQ(words_of(toy.ledger()).size(), patches.size());
    EXPECT_EQ(ratchet(toy.folder(), {"doctor"}).status, 0);
}

TEST(LedgerBackup, made_with_cp_beside_a_run_is_whole_or_told_to_be_damaged) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    ASSERT_EQ(ratchet(toy.folder(), {"note", "so that there is a ledger"}).status, 0);
    Program program(toy.folder(), {"run", "--no-verify"});
    const ToyCampaign other;  // the repository that the copies are used in
    int copies = 0;
    do {
        const std::string to = other.state().string();
        // At its end the run takes SQLite's own log away, perhaps between the shell's look and the copy.
        shell(toy.root(), "rm -rf " + to + " && mkdir -p " + to +
                              " && { cp .git/ratchet/toy/ledger.sqlite* " + to + " 2>&1 || test -s " + to +
                              "/ledger.sqlite; }");
        const Ended check = ratchet(other.folder(), {"ledger", "check", "--json"});
        // Its commits are in the other repository: that is all that may be wrong with a copy that is whole.
        const bool damaged = (check.output + check.errors).find("damaged") != std::string::npos;
        if (!damaged) {
            EXPECT_THAT(check.output, ::testing::Not(HasSubstr("ledger-derived"))) << check.output;
        }
        EXPECT_THAT(check.errors, ::testing::Not(HasSubstr("something broke"))) << check.errors;
        ++copies;
    } while (!program.wait(std::chrono::milliseconds(1)));
    EXPECT_EQ(program.end().status, 0);
    EXPECT_GT(copies, 2);
}

TEST(LedgerBackup, beside_a_run_is_whole_each_time) {
    const ToyCampaign toy;
    toy.propose(toy.twelve());
    ASSERT_EQ(ratchet(toy.folder(), {"note", "so that there is a ledger"}).status, 0);
    Program program(toy.folder(), {"run"});
    int copies = 0;
    const StillClock clock;
    do {
        const std::string name = ".git/copy-" + std::to_string(++copies) + ".sqlite";
        const Ended ended = ratchet(toy.folder(), {"ledger", "backup", name});
        ASSERT_EQ(ended.status, 0) << ended.errors;
        EXPECT_THAT(Ledger(toy.root() / name, clock, Ledger::Mode::read_only).problems(), IsEmpty());
    } while (!program.wait(std::chrono::milliseconds(1)));
    EXPECT_EQ(program.end().status, 0);
    EXPECT_GT(copies, 2);
    EXPECT_EQ(words_of(toy.ledger()).size(), 12U);
}

}  // namespace
}  // namespace ratchet::test
