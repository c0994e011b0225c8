#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <fstream>
#include <regex>

#include "sandbox/process/descriptor.hpp"
#include "tests/end_to_end/doctor_fixture.hpp"
#include "tests/orchestrator/golden.hpp"

// What is said where something around a ledger is amiss: what happened, where, what is safe, what to do.
// (What damages of its own file lead to stands in ledger_verbs_test.cpp.)

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;

class Messages : public DoctorTest {
  protected:
    /// Appends what this command says, without what differs from run to run.
    void say(const std::string& title, const std::vector<std::string>& arguments) {
        const Ended ended = ratchet(toy.folder(), arguments);
        std::string text = ended.output + ended.errors;
        for (auto at = text.find(toy.root().string()); at != std::string::npos;
             at = text.find(toy.root().string()))
            text.replace(at, toy.root().string().size(), "REPOSITORY");
        text = std::regex_replace(text, std::regex(R"(\b[0-9a-f]{10}([0-9a-f]{30})?\b)"), "COMMIT");
        told += "## " + title + ": exit status " + std::to_string(ended.status) + "\n" + text;
    }

    std::string told;
};

TEST_F(Messages, say_what_happened_where_what_is_safe_and_what_to_do) {
    toy.write(".git/letter", "Dear grandmother, this is no archive.\n");
    toy.write(".git/results.tsv",
              "commit\tcost\tmemory_gb\tstatus\tdescription\n"
              "abc1234\t990\t0.1\tdiscard\twell formed\n"
              "abc1234\tmany\t0.1\tdiscard\tno number\n"
              "half a line\n");
    say("import of a file that is not there", {"import", ".git/nothing"});
    say("import of something else", {"import", ".git/letter"});
    say("import with broken lines", {"import", ".git/results.tsv"});
    say("export in a format that there is not", {"export", "--format", "xml"});
    ASSERT_EQ(ratchet(toy.folder(), {"export", "--format", "archive", "--output", ".git/own.tar"}).status, 0);
    say("import of a campaign that is here", {"import", ".git/own.tar"});

    say("replay of an experiment that there is not", {"replay", "99"});
    say("replay of a word", {"replay", "last"});

    say("backup in the place of another file", {"ledger", "backup", ".git/letter"});
    say("backup by force in the place of another file", {"ledger", "backup", "--force", ".git/letter"});
    say("backup into a folder that is not there", {"ledger", "backup", ".git/none/backup.sqlite"});

    say("gc with an age that is none", {"gc", "--logs-older-than", "soon"});
    toy.configure("[budget]", "[logs]\nkeep = \"soon\"\n\n[budget]");
    say("a campaign file with an age that is none", {"gc"});
    toy.configure("keep = \"soon\"", "most = \"-1\"");
    say("a campaign file with a size that is none", {"gc"});
    toy.configure("most = \"-1\"", "keep = \"1d\"");

    std::ofstream(toy.state() / "runner.lock") << "4711 on elsewhere since 2026-01-01 03:00\n";
    {
        const Descriptor lock(::open((toy.state() / "runner.lock").c_str(), O_RDONLY | O_CLOEXEC));
        ASSERT_EQ(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);
        say("a second runner", {"run"});
        say("rebuild beside a runner", {"ledger", "rebuild"});
        say("doctor --repair beside a runner", {"doctor", "--repair"});
    }

    shell(toy.root(), lose_everything);
    say("doctor without any commit of the campaign", {"doctor"});
    say("doctor --repair", {"doctor", "--repair"});
    fs::remove(toy.ledger());
    say("a ledger that is gone", {"status"});
    say("a run without the ledger that was there", {"run"});
    say("doctor without a ledger", {"doctor"});
    say("doctor --repair without a ledger", {"doctor", "--repair"});

    expect_golden("robustness_messages.txt", told);
}

}  // namespace
}  // namespace ratchet::test
