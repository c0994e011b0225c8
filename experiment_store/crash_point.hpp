#pragma once

// Where a test may kill this program. Shared by all rooms, like the vocabulary in experiment.hpp. Without the
// build option RATCHET_CRASH_POINTS, which releases do not have, all of this is nothing.

#include <string_view>

#ifdef RATCHET_CRASH_POINTS
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#endif

namespace ratchet {

#ifdef RATCHET_CRASH_POINTS

inline constexpr bool has_crash_points = true;

/// How often each point was passed: by this process and, where that is recorded, by those before it.
inline std::map<std::string, int> passes_on_record(const char* record) {
    std::map<std::string, int> passes;
    std::ifstream lines(record == nullptr ? "" : record);
    for (std::string line; std::getline(lines, line);)
        ++passes[line];
    return passes;
}

/// Passes a point: `moment` of a durable `step`. Three variables of the environment say what comes of it; a
/// library reads them only here, and only in builds for tests:
///   RATCHET_POINTS=FILE            appends a line "STEP MOMENT" for each point that is passed
///   RATCHET_KILL_AT=STEP MOMENT#N  the process kills itself (-9) when the point is passed for the Nth time,
///                                  those in the file included; "any#N": any point
///   RATCHET_STOP_AT=STEP MOMENT#N  it stops (SIGSTOP) there; "any#N": at each point in turn
inline void crash_point(std::string_view step, std::string_view moment) {
    static const char* const record = std::getenv("RATCHET_POINTS");
    static const char* const kill_at = std::getenv("RATCHET_KILL_AT");
    static const char* const stop_at = std::getenv("RATCHET_STOP_AT");
    if (record == nullptr && kill_at == nullptr && stop_at == nullptr) return;
    static std::map<std::string, int> passes = passes_on_record(record);
    const std::string name = std::string(step) + " " + std::string(moment);
    const std::string number = "#" + std::to_string(++passes[name]);
    if (record != nullptr) {
        const std::string line = name + "\n";
        const int file = ::open(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (file < 0 || ::write(file, line.data(), line.size()) < 0) std::abort();
        ::close(file);
    }
    const auto is_here = [&](const char* place) {
        return place != nullptr && (name + number == place || "any" + number == place);
    };
    if (is_here(kill_at)) ::kill(::getpid(), SIGKILL);
    if (is_here(stop_at)) ::kill(::getpid(), SIGSTOP);
}

#else

inline constexpr bool has_crash_points = false;
constexpr void crash_point(std::string_view, std::string_view) {}

#endif

/// A step that is durable in parts: a point at its begin and one at its end.
class DurableStep {
  public:
    explicit DurableStep(std::string_view name) : name_(name) { crash_point(name_, "begin"); }
    ~DurableStep() { crash_point(name_, "end"); }
    DurableStep(const DurableStep&) = delete;
    DurableStep& operator=(const DurableStep&) = delete;

  private:
    std::string_view name_;
};

}  // namespace ratchet
