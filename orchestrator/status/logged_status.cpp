#include "orchestrator/status/logged_status.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <utility>

#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

constexpr std::size_t log_bytes = std::size_t{4} << 20;
constexpr std::size_t log_files = 3;

class LoggedStatus final : public Status {
  public:
    LoggedStatus(std::unique_ptr<Status> shown, spdlog::sink_ptr log)
        : shown_(std::move(shown)), logger_("ratchet", std::move(log)) {
        logger_.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
        logger_.set_error_handler([](const std::string&) {});
        logger_.flush_on(spdlog::level::info);
    }

    void progress(const Progress& progress) override { shown_->progress(progress); }
    void finished(const Experiment& experiment) override {
        shown_->finished(experiment);
        if (!experiment.decision) return;
        logger_.info("#{} {}: {}", experiment.brief.id.value, name_of(experiment.decision->verdict),
                     one_line(experiment.decision->reason));
    }
    void message(const std::string& line) override {
        shown_->message(line);
        logger_.info(one_line(line));
    }
    void warning(const std::string& line) override {
        shown_->warning(line);
        logger_.warn(one_line(line));
    }

  private:
    std::unique_ptr<Status> shown_;
    spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Status> make_logged_status(std::unique_ptr<Status> shown, const std::filesystem::path& log) {
    spdlog::sink_ptr file;
    try {
        file = std::make_shared<spdlog::sinks::rotating_file_sink_st>(log.string(), log_bytes, log_files);
    } catch (const spdlog::spdlog_ex&) {
        return shown;
    }
    return std::make_unique<LoggedStatus>(std::move(shown), std::move(file));
}

}  // namespace ratchet
