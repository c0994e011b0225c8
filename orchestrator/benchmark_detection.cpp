#include "orchestrator/benchmark_detection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <vector>

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// Relative paths of the files below the folder, in order, without what is hidden or somebody else's.
std::vector<fs::path> files_of(const fs::path& folder) {
    static const std::set<std::string> foreign = {"vendor", "node_modules", "target",
                                                  "build",  "venv",         "testdata"};
    constexpr int most_entries = 2000;
    std::vector<fs::path> files;
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
    for (int count = 0; !error && entry != fs::recursive_directory_iterator() && count < most_entries;
         ++count) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with('.') || foreign.contains(name)) {
            entry.disable_recursion_pending();
        } else if (entry->is_regular_file(error)) {
            files.push_back(entry->path().lexically_relative(folder));
        }
        entry.increment(error);
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// A path that a shell takes as it is.
bool is_plain(const std::string& path) {
    return std::all_of(path.begin(), path.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '/' || c == '.' || c == '_' || c == '-';
    });
}

/// The lines that match the expression, each with its first group and what follows the match.
struct Match {
    std::string group;
    std::string before;  ///< the line before it
    std::string rest;
};
std::vector<Match> lines_matching(const std::string& text, const std::regex& expression) {
    std::vector<Match> matches;
    std::string before;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        std::string line = text.substr(start, std::min<std::size_t>(end - start, 500));
        std::smatch match;
        if (std::regex_search(line, match, expression))
            matches.push_back({match[1].str(), before, text.substr(end)});
        if (!line.empty()) before = std::move(line);
        start = end + 1;
    }
    return matches;
}

std::optional<FoundBenchmark> go_benchmark(const fs::path& folder, const fs::path& file) {
    static const std::regex function(R"(^func (Benchmark[A-Z0-9]\w*)\(\w+ \*testing\.B\))");
    for (const Match& match : lines_matching(first_of_file(folder / file), function)) {
        // One that runs others below it has no result of its own.
        const std::string body = match.rest.substr(0, match.rest.find("\nfunc "));
        if (body.find(".Run(") != std::string::npos) continue;
        const std::string package = file.has_parent_path() ? "./" + file.parent_path().string() : ".";
        return FoundBenchmark{
            file.string(), "go test -bench",
            fmt::format("go test -run '^$' -bench '^{}$' -count 5 {}", match.group, package), match.group,
            MetricSource::go_bench};
    }
    return {};
}

std::optional<FoundBenchmark> pytest_benchmark(const fs::path& folder, const fs::path& file) {
    static const std::regex function(R"(^def (test_\w+)\((?:[^)]*[ ,])?benchmark\b)");
    for (const Match& match : lines_matching(first_of_file(folder / file), function)) {
        // What is decorated may have a name for each of its parameters.
        if (match.before.starts_with('@')) continue;
        const std::string command = fmt::format(
            "python3 -m pytest -q {}::{} --benchmark-only --benchmark-min-time=0.001 "
            "--benchmark-json=/tmp/benchmark.json >&2 && cat /tmp/benchmark.json",
            file.string(), match.group);
        return FoundBenchmark{file.string(), "pytest-benchmark", command, match.group,
                              MetricSource::pytest_benchmark};
    }
    return {};
}

std::optional<FoundBenchmark> criterion_benchmark(const fs::path& folder, const fs::path& file) {
    static const std::regex function(R"lit(\.bench_function\("([^"\\]+)")lit");
    const std::string text = first_of_file(folder / file);
    if (text.find("criterion") == std::string::npos) return {};
    // In a group the name has the group's before it, which need not stand there as a text.
    if (text.find("benchmark_group(") != std::string::npos) return {};
    const std::vector<Match> matches = lines_matching(text, function);
    if (matches.empty()) return {};
    return FoundBenchmark{
        file.string(), "criterion",
        fmt::format("cargo bench --offline --bench {} -- --output-format bencher", file.stem().string()),
        matches.front().group, MetricSource::criterion};
}

}  // namespace

std::optional<FoundBenchmark> find_benchmark(const fs::path& folder) {
    std::error_code error;
    const bool is_go = fs::exists(folder / "go.mod", error);
    const bool is_cargo = fs::exists(folder / "Cargo.toml", error);
    for (const fs::path& file : files_of(folder)) {
        const std::string name = file.filename().string();
        if (!is_plain(file.string())) continue;
        std::optional<FoundBenchmark> found;
        if (is_go && name.ends_with("_test.go")) found = go_benchmark(folder, file);
        if (name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py")))
            found = pytest_benchmark(folder, file);
        if (is_cargo && file.parent_path() == "benches" && name.ends_with(".rs"))
            found = criterion_benchmark(folder, file);
        if (found) return found;
    }
    return {};
}

std::string first_of_file(const fs::path& file) {
    constexpr std::size_t most_bytes = std::size_t{1} << 20;
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return {};
    std::ifstream stream(file, std::ios::binary);
    std::string text(most_bytes, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

}  // namespace ratchet
