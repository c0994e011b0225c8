#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/eventually.hpp"

namespace ratchet::test {

/// What a program printed and how it ended.
struct Ended {
    int status = -1;  ///< 128 + signal where a signal ended it
    std::string output;
    std::string errors;
};

/// The real ratchet binary, as a user starts it.
class Program {
  public:
    /// Starts `ratchet ARGUMENTS...` in this folder, its output going to files.
    Program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
            const std::vector<std::string>& extra_environment = {});
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    void signal(int number) const;
    /// Waits for its end, or until the deadline; then false.
    bool wait(std::chrono::milliseconds most);
    /// What it has printed so far.
    [[nodiscard]] std::string printed() const;
    /// Waits for its end (and fails the test after two minutes), and returns what it said.
    Ended end();

  private:
    pid_t pid_ = -1;
    bool reaped_ = false;
    int raw_status_ = 0;
    std::filesystem::path output_file_;
    std::filesystem::path error_file_;
};

/// `ratchet ARGUMENTS...` to its end.
Ended ratchet(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
              const std::vector<std::string>& extra_environment = {});

/// A shell command to its end; fails the test where it does not succeed. Returns its output.
std::string shell(const std::filesystem::path& folder, const std::string& command);

/// Whole processes of the machine whose command line or working directory contains this text.
std::vector<std::string> processes_with(const std::string& text);

/// Lines of /proc/mounts that contain this text.
std::vector<std::string> mounts_with(const std::string& text);

}  // namespace ratchet::test
