#pragma once

#include <filesystem>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "experiment_store/errors.hpp"

namespace CLI {
class App;
}

namespace ratchet {

/// What the process was started in. Only main reads it; everything else gets it as a value.
struct Surroundings {
    std::filesystem::path working_directory;
    std::filesystem::path init_helper;     ///< the ratchet-init executable
    std::filesystem::path bubblewrap;      ///< empty: not installed
    std::filesystem::path systemd_run;     ///< empty: not installed
    std::filesystem::path executable;      ///< this program
    std::filesystem::path benchmark_lock;  ///< a pair locks it: one at a time on a machine
    std::filesystem::path lookup;  ///< in a proposer's sandbox: the folder of the ledger's copy; else empty
    std::vector<std::string> arguments;  ///< without its name
    std::vector<std::string> environment;
    bool terminal = false;  ///< standard output is one
    bool colour = false;
    int columns = 80;
    std::istream* in = nullptr;
    std::ostream* out = nullptr;
    std::ostream* err = nullptr;
};

/// The command line being read: the options that all verbs share, and what was chosen.
struct CommandLine {
    Surroundings surroundings;
    std::string campaign;         ///< --campaign NAME
    std::string file;             ///< --file PATH
    bool json = false;            ///< --json
    std::function<int()> chosen;  ///< the verb; returns the exit status
};

/// The command line itself is wrong, told apart from what it was to do by its exit status.
class UsageError : public UserError {
  public:
    using UserError::UserError;
};

/// Reads the command line, does what it says, reports what went wrong in one sentence with what to do about
/// it. Returns the exit status: 0 done, 1 it could not go on, 2 wrong usage, 130 stopped by the user.
int run_command_line(const std::vector<std::string>& arguments, const Surroundings& surroundings);

inline constexpr int exit_done = 0;
inline constexpr int exit_could_not = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_stopped = 130;

// One function a verb, each in its own file with its help; declares the verb's flags below `app`.
void add_init(CLI::App& app, CommandLine& line);
void add_check(CLI::App& app, CommandLine& line);
void add_run(CLI::App& app, CommandLine& line);
void add_try(CLI::App& app, CommandLine& line);
void add_status(CLI::App& app, CommandLine& line);
void add_log(CLI::App& app, CommandLine& line);
void add_show(CLI::App& app, CommandLine& line);
void add_search(CLI::App& app, CommandLine& line);
void add_prompt(CLI::App& app, CommandLine& line);
void add_note(CLI::App& app, CommandLine& line);
void add_veto(CLI::App& app, CommandLine& line);
void add_verify(CLI::App& app, CommandLine& line);
void add_report(CLI::App& app, CommandLine& line);
void add_export(CLI::App& app, CommandLine& line);
void add_import(CLI::App& app, CommandLine& line);
void add_replay(CLI::App& app, CommandLine& line);
void add_gc(CLI::App& app, CommandLine& line);
void add_simulate(CLI::App& app, CommandLine& line);
void add_doctor(CLI::App& app, CommandLine& line);
void add_ledger(CLI::App& app, CommandLine& line);
void add_map(CLI::App& app, CommandLine& line);
void add_ideas(CLI::App& app, CommandLine& line);
void add_mcp(CLI::App& app, CommandLine& line);
void add_agent(CLI::App& app, CommandLine& line);

}  // namespace ratchet
