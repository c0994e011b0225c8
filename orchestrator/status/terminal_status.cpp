#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/rendering.hpp"
#include "orchestrator/status/output.hpp"
#include "orchestrator/status/status.hpp"

namespace ratchet {
namespace {

constexpr const char* erase_line = "\r\x1b[K";

/// "7/40 pairs", "7 pairs"; empty before the first.
std::string pairs_text(const Progress& progress) {
    if (progress.pairs == 0 && progress.pairs_wanted == 0) return {};
    if (progress.pairs_wanted == 0) return fmt::format("{} pairs", progress.pairs);
    return fmt::format("{}/{} pairs", progress.pairs, progress.pairs_wanted);
}

std::string done_text(const Progress& progress) {
    if (!progress.experiments_budget) return fmt::format("{} done", progress.experiments_done);
    return fmt::format("{}/{} done", progress.experiments_done, *progress.experiments_budget);
}

/// The fields of the live line from left to right; those at the end are given up first on a narrow terminal.
std::vector<std::string> fields_of(const Progress& progress, Scale scale) {
    std::vector<std::string> fields;
    const std::string stage = one_line(progress.stage);
    fields.push_back(progress.experiment.value == 0 ? stage : number_text(progress.experiment) + ' ' + stage);
    if (const std::string pairs = pairs_text(progress); !pairs.empty()) fields.push_back(pairs);
    if (progress.gain) fields.push_back(format_effect(*progress.gain, scale));
    if (progress.threshold > 0) {
        fields.push_back(fmt::format("evidence {:.3g}/{:.3g}", progress.evidence, progress.threshold));
    }
    if (progress.total_gain) fields.push_back("total " + format_effect(*progress.total_gain, scale));
    fields.push_back(done_text(progress));
    if (progress.time_left) fields.push_back(format_duration(*progress.time_left) + " left");
    return fields;
}

std::string joined(const std::vector<std::string>& fields) {
    std::string line;
    for (const std::string& field : fields)
        line += (line.empty() ? "" : " · ") + field;
    return line;
}

class TerminalStatus final : public Status {
  public:
    TerminalStatus(std::ostream& out, bool colour, int columns, Scale scale)
        : out_(out), style_{colour, columns}, scale_(scale) {}
    TerminalStatus(const TerminalStatus&) = delete;
    TerminalStatus& operator=(const TerminalStatus&) = delete;
    ~TerminalStatus() override { show_live_line({}); }

    void progress(const Progress& progress) override {
        // A line that reaches the last column wraps on some terminals.
        const auto width = static_cast<std::size_t>(std::max(1, style_.columns - 1));
        std::vector<std::string> fields = fields_of(progress, scale_);
        while (fields.size() > 1 && columns_of(joined(fields)) > width)
            fields.pop_back();
        show_live_line(clipped_to_columns(joined(fields), width));
    }

    void finished(const Experiment& experiment) override {
        print_line(finished_line(experiment, scale_, style_));
    }

    void message(const std::string& line) override { print_line(one_line(line)); }

    void warning(const std::string& line) override {
        print_line(painted("warning:", Colour::yellow, style_) + ' ' + one_line(line));
    }

  private:
    void show_live_line(const std::string& line) {
        if (line == live_line_) return;
        live_line_ = line;
        put(out_, erase_line + line);
    }

    /// Above the live line, which stays the last one.
    void print_line(const std::string& line) {
        put(out_, (live_line_.empty() ? "" : erase_line) + line + '\n' + live_line_);
    }

    std::ostream& out_;
    Style style_;
    Scale scale_;
    std::string live_line_;
};

}  // namespace

std::unique_ptr<Status> make_terminal_status(std::ostream& out, bool colour, int columns, Scale scale) {
    return std::make_unique<TerminalStatus>(out, colour, columns, scale);
}

}  // namespace ratchet
