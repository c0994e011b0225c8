// Does memory help a proposer? Compares what the prompt tells of earlier experiments; see docs/memory.md.
//
//   amnesia [NIGHTS [EXPERIMENTS]]     the trial with the model of a proposer; 200 nights of 1000 if not said
//   amnesia --proposer COMMAND [--example NAME] [--experiments N] [--arm NAME]... [--toml FILE] [--ideas
//   FILE]
//                                      real campaigns on an example (text_processor), N experiments (30) in
//                                      each arm, with the prompt of that arm. FILE is added to the campaign
//                                      file: what the command needs of the sandbox. A list of all ideas goes
//                                      to --ideas, for a person to say which are the same.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "experiment_store/recall.hpp"
#include "orchestrator/memory_trial/memory_trial.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/total_gain.hpp"
#include "orchestrator/views/memory_trial_view.hpp"
#include "tests/performance/real_campaign.hpp"

namespace {

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::performance;

struct Arguments {
    std::string proposer;
    std::string example = "text_processor";
    std::string toml;   ///< the text of the file
    std::string ideas;  ///< a file
    int experiments = 30;
    std::vector<std::string> arms;
};

std::string text_in(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error("there is no file " + file.string());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

int number_in(const std::string& text) {
    int number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < 1) {
        throw std::runtime_error(fmt::format("\"{}\" is no number of nights or experiments", text));
    }
    return number;
}

Arguments arguments_of(const std::vector<std::string>& words) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); i += 2) {
        if (i + 1 == words.size()) throw std::runtime_error(words[i] + " needs a value");
        const std::string& value = words[i + 1];
        if (words[i] == "--proposer") {
            arguments.proposer = value;
        } else if (words[i] == "--example") {
            arguments.example = value;
        } else if (words[i] == "--toml") {
            arguments.toml = text_in(value);
        } else if (words[i] == "--ideas") {
            arguments.ideas = value;
        } else if (words[i] == "--experiments") {
            arguments.experiments = number_in(value);
        } else if (words[i] == "--arm") {
            arguments.arms.push_back(value);
        } else {
            throw std::runtime_error("there is no option " + words[i]);
        }
    }
    if (arguments.proposer.empty()) throw std::runtime_error("--proposer needs a command");
    return arguments;
}

/// A text of TOML that nothing in it can end.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') out += '\\';
        out += letter;
    }
    return out + '"';
}

/// The example's campaign file with another proposer and budget; both stand at its end.
std::string campaign_file(const std::string& example, const Arguments& arguments, const MemoryArm& arm) {
    std::string text = example.substr(0, example.find("\n[proposer]"));
    const std::string head = "[campaign]\n";
    const std::size_t after = text.find(head) + head.size();
    text.insert(after, fmt::format("duplicates = \"{}\"\n", arm.duplicates_checked ? "reject" : "allow"));
    return text + fmt::format(
                      "\n[proposer]\nuse = \"command\"\ncommand = {}\nmemory = \"{}\"\n\n"
                      "[budget]\nexperiments = {}\n\n{}",
                      quoted(arguments.proposer), name_of(arm.memory), arguments.experiments, arguments.toml);
}

RealCampaign::Files files_of(const Arguments& arguments, const MemoryArm& arm) {
    const fs::path folder = fs::path(RATCHET_SOURCE) / "examples" / arguments.example;
    if (!fs::is_directory(folder)) throw std::runtime_error("there is no example " + arguments.example);
    RealCampaign::Files files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().lexically_relative(folder).string();
        if (!entry.is_regular_file() || name.starts_with("proposals/")) continue;
        const std::string text = text_in(entry.path());
        files.emplace_back(name, name == "ratchet.toml" ? campaign_file(text, arguments, arm) : text);
    }
    return files;
}

struct NoClock final : Clock {
    [[nodiscard]] Timestamp now() const override { return {}; }
};

/// What a campaign with a real proposer came to. Which ideas are the same nobody knows; the same patch, or
/// nearly, is what can be counted.
struct RealFigures {
    std::size_t experiments = 0;
    int same_patch = 0;
    int nearly_same_patch = 0;
    int kept = 0;
    double total_gain = 0;  ///< verified at the campaign's end
    double benchmark_seconds = 0;
    double prompt_bytes = 0;  ///< a prompt, on average
};

RealFigures figures_of(const std::vector<Experiment>& experiments, const Ledger& ledger) {
    constexpr int nearly_the_same_bits = 3;  // as the digest takes it
    RealFigures figures;
    figures.experiments = experiments.size();
    std::vector<std::string> patches;
    std::vector<std::uint64_t> fingerprints;
    for (const Experiment& experiment : experiments) {
        figures.prompt_bytes += static_cast<double>(ledger.prompt(experiment.brief.id).size()) /
                                static_cast<double>(experiments.size());
        for (const Pair& pair : experiment.pairs) {
            figures.benchmark_seconds +=
                pair.champion.figures.wall_seconds + pair.candidate.figures.wall_seconds;
        }
        figures.kept += experiment.decision && experiment.decision->verdict == Verdict::kept ? 1 : 0;
        if (!experiment.proposal || experiment.proposal->diff.empty()) continue;
        const std::string& patch = experiment.proposal->patch_id;
        const std::uint64_t fingerprint = fingerprint_of(experiment.proposal->diff);
        const bool same = std::find(patches.begin(), patches.end(), patch) != patches.end();
        const bool near = std::any_of(fingerprints.begin(), fingerprints.end(), [&](std::uint64_t other) {
            return other != 0 && distance(fingerprint, other) <= nearly_the_same_bits;
        });
        figures.same_patch += same ? 1 : 0;
        figures.nearly_same_patch += near && !same ? 1 : 0;
        patches.push_back(patch);
        fingerprints.push_back(fingerprint);
    }
    if (const auto total = total_gain(ledger)) figures.total_gain = total->effect.estimate;
    return figures;
}

void list_ideas(const std::string& file, const MemoryArm& arm, const Ledger& ledger) {
    if (file.empty()) return;
    std::ofstream out(file, std::ios::app);
    SummaryQuery all;
    all.newest_first = false;
    all.limit = static_cast<int>(ledger.experiment_count());
    for (const Summary& experiment : ledger.summaries(all)) {
        out << fmt::format("{}\t{}\t{}\t{}\n", arm.name, experiment.id.value,
                           experiment.decision ? name_of(experiment.decision->verdict) : "unfinished",
                           experiment.idea);
    }
}

void try_proposer(const Arguments& arguments) {
    fmt::print("{:<13} {:>11} {:>10} {:>12} {:>5} {:>10} {:>11} {:>7}\n", "memory", "experiments",
               "same patch", "nearly so", "kept", "total gain", "benchmark", "prompt");
    std::fflush(stdout);
    for (const MemoryArm& arm : memory_arms()) {
        const bool asked =
            std::find(arguments.arms.begin(), arguments.arms.end(), arm.name) != arguments.arms.end();
        if (!arguments.arms.empty() && !asked) continue;
        const std::string name = arguments.example == "matmul" ? "matmul" : "text-processor";
        const RealCampaign campaign(name, files_of(arguments, arm));
        campaign.run(true);
        const NoClock clock;
        const Ledger ledger(campaign.state_folder() / "ledger.sqlite", clock, Ledger::Mode::read_only);
        const RealFigures figures = figures_of(campaign.experiments(), ledger);
        fmt::print("{:<13} {:>11} {:>10} {:>12} {:>5} {:>10} {:>11} {:>7.0f}\n", arm.name,
                   figures.experiments, figures.same_patch, figures.nearly_same_patch, figures.kept,
                   format_effect(figures.total_gain), format_duration(Seconds(figures.benchmark_seconds)),
                   figures.prompt_bytes);
        std::fflush(stdout);
        list_ideas(arguments.ideas, arm, ledger);
    }
}

void try_model(const std::vector<std::string>& words) {
    MemoryTrialRequest request;
    request.prior = prior_named("mixed");
    request.noise = noise_named("normal:2%", request.run_seconds);
    request.nights = words.empty() ? 200 : number_in(words[0]);
    const int experiments = words.size() < 2 ? 1000 : number_in(words[1]);
    std::erase_if(request.marks, [&](int mark) { return mark >= experiments; });
    request.marks.push_back(experiments);
    request.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    std::vector<MemoryTrialFigures> figures;
    for (const MemoryArm& arm : memory_arms())
        figures.push_back(try_memory(request, arm));
    fmt::print("{}", memory_trial_table(request, figures));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> words(argv + 1, argv + argc);
        if (!words.empty() && words[0].starts_with("--")) {
            try_proposer(arguments_of(words));
        } else {
            try_model(words);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "amnesia: %s\n", error.what());
        return 1;
    }
    return 0;
}
