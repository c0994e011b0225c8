#include "tests/end_to_end/toy_campaign.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/program.hpp"

namespace ratchet::test {

namespace fs = std::filesystem;

namespace {

// The build fails where build.txt says so, the gate where gate.txt does, the benchmark where bench.txt does.
constexpr const char* campaign_file = R"(
[campaign]
name = "toy"
goal = "Make the cost lower."
scope = ["src/**"]
protect = ["guarded/**", "proposals/**"]

[build]
command = "test \"$(cat src/build.txt)\" = ok"

[[gate]]
name = "check"
command = "test \"$(cat src/gate.txt)\" = ok"

[benchmark]
command = "sh src/bench.sh"
metric = "cost"
direction = "lower"
min_effect = "1%"
timeout = "5s"

[proposer]
use = "replay"
patches = "proposals"

[budget]
experiments = 100
)";

constexpr const char* benchmark = "echo \"METRIC cost=$(head -n 1 src/cost.txt)\"\n";

std::string replace_line(const std::string& folder, const std::string& file, const std::string& from,
                         const std::string& to) {
    const std::string path = folder.empty() ? file : folder + "/" + file;
    return fmt::format("diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n@@ -1 +1 @@\n-{1}\n+{2}\n", path, from,
                       to);
}

}  // namespace

ToyCampaign::ToyCampaign(std::string folder) : folder_(std::move(folder)) {
    std::string name = (fs::temp_directory_path() / "ratchet-toy-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    shell(root_, "git init -q -b main .");
    const fs::path below = folder_;
    write((below / "ratchet.toml").string(), campaign_file);
    write((below / "src/cost.txt").string(), "1000\n");
    write((below / "src/build.txt").string(), "ok\n");
    write((below / "src/gate.txt").string(), "ok\n");
    write((below / "src/bench.sh").string(), benchmark);
    write((below / "guarded/rules.txt").string(), "fair\n");
    write((below / "outside.txt").string(), "outside\n");
    write(".gitignore", "proposals/\n");
    commit("A cost to be lowered");
}

ToyCampaign::~ToyCampaign() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

fs::path ToyCampaign::state() const {
    return root_ / ".git/ratchet/toy";
}
fs::path ToyCampaign::ledger() const {
    return state() / "ledger.sqlite";
}

void ToyCampaign::write(const std::string& path, const std::string& content) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << content;
}

std::string ToyCampaign::read(const std::string& path) const {
    std::ifstream stream(root_ / path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

void ToyCampaign::commit(const std::string& message) const {
    shell(root_, "git add -A && git commit -qm '" + message + "'");
}

void ToyCampaign::configure(const std::string& from, const std::string& to) const {
    const std::string path = (fs::path(folder_) / "ratchet.toml").string();
    std::string text = read(path);
    const auto place = text.find(from);
    ASSERT_NE(place, std::string::npos) << from;
    write(path, text.replace(place, from.size(), to));
}

std::string ToyCampaign::cost_patch(int from, int to) const {
    return replace_line(folder_, "src/cost.txt", std::to_string(from), std::to_string(to));
}

void ToyCampaign::propose(const std::vector<ToyPatch>& patches) const {
    fs::create_directories(folder() / "proposals");
    int number = 0;
    for (const ToyPatch& patch : patches) {
        write((fs::path(folder_) / fmt::format("proposals/{:03}-{}.patch", ++number, patch.name)).string(),
              fmt::format("Hypothesis: {}\nExpected-verdict: {}\n\n{}", patch.name, patch.expected,
                          patch.diff));
    }
}

std::vector<ToyPatch> ToyCampaign::twelve() const {
    return {
        {"better", cost_patch(1000, 900), "kept"},
        {"worse", cost_patch(900, 950), "regressed"},
        {"hardly better", cost_patch(900, 899), "no-gain"},
        {"breaks the build", replace_line(folder_, "src/build.txt", "ok", "broken"), "build-failed"},
        {"breaks the gate", replace_line(folder_, "src/gate.txt", "ok", "broken"), "gate-failed"},
        {"prints nothing",
         replace_line(folder_, "src/bench.sh", std::string(benchmark, strlen(benchmark) - 1), "true"),
         "benchmark-failed"},
        {"the rules", replace_line(folder_, "guarded/rules.txt", "fair", "unfair"), "rejected/protected"},
        {"elsewhere", replace_line(folder_, "outside.txt", "outside", "inside"), "rejected/out-of-scope"},
        {"nothing", "", "rejected/empty"},
        {"worse again", cost_patch(900, 950), "rejected/duplicate"},
        {"of old", cost_patch(1000, 800), "rejected/conflict"},
        {"better still", cost_patch(900, 500), "kept"},
    };
}

std::string word_of(const Experiment& experiment) {
    if (!experiment.decision) return "unfinished";
    std::string word(name_of(experiment.decision->verdict));
    if (experiment.decision->rejection) word += "/" + std::string(name_of(*experiment.decision->rejection));
    return word;
}

std::vector<std::string> expected_words(const std::vector<ToyPatch>& patches) {
    std::vector<std::string> words;
    for (const ToyPatch& patch : patches)
        words.push_back(patch.expected);
    return words;
}

std::vector<std::string> words_of(const fs::path& file) {
    const StillClock clock;
    const Ledger ledger(file, clock, Ledger::Mode::read_only);
    std::vector<std::string> words;
    for (std::int64_t number = 1; number <= ledger.experiment_count(); ++number) {
        const auto experiment = ledger.experiment(ExperimentId{number});
        words.push_back(experiment ? word_of(*experiment) : "missing");
    }
    return words;
}

}  // namespace ratchet::test
