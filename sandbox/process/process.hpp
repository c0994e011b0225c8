#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/confinement.hpp"
#include "sandbox/process/output_capture.hpp"
#include "sandbox/process/stop_signal.hpp"

namespace ratchet {

/// A program to be executed. Nothing is inherited but what stands here.
struct Command {
    std::vector<std::string> argv;         ///< argv[0] is an absolute path
    std::vector<std::string> environment;  ///< NAME=VALUE
    std::filesystem::path working_directory;
    std::string standard_input;
    /// The command gets a pipe as descriptor 3 and what it writes there comes back as Outcome::report.
    bool wants_report = false;
    /// Each becomes a sealed file in memory, open for reading as descriptor 4, 5, … of the command.
    std::vector<std::string> attachments;
    /// A supervisor that cleans up after its own children: when its time has come it gets SIGTERM, and only
    /// where it does not end by that within two seconds is its group killed.
    bool supervises = false;
    /// Where root starts what runs as somebody else: whose its output is, so that it may open /dev/stdout. 0:
    /// the caller's.
    uid_t streams_owner = 0;
};

struct Limits {
    Milliseconds wall = std::chrono::minutes(10);
    CaptureLimits capture;
    std::filesystem::path log_file;  ///< empty: none
};

struct Outcome {
    Ending ending = Ending::not_started;
    int exit_status = 0;  ///< 128 + signal where a signal ended it
    RunFigures figures;
    CapturedOutput output;
    CapturedOutput errors;
    std::string report;  ///< at most 64 KiB
};

/// Runs a program to its end, in a session of its own, with all inherited descriptors closed, and kills its
/// process group when the wall limit or the stop's deadline comes. Throws MachineryError only where no
/// process can be made.
Outcome run(const Command& command, const Limits& limits, const StopSignal& stop);

}  // namespace ratchet
