#include "tests/end_to_end/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ratchet::test {

namespace fs = std::filesystem;

namespace {

std::string contents_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// A name for a file of our own that no other test uses.
fs::path scratch_file(const std::string& kind) {
    static std::atomic<int> counter = 0;
    return fs::temp_directory_path() /
           ("ratchet-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + "." + kind);
}

int shell_status(int raw) {
    return WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
}

std::vector<std::string> environment_with(const std::vector<std::string>& extra) {
    std::vector<std::string> environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent",
                                            "LC_ALL=C.UTF-8"};
    // What tests measure is no time: they need not wait for each other's pairs.
    static const fs::path lock = scratch_file("lock");
    environment.push_back("RATCHET_BENCHMARK_LOCK=" + lock.string());
    // The sanitizers and their suppressions are told what to do by the environment.
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
        if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
    }
    for (const std::string& variable : extra) {
        const std::string name = variable.substr(0, variable.find('=') + 1);
        std::erase_if(environment, [&name](const std::string& other) { return other.starts_with(name); });
        environment.push_back(variable);
    }
    return environment;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

pid_t spawn(const fs::path& folder, const std::vector<std::string>& words,
            const std::vector<std::string>& environment, const fs::path& output, const fs::path& errors) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    // posix_spawn takes pointers to what it does not change.
    std::vector<std::string> argument_copies = words;
    std::vector<std::string> variable_copies = environment;
    std::vector<char*> argv = pointers_to(argument_copies);
    std::vector<char*> envp = pointers_to(variable_copies);
    pid_t pid = -1;
    const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), envp.data());
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(error, 0) << words.front();
    return pid;
}

}  // namespace

Program::Program(const fs::path& folder, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& extra_environment)
    : output_file_(scratch_file("out")), error_file_(scratch_file("err")) {
    std::vector<std::string> words = {RATCHET_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    pid_ = spawn(folder, words, environment_with(extra_environment), output_file_, error_file_);
}

Program::~Program() {
    if (!reaped_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    fs::remove(output_file_);
    fs::remove(error_file_);
}

void Program::signal(int number) const {
    ::kill(pid_, number);
}

bool Program::wait(std::chrono::milliseconds most) {
    const auto deadline = std::chrono::steady_clock::now() + most;
    while (!reaped_) {
        if (::waitpid(pid_, &raw_status_, WNOHANG) == pid_) reaped_ = true;
        if (reaped_ || std::chrono::steady_clock::now() >= deadline) break;
        ::usleep(2000);
    }
    return reaped_;
}

std::string Program::printed() const {
    return contents_of(output_file_);
}

Ended Program::end() {
    EXPECT_TRUE(wait(std::chrono::minutes(20))) << "ratchet does not end";
    if (!reaped_) return {};
    return {shell_status(raw_status_), contents_of(output_file_), contents_of(error_file_)};
}

Ended ratchet(const fs::path& folder, const std::vector<std::string>& arguments,
              const std::vector<std::string>& extra_environment) {
    return Program(folder, arguments, extra_environment).end();
}

std::string shell(const fs::path& folder, const std::string& command) {
    const fs::path output = scratch_file("shell");
    const pid_t pid =
        spawn(folder, {"/bin/bash", "-euo", "pipefail", "-c", command},
              {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1",
               "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.org",
               "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.org", "LC_ALL=C.UTF-8"},
              output, "/dev/null");
    int raw = 0;
    ::waitpid(pid, &raw, 0);
    std::string text = contents_of(output);
    fs::remove(output);
    EXPECT_EQ(shell_status(raw), 0) << command << '\n' << text;
    return text;
}

std::vector<std::string> processes_with(const std::string& text) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string pid = entry.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos || pid == std::to_string(::getpid()))
            continue;
        std::error_code gone;
        const std::string folder = fs::read_symlink(entry.path() / "cwd", gone).string();
        const std::string words = contents_of(entry.path() / "cmdline");
        if (folder.find(text) != std::string::npos || words.find(text) != std::string::npos)
            found.push_back(fmt::format("{} {}", pid, words));
    }
    return found;
}

std::vector<std::string> mounts_with(const std::string& text) {
    std::vector<std::string> found;
    std::ifstream mounts("/proc/mounts");
    for (std::string line; std::getline(mounts, line);) {
        if (line.find(text) != std::string::npos) found.push_back(line);
    }
    return found;
}

}  // namespace ratchet::test
