#include "orchestrator/detection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "orchestrator/benchmark_detection.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

std::string campaign_name(const fs::path& folder) {
    std::string name;
    for (const char c : folder.filename().string()) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain || ((c == '-' || c == '_') && !name.empty())) name += c;
    }
    return name.empty() ? "campaign" : name.substr(0, 60);
}

/// One look at one folder; each function looks for one thing and writes down what it is taken for.
class Detective {
  public:
    explicit Detective(const fs::path& folder) : folder_(folder) {
        result_.name = campaign_name(fs::absolute(folder).lexically_normal());
    }

    Detection detect() {
        look_for_metric_script();
        look_for_benchmark_tools();
        // The first build system that is found wins: a Makefile beside a CMakeLists.txt mostly calls it.
        if (!look_for_cmake() && !look_for_cargo() && !look_for_go() && !look_for_npm()) look_for_make();
        look_for_pytest();
        finish_benchmark();
        finish_paths();
        finish_edits();
        return std::move(result_);
    }

  private:
    [[nodiscard]] bool has(const std::string& path) const {
        std::error_code error;
        return fs::exists(folder_ / path, error);
    }
    [[nodiscard]] bool has_folder(const std::string& path) const {
        std::error_code error;
        return fs::is_directory(folder_ / path, error);
    }
    void found(const std::string& line) { result_.found.push_back(line); }
    void gate(const std::string& name, const std::string& command) {
        result_.gates.push_back({name, command});
    }

    /// A script that prints METRIC lines is a benchmark that is ready.
    void look_for_metric_script() {
        for (const char* script : {"autoresearch.sh", ".auto/measure.sh"}) {
            const std::string text = first_of_file(folder_ / script);
            const std::size_t at = text.find("METRIC ");
            if (at == std::string::npos) continue;
            std::size_t begin = at + std::string_view("METRIC ").size();
            const std::size_t end = text.find_first_of("= \t\r\n\"'", begin);
            if (end == std::string::npos || end == begin || text[end] != '=') continue;
            const std::string metric = text.substr(begin, end - begin);
            // A name that the script itself puts together is not known before it runs.
            if (metric.find_first_of("$%{}\\") != std::string::npos) continue;
            const bool bash = text.substr(0, text.find('\n')).find("bash") != std::string::npos;
            result_.benchmark.command = fmt::format("{} ./{}", bash ? "bash" : "sh", script);
            result_.benchmark.metric = metric;
            result_.benchmark_is_a_guess = false;
            result_.protect.emplace_back(script);
            if (std::string_view(script).starts_with(".auto/")) result_.protect.back() = ".auto/**";
            found(fmt::format("{}: prints METRIC {}, taken for the benchmark", script, metric));
            return;
        }
    }

    void look_for_benchmark_tools() {
        if (!result_.benchmark_is_a_guess) return;
        const std::optional<FoundBenchmark> benchmark = find_benchmark(folder_);
        if (!benchmark) return;
        result_.benchmark.command = benchmark->command;
        result_.benchmark.metric = benchmark->metric;
        result_.benchmark.source = benchmark->source;
        result_.benchmark_is_a_guess = false;
        result_.protect.push_back(benchmark->file);
        found(fmt::format("{}: {} of {}, taken for the benchmark", benchmark->file, benchmark->metric,
                          benchmark->tool));
    }

    bool look_for_cmake() {
        if (!has("CMakeLists.txt")) return false;
        found("CMakeLists.txt: built with CMake, tested with ctest");
        result_.build.command =
            "cmake -S . -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build --parallel 2";
        result_.build.cache = {"build"};
        gate("unit tests", "ctest --test-dir build --output-on-failure");
        result_.protect.emplace_back("CMakeLists.txt");
        return true;
    }

    bool look_for_cargo() {
        if (!has("Cargo.toml")) return false;
        found("Cargo.toml: built and tested with Cargo");
        result_.build.command = "cargo build --release --offline";
        result_.build.cache = {"target"};
        gate("unit tests", "cargo test --release --offline");
        result_.protect.insert(result_.protect.end(), {"Cargo.toml", "Cargo.lock"});
        result_.hints.emplace_back(
            "Cargo and its downloads are outside of the tree: read = [\"/home/you/.cargo\", "
            "\"/home/you/.rustup\"] and env = [\"CARGO_HOME=/home/you/.cargo\", \"PATH\"]");
        return true;
    }

    bool look_for_go() {
        if (!has("go.mod")) return false;
        found("go.mod: built and tested with Go");
        result_.build.command = "go build ./...";
        gate("unit tests", "go test ./...");
        result_.protect.insert(result_.protect.end(), {"go.mod", "go.sum", "**/*_test.go"});
        result_.scope = {"**/*.go"};
        result_.hints.emplace_back(
            "Go's modules and build cache are outside of the tree: read = [\"/home/you/go\"] and "
            "env = [\"GOPATH=/home/you/go\", \"GOCACHE=/tmp/go-build\", \"GOFLAGS=-mod=mod\"]");
        return true;
    }

    bool look_for_npm() {
        if (!has("package.json")) return false;
        const auto json = nlohmann::json::parse(first_of_file(folder_ / "package.json"), nullptr, false);
        const auto script = [&](const char* name) {
            return json.is_object() && json.contains("scripts") && json["scripts"].is_object() &&
                   json["scripts"].contains(name);
        };
        found("package.json: run with npm");
        if (script("build")) result_.build.command = "npm run build";
        if (script("test")) gate("unit tests", "npm test");
        for (const char* name : {"bench", "benchmark"}) {
            if (script(name)) suggest_benchmark(fmt::format("npm run {}", name));
        }
        result_.protect.emplace_back("package.json");
        if (has("package-lock.json")) {
            result_.protect.emplace_back("package-lock.json");
            result_.prepare = Prepare{"npm ci", {"package.json", "package-lock.json"}, {"node_modules"}};
            found("package-lock.json: dependencies are installed with npm ci before the first build");
        }
        return true;
    }

    bool look_for_make() {
        for (const char* name : {"GNUmakefile", "makefile", "Makefile"}) {
            if (!has(name)) continue;
            const std::string text = "\n" + first_of_file(folder_ / name);
            const auto target = [&](const std::string& wanted) {
                return text.find("\n" + wanted + ":") != std::string::npos;
            };
            found(fmt::format("{}: built with make", name));
            result_.build.command = "make -j2";
            for (const char* tests : {"check", "test", "tests"}) {
                if (!target(tests)) continue;
                gate("unit tests", fmt::format("make {}", tests));
                break;
            }
            for (const char* bench : {"bench", "benchmark"}) {
                if (target(bench)) suggest_benchmark(fmt::format("make -s {}", bench));
            }
            result_.protect.emplace_back(name);
            return true;
        }
        return false;
    }

    void look_for_pytest() {
        const bool configured =
            has("pytest.ini") || has("conftest.py") || has("tests/conftest.py") ||
            first_of_file(folder_ / "pyproject.toml").find("[tool.pytest") != std::string::npos ||
            first_of_file(folder_ / "setup.cfg").find("[tool:pytest]") != std::string::npos ||
            first_of_file(folder_ / "tox.ini").find("[pytest]") != std::string::npos;
        if (!configured && !has_python_tests()) return;
        found("Python tests: run with pytest");
        gate("pytest", "python3 -m pytest -q");
        result_.hints.emplace_back(
            "A virtual environment is outside of the tree: read = [\"/home/you/venv\"] and "
            "env = [\"PATH=/home/you/venv/bin:/usr/bin:/bin\"]");
    }

    [[nodiscard]] bool has_python_tests() const {
        std::error_code error;
        for (const char* tests : {"tests", "test"}) {
            for (fs::directory_iterator entry(folder_ / tests, error), end; !error && entry != end;
                 entry.increment(error)) {
                const std::string name = entry->path().filename().string();
                if (name.starts_with("test_") && name.ends_with(".py")) return true;
            }
            error.clear();
        }
        return false;
    }

    /// A command that says "benchmark", of which nobody knows what it prints: its time is the metric.
    void suggest_benchmark(const std::string& command) {
        if (!result_.benchmark.command.empty()) return;
        result_.benchmark.command = command;
        found(fmt::format("{}: taken for the benchmark, by its wall time", command));
    }

    void finish_benchmark() {
        if (!result_.benchmark_is_a_guess) return;
        result_.benchmark.source = MetricSource::wall;
        result_.benchmark.metric = "wall";
        if (!result_.benchmark.command.empty()) return;
        result_.benchmark.command = result_.gates.empty()
                                        ? "echo 'set benchmark.command in ratchet.toml' >&2; exit 1"
                                        : result_.gates.front().command;
    }

    void finish_paths() {
        if (result_.scope.empty()) {
            for (const char* source : {"src", "lib", "source", "include", "app", "pkg"}) {
                if (has_folder(source)) result_.scope.push_back(std::string(source) + "/**");
            }
        }
        if (result_.scope.empty()) result_.scope = {"**"};
        for (const char* harness :
             {"tests", "test", "bench", "benches", "benchmark", "benchmarks", "spec", ".github"}) {
            if (has_folder(harness)) result_.protect.push_back(std::string(harness) + "/**");
        }
    }

    void finish_edits() {
        if (result_.found.empty()) found("nothing that is known here: every command is yours to fill in");
        std::vector<std::string>& edits = result_.to_edit;
        edits.emplace_back("campaign.goal: what shall become better, and what must stay as it is");
        if (result_.benchmark_is_a_guess) {
            edits.emplace_back(
                "benchmark: a command that prints `METRIC name=value`, or one whose time counts");
        } else if (result_.benchmark.source != MetricSource::metric_lines) {
            edits.emplace_back(
                "benchmark.command and metric: the first benchmark that was found stands there");
        } else {
            edits.emplace_back("benchmark.direction: whether lower or higher is better");
        }
        if (result_.gates.empty()) edits.emplace_back("gate: a command that fails when the code is wrong");
        edits.emplace_back("campaign.scope and protect: what may change, and what never may");
        edits.emplace_back("proposer: the agent's command line, or another proposer");
    }

    fs::path folder_;
    Detection result_;
};

}  // namespace

Detection detect(const fs::path& folder) {
    return Detective(folder).detect();
}

}  // namespace ratchet
