#include "orchestrator/commands/simulate_memory.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/json_rendering.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/views/memory_trial_view.hpp"

namespace ratchet {
namespace {

std::vector<MemoryArm> arms_named(const std::vector<std::string>& names) {
    if (names.empty()) return memory_arms();
    std::vector<std::string_view> known;
    for (const MemoryArm& arm : memory_arms())
        known.push_back(arm.name);
    std::vector<MemoryArm> chosen;
    for (const std::string& name : names) {
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end()) {
            throw UsageError(fmt::format("there is no memory \"{}\"", name),
                             fmt::format("they are {}", fmt::join(known, ", ")));
        }
        chosen.push_back(memory_arms()[static_cast<std::size_t>(found - known.begin())]);
    }
    return chosen;
}

/// 30, 100, 300, 1,000, … as far as the night goes, and its end.
std::vector<int> marks_up_to(int experiments) {
    std::vector<int> marks;
    for (int decade = 1; decade < experiments; decade *= 10) {
        for (const int mark : {10 * decade, 30 * decade}) {
            if (mark >= 30 && mark < experiments) marks.push_back(mark);
        }
    }
    marks.push_back(experiments);
    return marks;
}

}  // namespace

void add_memory_options(CLI::App& verb, MemoryTrialOptions& options) {
    auto* memory = verb.add_flag(
        "--memory", options.asked,
        "Instead of rules to decide, compare what a proposer is told of earlier experiments: a model of a "
        "proposer reads real prompts");
    verb.add_option("--experiments", options.experiments, "A night, with --memory (default: 300)")
        ->type_name("N")
        ->check(CLI::Range(1, 100'000))
        ->needs(memory);
    verb.add_option("--arm", options.arms,
                    "Only these memories: none, kept, last-20, digest, digest+check; may be given several "
                    "times")
        ->type_name("NAME")
        ->needs(memory);
    verb.add_option(
            "--recognition", options.recognition,
            "How often, in %, the model sees that other words than its own mean the same (default: 90)")
        ->type_name("PERCENT")
        ->check(CLI::Range(0.0, 100.0))
        ->needs(memory);
    verb.add_option("--skew", options.skew, "Ideas come to mind by 1/rank^SKEW (default: 1)")
        ->type_name("SKEW")
        ->check(CLI::Range(0.0, 5.0))
        ->needs(memory);
    verb.add_option("--overlook", options.overlook,
                    "How often, in %, the model overlooks, besides, what stands shortened in its prompt "
                    "(default: 5)")
        ->type_name("PERCENT")
        ->check(CLI::Range(0.0, 100.0))
        ->needs(memory);
    verb.add_flag("--read-anew", options.read_anew,
                  "What the model recognises is decided anew in each experiment, not once a line")
        ->needs(memory);
}

int simulate_memory(const CommandLine& line, const MemoryTrialOptions& options, MemoryTrialRequest request) {
    request.attention.recognition = options.recognition / 100;
    request.attention.overlooked_when_shortened = options.overlook / 100;
    request.attention.decided_anew = options.read_anew;
    request.skew = options.skew;
    request.marks = marks_up_to(options.experiments);
    std::vector<MemoryTrialFigures> figures;
    for (const MemoryArm& arm : arms_named(options.arms))
        figures.push_back(try_memory(request, arm));
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        out << text_of(memory_trial_json(request, figures)) << '\n';
    } else {
        out << memory_trial_table(request, figures);
    }
    return exit_done;
}

}  // namespace ratchet
