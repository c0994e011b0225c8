#include "tests/faults/hold.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

namespace ratchet::test {

namespace fs = std::filesystem;

namespace {

/// The words of its command line, each with a NUL behind it.
std::string words_of_process(const fs::path& process) {
    std::ifstream stream(process / "cmdline", std::ios::binary);
    std::ostringstream words;
    words << stream.rdbuf();  // a process that ends meanwhile has none, and an iterator would throw
    return words.str();
}

std::string kind_of(const std::string& words) {
    const std::string program = fs::path(words.c_str()).filename().string();
    if (program == "bwrap" || program == "sh") return program;
    const std::string second = words.c_str() + std::string(words.c_str()).size() + 1;
    return second.substr(0, second.find('\0'));
}

}  // namespace

Hold::Hold() {
    std::string name = (fs::temp_directory_path() / "ratchet-hold-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::permissions(folder_, fs::perms(0755));  // the sandbox may be another user's
}

Hold::~Hold() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

std::string Hold::command() const {
    return fmt::format("while [ -e {}/hold ]; do sleep 0.01; done; ", folder_.string());
}

FaultSettings Hold::settings(const std::string& stage, const std::string& tier) const {
    FaultSettings settings;
    settings.tier = tier;
    settings.more = fmt::format("read = [\"{}\"]\n", folder_.string());
    const std::string usual =
        stage == "benchmark" ? "sh src/bench.sh" : fmt::format("test \\\"$(cat src/{}.txt)\\\" = ok", stage);
    settings.changes.emplace_back("command = \"" + usual, "command = \"" + command() + usual);
    settings.changes.emplace_back("timeout = \"5s\"", "timeout = \"10m\"");  // whoever is held is not hanging
    return settings;
}

void Hold::take() const {
    std::ofstream(folder_ / "hold") << "held\n";
}

void Hold::release() const {
    fs::remove(folder_ / "hold");
}

bool Hold::holds() const {
    return eventually([this] { return !helpers("sh").empty(); }, std::chrono::minutes(2));
}

std::vector<pid_t> Hold::helpers(const std::string& kind) const {
    std::vector<pid_t> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string number = entry.path().filename().string();
        if (number.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string words = words_of_process(entry.path());
        if (words.find(folder_.string()) != std::string::npos && kind_of(words) == kind)
            found.push_back(std::stoi(number));
    }
    return found;
}

void run_until_held(Program& program, const Hold& hold) {
    ASSERT_TRUE(has_stopped(program)) << program.end().errors;
    hold.take();
    program.signal(SIGCONT);
    ASSERT_TRUE(hold.holds());
}

}  // namespace ratchet::test
