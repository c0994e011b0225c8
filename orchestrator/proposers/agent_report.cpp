#include "orchestrator/proposers/agent_report.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

// nlohmann::json, not the ordered kind: an agent may print an object of very many keys.

/// What stands there, or null: also where something on the way is no object.
const nlohmann::json& at(const nlohmann::json& json, std::initializer_list<const char*> keys) {
    static const nlohmann::json nothing;
    const nlohmann::json* here = &json;
    for (const char* key : keys) {
        if (!here->is_object()) return nothing;
        const auto found = here->find(key);
        if (found == here->end()) return nothing;
        here = &*found;
    }
    return *here;
}

std::string text_at(const nlohmann::json& json, std::initializer_list<const char*> keys) {
    const nlohmann::json& value = at(json, keys);
    return value.is_string() ? value.get<std::string>() : std::string();
}

bool is(const nlohmann::json& json, const char* key, std::string_view text) {
    const nlohmann::json& value = at(json, {key});
    return value.is_string() && value.get_ref<const std::string&>() == text;
}

/// A count, 0 where there is none. What no model can have used is none, so that sums do not overflow.
std::int64_t count_at(const nlohmann::json& json, std::initializer_list<const char*> keys) {
    constexpr double most = 1e12;
    const nlohmann::json& value = at(json, keys);
    if (!value.is_number()) return 0;
    const auto number = value.get<double>();
    return number > 0 && number < most ? static_cast<std::int64_t>(number) : 0;
}

std::optional<double> cost_at(const nlohmann::json& json, std::initializer_list<const char*> keys) {
    const nlohmann::json& value = at(json, keys);
    if (!value.is_number()) return std::nullopt;
    const auto number = value.get<double>();
    if (!std::isfinite(number) || number < 0) return std::nullopt;
    return number;
}

void add_cost(Usage& usage, const std::optional<double>& cost) {
    if (cost) usage.cost = usage.cost.value_or(0) + *cost;
}

/// Reads an agent's output, line by line; each line that is a JSON object is an event of its run.
class Reader {
  public:
    virtual ~Reader() = default;
    virtual void read(const nlohmann::json& event) = 0;
    /// After the last one.
    virtual void end() {}
    AgentReport report;
};

/// Its result sums up what all models used; until it comes, the messages tell of the input at least. One
/// answer is printed once for each of its parts.
class ClaudeReader final : public Reader {
  public:
    void read(const nlohmann::json& event) override {
        if (is(event, "type", "assistant")) return read_message(at(event, {"message"}));
        if (!is(event, "type", "result")) return;
        report.finished = true;
        report.understood = true;
        const nlohmann::json& models = at(event, {"modelUsage"});
        Usage usage;
        if (models.is_object() && !models.empty()) {
            for (const auto& [name, model] : models.items()) {
                usage.input_tokens += count_at(model, {"inputTokens"}) +
                                      count_at(model, {"cacheReadInputTokens"}) +
                                      count_at(model, {"cacheCreationInputTokens"});
                usage.output_tokens += count_at(model, {"outputTokens"});
            }
        } else {
            add(usage, at(event, {"usage"}));
        }
        usage.cost = cost_at(event, {"total_cost_usd"});
        usage.requests = static_cast<std::int64_t>(answers_.size());
        report.usage = usage;
        // The subtype says "success" of a run that ended with an error of the endpoint's.
        if (at(event, {"is_error"}) != nlohmann::json(true)) return;
        report.failure = text_at(event, {"result"});
        if (report.failure.empty()) report.failure = text_at(event, {"subtype"});
    }

  private:
    std::set<std::string> answers_;

    static void add(Usage& usage, const nlohmann::json& figures) {
        usage.input_tokens += count_at(figures, {"input_tokens"}) +
                              count_at(figures, {"cache_read_input_tokens"}) +
                              count_at(figures, {"cache_creation_input_tokens"});
        usage.output_tokens += count_at(figures, {"output_tokens"});
    }

    void read_message(const nlohmann::json& message) {
        // What it made up itself to tell of an error has this model.
        if (is(message, "model", "<synthetic>") || !answers_.insert(text_at(message, {"id"})).second) return;
        report.understood = true;
        add(report.usage, at(message, {"usage"}));
        ++report.usage.requests;
    }
};

class CodexReader final : public Reader {
  public:
    void read(const nlohmann::json& event) override {
        if (is(event, "type", "turn.completed")) {
            report.finished = true;
            report.understood = true;
            report.usage.input_tokens += count_at(event, {"usage", "input_tokens"});
            report.usage.output_tokens += count_at(event, {"usage", "output_tokens"});
            report.failure.clear();
        } else if (is(event, "type", "turn.failed")) {
            report.finished = true;
            report.failure = text_at(event, {"error", "message"});
        } else if (is(event, "type", "error")) {
            report.failure = text_at(event, {"message"});  // of an attempt, unless it is the last word
        }
    }
};

/// It prints each part of an answer by itself, and says at the end what all of them used.
class GeminiReader final : public Reader {
  public:
    void read(const nlohmann::json& event) override {
        const bool answers =
            is(event, "type", "tool_use") || (is(event, "type", "message") && is(event, "role", "assistant"));
        if (answers && !answering_) ++report.usage.requests;
        answering_ = answers;
        if (is(event, "type", "error") && !is(event, "severity", "warning"))
            report.failure = text_at(event, {"message"});
        if (!is(event, "type", "result")) return;
        report.finished = true;
        const nlohmann::json& stats = at(event, {"stats"});
        report.understood = stats.is_object();
        report.usage.input_tokens = count_at(stats, {"input_tokens"});
        // What it calls output is without reasoning; the total is with it.
        report.usage.output_tokens =
            std::max(count_at(stats, {"output_tokens"}),
                     count_at(stats, {"total_tokens"}) - count_at(stats, {"input_tokens"}));
        if (is(event, "status", "success")) {
            report.failure.clear();
            return;
        }
        report.failure = text_at(event, {"error", "message"});
        if (report.failure.empty()) report.failure = "ended without success";
    }

  private:
    bool answering_ = false;
};

class OpencodeReader final : public Reader {
  public:
    void read(const nlohmann::json& event) override {
        if (is(event, "type", "error")) {
            report.failure = text_at(event, {"error", "data", "message"});
            if (report.failure.empty()) report.failure = text_at(event, {"error", "name"});
            return;
        }
        if (!is(event, "type", "step_finish")) return;
        const nlohmann::json& part = at(event, {"part"});
        report.understood = true;
        report.finished = is(part, "reason", "stop");
        Usage& usage = report.usage;
        ++usage.requests;
        usage.input_tokens += count_at(part, {"tokens", "input"}) +
                              count_at(part, {"tokens", "cache", "read"}) +
                              count_at(part, {"tokens", "cache", "write"});
        usage.output_tokens += count_at(part, {"tokens", "output"}) + count_at(part, {"tokens", "reasoning"});
        // A model whose price it does not know costs nothing, says it.
        const auto cost = cost_at(part, {"cost"});
        if (cost && *cost > 0) add_cost(usage, cost);
    }
};

class PiReader final : public Reader {
  public:
    void read(const nlohmann::json& event) override {
        if (is(event, "type", "agent_end")) report.finished = true;
        if (!is(event, "type", "message_end")) return;
        const nlohmann::json& message = at(event, {"message"});
        if (!is(message, "role", "assistant")) return;
        const std::string reason = text_at(message, {"stopReason"});
        const bool failed = reason == "error" || reason == "aborted";
        report.failure = failed ? text_at(message, {"errorMessage"}) : "";
        if (failed && report.failure.empty()) report.failure = reason;
        const nlohmann::json& figures = at(message, {"usage"});
        // What is no answer at all (a page of HTML) it takes for one without words.
        const nlohmann::json& content = at(message, {"content"});
        if (!failed && content.is_array() && content.empty() && count_at(figures, {"output"}) == 0)
            report.failure = "the model answered nothing";
        if (!report.failure.empty()) return;
        ++report.usage.requests;
        report.understood = report.understood || figures.is_object();
        Usage& usage = report.usage;
        usage.input_tokens += count_at(figures, {"input"}) + count_at(figures, {"cacheRead"}) +
                              count_at(figures, {"cacheWrite"});
        usage.output_tokens += count_at(figures, {"output"});
        const auto cost = cost_at(figures, {"cost", "total"});
        if (cost && *cost > 0) add_cost(usage, cost);
    }
};

/// An answer is printed once for each of its parts, and only the last of them has its figures.
class QwenReader final : public Reader {
  public:
    void read(const nlohmann::json& event) override {
        const nlohmann::json& figures =
            is(event, "type", "assistant") ? at(event, {"message", "usage"}) : at(event, {"usage"});
        const Usage usage{.input_tokens = count_at(figures, {"input_tokens"}),
                          .output_tokens = count_at(figures, {"output_tokens"})};
        if (is(event, "type", "assistant")) {
            if (usage.input_tokens == 0) return;
            report.understood = true;
            ++report.usage.requests;
            report.usage.input_tokens += usage.input_tokens;
            report.usage.output_tokens += usage.output_tokens;
        } else if (is(event, "type", "result")) {
            report.finished = true;
            report.understood = true;
            report.usage.input_tokens = usage.input_tokens;
            report.usage.output_tokens = usage.output_tokens;
            if (at(event, {"is_error"}) != nlohmann::json(true)) return;
            report.failure = text_at(event, {"error", "message"});
            if (report.failure.empty()) report.failure = text_at(event, {"subtype"});
        }
    }
};

std::unique_ptr<Reader> reader_for(AgentReporting reporting) {
    switch (reporting) {
        case AgentReporting::claude:
            return std::make_unique<ClaudeReader>();
        case AgentReporting::codex:
            return std::make_unique<CodexReader>();
        case AgentReporting::gemini:
            return std::make_unique<GeminiReader>();
        case AgentReporting::opencode:
            return std::make_unique<OpencodeReader>();
        case AgentReporting::pi:
            return std::make_unique<PiReader>();
        case AgentReporting::qwen:
            return std::make_unique<QwenReader>();
        case AgentReporting::nothing:
            break;
    }
    return nullptr;
}

/// What programs say on standard error before they can report anything: the last line of it.
std::string last_line(std::string_view errors) {
    while (!errors.empty() && (errors.back() == '\n' || errors.back() == ' '))
        errors.remove_suffix(1);
    const std::size_t feed = errors.rfind('\n');
    return std::string(feed == std::string_view::npos ? errors : errors.substr(feed + 1));
}

}  // namespace

AgentReport read_agent_report(AgentReporting reporting, std::string_view output, std::string_view errors) {
    const std::unique_ptr<Reader> reader = reader_for(reporting);
    if (!reader) return {};
    while (!output.empty()) {
        const std::string_view line = output.substr(0, output.find('\n'));
        output.remove_prefix(std::min(line.size() + 1, output.size()));
        if (line.empty() || line.front() != '{') continue;
        const nlohmann::json event = nlohmann::json::parse(line, nullptr, false);
        if (event.is_object()) reader->read(event);
    }
    reader->end();
    AgentReport report = std::move(reader->report);
    if (!report.finished && report.failure.empty()) report.failure = last_line(errors);
    return report;
}

}  // namespace ratchet
