#include "tests/fuzz/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"
#include "experiment_store/errors.hpp"
#include "experiment_store/exchange/facts.hpp"
#include "experiment_store/exchange/foreign.hpp"
#include "experiment_store/functions/line_scopes.hpp"
#include "experiment_store/functions/touched_functions.hpp"
#include "experiment_store/likeness.hpp"
#include "orchestrator/mcp/server.hpp"
#include "orchestrator/proposers/agent_report.hpp"
#include "orchestrator/proposers/notes_file.hpp"
#include "tests/fuzz/patch_target.hpp"

namespace ratchet::fuzz {
namespace {

void require(bool holds, const std::string& what) {
    if (!holds) throw BrokenProperty{what};
}

/// What every metric reader promises.
void require_sound(const MetricReading& reading) {
    require(reading.usable() || reading.metrics.empty(), "an error and metrics");
    require(is_plain_text(reading.error), "an error that cannot be shown");
    require(reading.error.size() < 1000, "an error without an end");
    require(reading.metrics.size() <= 4 * most_metrics, "metrics without an end");
    for (const auto& [name, metric] : reading.metrics) {
        require(!name.empty() && is_plain_text(name), "a name that cannot be shown");
        require(std::isfinite(metric.value), "a value that is not finite: " + name);
    }
}

template <MetricReading (*read)(const std::string&)>
void read_metrics(const std::string& text) {
    require_sound(read(text));
}

/// The first line is the pointer, the rest what a benchmark printed.
void read_json_at(const std::string& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    require_sound(read_json(text.substr(std::min(end + 1, text.size())), "x", text.substr(0, end)));
}

/// Expressions as campaigns have them, on whatever a benchmark prints.
void read_by_regex(const std::string& text) {
    for (const char* pattern : {"took ([0-9.]+) ms", "^total: *(.*)$", R"((-?[\d.]+(?:e[+-]?\d+)?) ops/s)"}) {
        require_sound(read_regex(text, "x", pattern));
    }
}

void read_notes_text(const std::string& text) {
    const Notes notes = read_notes(text);
    require(notes.next_ideas.size() <= 20, "ideas without an end");
    std::vector<std::string> texts = notes.next_ideas;
    texts.insert(texts.end(), {notes.hypothesis, notes.expected_effect, notes.risk, notes.learned});
    for (const std::string& note : texts) {
        require(note.size() <= 4100, "a note without an end");
        require(note.find('\0') == std::string::npos, "NUL in a note");
    }
}

/// What one agent printed, offered to the readers of all of them.
void read_agent_output(const std::string& text) {
    for (const AgentReporting reporting :
         {AgentReporting::nothing, AgentReporting::claude, AgentReporting::codex, AgentReporting::gemini,
          AgentReporting::opencode, AgentReporting::pi, AgentReporting::qwen}) {
        const Usage usage = read_agent_report(reporting, text, text).usage;
        require(usage.requests >= 0 && usage.input_tokens >= 0 && usage.output_tokens >= 0,
                "a negative count");
        require(!usage.cost || (std::isfinite(*usage.cost) && *usage.cost >= 0), "a cost that is none");
    }
}

template <ForeignRecords (*read)(std::istream&)>
void read_foreign(const std::string& text) {
    std::istringstream in(text);
    std::int64_t line = 0;
    for (const ImportedExperiment& experiment : read(in).experiments) {
        require(experiment.line > line, "lines out of order");
        line = experiment.line;
        require(!experiment.value || std::isfinite(*experiment.value), "a metric that is not finite");
        require(nlohmann::json::accept(experiment.extra), "further fields that are not JSON");
        require(experiment.value || experiment.status == ImportedStatus::crash, "no metric");
    }
}

/// A row of an archive's ledger, offered to some tables.
void read_ledger_row(const std::string& text) {
    static FactsWriter writer(":memory:");
    for (const char* table : {"experiment", "note", "proposal"}) {
        try {
            writer.add(table, text, "here");
        } catch (const UserError& error) {
            require(std::string_view(error.what()).starts_with("the archive's ledger is damaged: here: "),
                    "an error without its place");
        }
    }
}

void apply_patch_text(const std::string& text) {
    const std::string problem = problem_with_patch(text);
    require(problem.empty(), problem);
}

/// What an agent's diff is compared by.
void read_diff_tokens(const std::string& text) {
    const ReadDiff diff = read_diff(text);
    for (const FileChange& file : diff.files) {
        require(!file.added.empty() || !file.removed.empty(), "a file without a change");
        for (const auto* side : {&file.removed, &file.added}) {
            for (const DiffStatement& statement : *side) {
                require(!statement.empty(), "an empty statement");
                for (const DiffToken& token : statement)
                    require(token.text.data() >= text.data() &&
                                token.text.data() + token.text.size() <= text.data() + text.size(),
                            "a token that is not in the diff");
            }
        }
    }
    require((diff.tokens == 0) == diff.files.empty(), "tokens and no change");
    if (diff.tokens > 0)
        require(likeness(diff, diff) == Likeness::reformatted, "a diff that is unlike itself");
}

/// A source, as if it were one of each language.
void read_source(const std::string& text) {
    for (const Language language : {Language::c, Language::python, Language::rust, Language::go,
                                    Language::javascript, Language::ruby, Language::java}) {
        const std::string code = code_only(language, text);
        require(code.size() == text.size(), "code that is not in its place");
        for (std::size_t i = 0; i < text.size(); ++i)
            require((code[i] == '\n') == (text[i] == '\n'), "a line that is not in its place");
        const LineScopes scopes(language, text);
        const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
        for (std::size_t line = 1; line <= lines; ++line)
            require(scopes.at(line).size() <= longest_function_name, "a name without an end");
        require(scopes.at(0).empty() && scopes.at(lines + 1).empty(), "a function outside of the text");
    }
}

/// What the headers and lines of an agent's diff say of functions.
void read_touched_functions(const std::string& text) {
    const std::vector<TouchedFunction> touched = touched_functions(text);
    require(touched.size() <= most_functions_touched, "functions without an end");
    for (auto each = touched.begin(); each != touched.end(); ++each) {
        require(!each->path.empty() && !each->function.empty(), "a function without a name or a file");
        require(each->function.size() <= longest_function_name, "a name without an end");
        require(std::find(each + 1, touched.end(), *each) == touched.end(), "a function twice");
    }
}

/// Answers whatever it is asked.
class EchoTool final : public McpTools {
  public:
    [[nodiscard]] std::vector<McpTool> list() const override {
        return {{"echo", "Echo", "Says it again.", R"({"type": "object"})", R"({"type": "object"})"}};
    }
    [[nodiscard]] ToolAnswer call(const std::string&, const std::string& arguments) const override {
        return {ToolAnswer::Kind::done, arguments, arguments};
    }
};

/// A whole conversation, line by line: each answer is one line of JSON-RPC.
void read_mcp_messages(const std::string& text) {
    const EchoTool tool;
    McpServer server(tool, "0");
    std::istringstream in(text);
    std::ostringstream out;
    serve(server, in, out);
    std::istringstream answers(out.str());
    for (std::string line; std::getline(answers, line);) {
        const nlohmann::json answer = nlohmann::json::parse(line, nullptr, false);
        require(answer.is_object() || answer.is_array(), "an answer that is no message");
        for (const nlohmann::json& each : answer.is_array() ? answer : nlohmann::json::array({answer})) {
            require(each.value("jsonrpc", "") == "2.0" && each.contains("id"), "an answer without its frame");
            require(each.contains("result") != each.contains("error"), "neither a result nor an error");
        }
    }
}

constexpr std::array<Target, 20> all = {{
    {"metric_lines", "fuzz/corpus/metric_lines", read_metrics<read_metric_lines>},
    {"google_benchmark", "data/metrics/google_benchmark", read_metrics<read_google_benchmark>},
    {"hyperfine", "data/metrics/hyperfine", read_metrics<read_hyperfine>},
    {"pytest_benchmark", "data/metrics/pytest_benchmark", read_metrics<read_pytest_benchmark>},
    {"go_bench", "data/metrics/go_bench", read_metrics<read_go_bench>},
    {"criterion", "data/metrics/criterion", read_metrics<read_criterion>},
    {"jmh", "data/metrics/jmh", read_metrics<read_jmh>},
    {"catch2", "data/metrics/catch2", read_metrics<read_catch2>},
    {"json", "fuzz/corpus/json", read_json_at},
    {"regex", "fuzz/corpus/regex", read_by_regex},
    {"notes", "fuzz/corpus/notes", read_notes_text},
    {"patch", "fuzz/corpus/patch", apply_patch_text},
    {"diff_tokens", "fuzz/corpus/patch", read_diff_tokens},
    {"source", "fuzz/corpus/source", read_source},
    {"touched_functions", "fuzz/corpus/touched_functions", read_touched_functions},
    {"run_log", "data/exchange/run_log", read_foreign<read_run_log>},
    {"results_table", "data/exchange/results_table", read_foreign<read_results_table>},
    {"ledger_row", "fuzz/corpus/ledger_row", read_ledger_row},
    {"mcp", "fuzz/corpus/mcp", read_mcp_messages},
    {"agent_report", "data/agents", read_agent_output},
}};

}  // namespace

std::span<const Target> targets() {
    return all;
}

const Target* target_named(std::string_view name) {
    for (const Target& target : all) {
        if (name == target.name) return &target;
    }
    return nullptr;
}

}  // namespace ratchet::fuzz
