#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_file.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/detection.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

/// A folder with these files, looked at.
class Detecting : public ::testing::Test {
  protected:
    void write(const std::string& path, const std::string& text = "") const {
        test::write_file(folder.path() / path, text);
    }
    /// The campaign that init would write: what was detected, as it is read back.
    [[nodiscard]] Campaign campaign() const {
        return read_campaign(campaign_text(detect(folder.path())), "ratchet.toml");
    }
    [[nodiscard]] std::string gate() const {
        const Campaign read = campaign();
        return read.gates.empty() ? "no gate" : read.gates.front().command;
    }

    test::TemporaryFolder folder;
};

TEST_F(Detecting, AnEmptyFolderMakesAFileThatSaysWhatToEdit) {
    const Campaign read = campaign();
    EXPECT_EQ(read.scope, std::vector<std::string>{"**"});
    EXPECT_EQ(read.benchmark.source, MetricSource::wall);
    EXPECT_TRUE(read.gates.empty());
    EXPECT_EQ(read.proposer.use, "command");
    EXPECT_EQ(read.budget.experiments, 50);
    const std::string text = campaign_text(detect(folder.path()));
    EXPECT_NE(text.find("set benchmark.command in ratchet.toml"), std::string::npos);
    EXPECT_NE(text.find("set proposer.command in ratchet.toml"), std::string::npos);
}

TEST_F(Detecting, CMakeIsBuiltInAFolderThatIsCachedAndTestedWithCtest) {
    write("CMakeLists.txt");
    write("Makefile", "check:\n");
    write("src/a.cpp");
    write("tests/a_test.cpp");
    const Campaign read = campaign();
    EXPECT_TRUE(read.build.command.starts_with("cmake -S . -B build"));
    EXPECT_EQ(read.build.cache, std::vector<std::string>{"build"});
    EXPECT_EQ(gate(), "ctest --test-dir build --output-on-failure");
    EXPECT_EQ(read.scope, std::vector<std::string>{"src/**"});
    EXPECT_EQ(read.protect, (std::vector<std::string>{"CMakeLists.txt", "tests/**"}));
}

TEST_F(Detecting, MakeTargetsAreFound) {
    write("Makefile", "all:\n\ncc\ntest: all\n\t./t\nbench:\n\t./b\n");
    const Campaign read = campaign();
    EXPECT_EQ(read.build.command, "make -j2");
    EXPECT_EQ(gate(), "make test");
    EXPECT_EQ(read.benchmark.command, "make -s bench");
    EXPECT_EQ(read.benchmark.metric, "wall");
    EXPECT_EQ(read.protect, std::vector<std::string>{"Makefile"});
}

TEST_F(Detecting, CargoIsFound) {
    write("Cargo.toml");
    write("src/lib.rs");
    EXPECT_EQ(campaign().build.command, "cargo build --release --offline");
    EXPECT_EQ(gate(), "cargo test --release --offline");
    EXPECT_EQ(campaign().build.cache, std::vector<std::string>{"target"});
}

TEST_F(Detecting, GoIsFound) {
    write("go.mod");
    EXPECT_EQ(gate(), "go test ./...");
    EXPECT_EQ(campaign().scope, std::vector<std::string>{"**/*.go"});
}

TEST_F(Detecting, NpmScriptsAreFoundAndDependenciesPrepared) {
    write("package.json", R"({"scripts": {"test": "jest", "build": "tsc", "bench": "node b.js"}})");
    write("package-lock.json", "{}");
    const Campaign read = campaign();
    EXPECT_EQ(read.build.command, "npm run build");
    EXPECT_EQ(gate(), "npm test");
    EXPECT_EQ(read.benchmark.command, "npm run bench");
    ASSERT_TRUE(read.prepare);
    EXPECT_EQ(read.prepare->command, "npm ci");
    EXPECT_EQ(read.prepare->outputs, std::vector<std::string>{"node_modules"});
}

TEST_F(Detecting, APackageFileThatIsNoJsonIsStillNpms) {
    write("package.json", "{\"scripts\": [");
    EXPECT_EQ(gate(), "no gate");
}

TEST_F(Detecting, PytestIsFoundByItsConfigurationOrItsTests) {
    write("pyproject.toml", "[tool.pytest.ini_options]\n");
    EXPECT_EQ(gate(), "python3 -m pytest -q");
    const test::TemporaryFolder other;
    test::write_file(other.path() / "tests/test_a.py", "");
    EXPECT_EQ(detect(other.path()).gates.at(0).command, "python3 -m pytest -q");
}

TEST_F(Detecting, AScriptThatPrintsMetricLinesIsTheBenchmark) {
    write("autoresearch.sh", "#!/usr/bin/env bash\nset -e\necho \"METRIC total_µs=$t\"\n");
    const Campaign read = campaign();
    EXPECT_EQ(read.benchmark.command, "bash ./autoresearch.sh");
    EXPECT_EQ(read.benchmark.metric, "total_µs");
    EXPECT_EQ(read.benchmark.source, MetricSource::metric_lines);
    EXPECT_EQ(read.protect, std::vector<std::string>{"autoresearch.sh"});
}

TEST_F(Detecting, AGoBenchmarkIsRunAloneAndReadByItsName) {
    write("go.mod");
    write("sort/sort_test.go",
          "package sort\n\nfunc BenchmarkAll(b *testing.B) {\n\tb.Run(\"a\", one)\n}\n\n"
          "func BenchmarkInts(b *testing.B) {\n\tfor i := 0; i < b.N; i++ {\n\t}\n}\n");
    const Campaign read = campaign();
    EXPECT_EQ(read.benchmark.command, "go test -run '^$' -bench '^BenchmarkInts$' -count 5 ./sort");
    EXPECT_EQ(read.benchmark.metric, "BenchmarkInts");
    EXPECT_EQ(read.benchmark.source, MetricSource::go_bench);
}

TEST_F(Detecting, ATestOfPytestBenchmarkIsTheBenchmark) {
    write(
        "tests/test_speed.py",
        "import pytest\n\n@pytest.mark.parametrize('n', [1, 2])\ndef test_many(benchmark, n):\n    pass\n\n\n"
        "def test_one(data, benchmark):\n    benchmark(sorted, data)\n");
    const Campaign read = campaign();
    EXPECT_EQ(read.benchmark.metric, "test_one");
    EXPECT_EQ(read.benchmark.source, MetricSource::pytest_benchmark);
    EXPECT_TRUE(read.benchmark.command.starts_with("python3 -m pytest -q tests/test_speed.py::test_one "));
    EXPECT_EQ(gate(), "python3 -m pytest -q");
}

TEST_F(Detecting, ABenchmarkOfCriterionIsTheBenchmark) {
    write("Cargo.toml");
    write("benches/speed.rs",
          "use criterion::Criterion;\nfn f(c: &mut Criterion) {\n"
          "    c.bench_function(\"sort 64\", |b| b.iter(|| 1));\n}\n");
    const Campaign read = campaign();
    EXPECT_EQ(read.benchmark.command, "cargo bench --offline --bench speed -- --output-format bencher");
    EXPECT_EQ(read.benchmark.metric, "sort 64");
    EXPECT_EQ(read.benchmark.source, MetricSource::criterion);
}

TEST_F(Detecting, ABenchmarkWhoseNameIsMadeWhenItRunsIsNotGuessed) {
    write("Cargo.toml");
    write("benches/speed.rs",
          "use criterion::Criterion;\nfn f(c: &mut Criterion) {\n"
          "    let mut g = c.benchmark_group(name);\n    g.bench_function(\"a\", one);\n}\n");
    EXPECT_EQ(campaign().benchmark.source, MetricSource::wall);
}

TEST_F(Detecting, AMeasureScriptInTheHiddenFolderIsTheBenchmark) {
    write(".auto/measure.sh", "#!/bin/sh\nprintf 'METRIC ops=%s\\n' 5\n");
    EXPECT_EQ(campaign().benchmark.command, "sh ./.auto/measure.sh");
    EXPECT_EQ(campaign().benchmark.metric, "ops");
    EXPECT_EQ(campaign().protect, std::vector<std::string>{".auto/**"});
}

TEST_F(Detecting, AScriptWhoseMetricsNameIsNotKnownIsNoBenchmark) {
    write("autoresearch.sh", "echo METRIC $name=5\n# prints METRIC lines\n");
    EXPECT_EQ(campaign().benchmark.metric, "wall");
}

TEST_F(Detecting, AnyFolderNameMakesACampaignName) {
    for (const char* name : {"a b", "..x", "-x", "\"; rm", "日本", "x.lock", "a\nb"}) {
        std::filesystem::create_directories(folder.path() / name);
        EXPECT_NO_THROW(read_campaign(campaign_text(detect(folder.path() / name)), "ratchet.toml")) << name;
    }
}

/// The verb itself, in a repository.
class Init : public ::testing::Test {
  protected:
    /// Returns the exit status; what was printed is in `out`.
    int init(bool json = false) {
        CommandLine line;
        line.surroundings.working_directory = repository.root();
        line.surroundings.out = &out;
        line.surroundings.err = &out;
        line.json = json;
        CLI::App app;
        add_init(app, line);
        app.parse(std::vector<std::string>{"init"});
        return line.chosen();
    }

    test::TemporaryRepository repository;
    std::ostringstream out;
};

TEST_F(Init, WritesAFileThatCanBeReadAndSaysWhatToEdit) {
    repository.write("Makefile", "check:\n\ttrue\n");
    repository.commit_all();
    EXPECT_EQ(init(), 0);
    EXPECT_EQ(read_campaign(repository.read("ratchet.toml"), "ratchet.toml").gates.at(0).command,
              "make check");
    const std::string root = repository.root().string();
    EXPECT_EQ(out.str(),
              "found\n"
              "  - Makefile: built with make\n"
              "wrote " +
                  root +
                  "/ratchet.toml\n"
                  "to be edited in it (look for EDIT)\n"
                  "  - campaign.goal: what shall become better, and what must stay as it is\n"
                  "  - benchmark: a command that prints `METRIC name=value`, or one whose time counts\n"
                  "  - campaign.scope and protect: what may change, and what never may\n"
                  "  - proposer: the agent's command line, or another proposer\n"
                  "then `ratchet check` says whether all is in place\n");
}

TEST_F(Init, NeverOverwritesAFileNorFollowsASymlink) {
    repository.write("ratchet.toml", "mine");
    repository.commit_all();
    EXPECT_THROW(init(), UserError);
    EXPECT_EQ(repository.read("ratchet.toml"), "mine");
    std::filesystem::remove(repository.root() / "ratchet.toml");
    repository.make_symlink("elsewhere", "ratchet.toml");
    EXPECT_THROW(init(), UserError);
    EXPECT_FALSE(std::filesystem::exists(repository.root() / "elsewhere"));
}

TEST_F(Init, SaysTheSameAsJson) {
    repository.write("go.mod", "module a\n");
    repository.commit_all();
    EXPECT_EQ(init(true), 0);
    const auto json = nlohmann::json::parse(out.str());
    EXPECT_EQ(json["campaign"], "project");
    EXPECT_EQ(json["file"], (repository.root() / "ratchet.toml").string());
    EXPECT_EQ(json["found"].size(), 1U);
    EXPECT_EQ(json["edit"].size(), 4U);
}

TEST_F(Init, ARepositoryWithoutACommitIsRefused) {
    EXPECT_THROW(init(), UserError);
    EXPECT_FALSE(std::filesystem::exists(repository.root() / "ratchet.toml"));
}

}  // namespace
}  // namespace ratchet
