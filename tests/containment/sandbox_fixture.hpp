#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/confinement.hpp"
#include "tests/support/eventually.hpp"

namespace ratchet {

/// A folder in TMPDIR or /tmp that goes with the test.
class TestFolder {
  public:
    TestFolder();
    ~TestFolder();
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    std::filesystem::path path;
};

void write(const std::filesystem::path& file, const std::string& text);
std::string read(const std::filesystem::path& file);
bool started_by_root();

/// The processes of the whole machine whose arguments contain this text (those of this process apart).
std::vector<pid_t> processes_with(const std::string& marker);
/// The control groups on this machine that the process made for its runs.
std::vector<std::filesystem::path> control_groups_of(pid_t process);

/// A stop that a test asks for.
class TestStop final : public StopSignal {
  public:
    TestStop();
    ~TestStop() override;
    TestStop(const TestStop&) = delete;
    TestStop& operator=(const TestStop&) = delete;
    /// From any thread.
    void request();
    [[nodiscard]] int descriptor() const override { return ends_[0]; }
    [[nodiscard]] bool requested() const override;
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const override;

  private:
    int ends_[2];
};

/// The real sandbox over a tree that belongs to it.
class SandboxTest : public ::testing::Test {
  protected:
    /// The strong tier, or the weak one as on a machine without bubblewrap.
    explicit SandboxTest(Requirement tier = Requirement::strong, bool control_groups = true);
    /// A command in the tree; to be changed before it is run.
    [[nodiscard]] ConfinedCommand command(const std::string& shell) const;
    RunResult run(const std::string& shell) { return run(command(shell)); }
    RunResult run(const ConfinedCommand& confined);
    /// The attacker's file name inside, with its arguments.
    [[nodiscard]] std::string attacker(const std::string& arguments) const;
    /// Puts a file into the tree, as belongs to whom commands run as.
    void put(const std::string& name, const std::string& text);
    /// A text that no other process has in its arguments.
    static std::string marker();

    TestFolder folder;
    std::filesystem::path tree = folder.path / "tree";
    std::filesystem::path attacker_outside = RATCHET_ATTACKER;
    std::filesystem::path attacker_inside = "/attacker";
    std::unique_ptr<Confinement> confinement;
    NeverStop never;
};

/// For failure messages.
std::string describe(const RunResult& result);

}  // namespace ratchet
