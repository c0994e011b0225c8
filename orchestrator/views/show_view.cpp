#include <fmt/core.h>

#include <algorithm>

#include "benchmarks_adapter/judge.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/views/spend_view.hpp"
#include "orchestrator/views/views.hpp"

namespace ratchet {
namespace {

constexpr std::size_t show_label_columns = 11;
constexpr std::size_t tail_lines_shown = 20;
constexpr std::size_t pairs_shown = 40;

std::string show_row(std::string_view label, const std::string& text, const Style& style) {
    if (text.empty()) return {};
    return painted(padded(label, show_label_columns), Colour::faint, style) + text + '\n';
}

/// The last lines of an output, each behind a bar; long ones are clipped to the screen.
std::string tail_text(const std::string& tail, const Style& style) {
    std::vector<std::string> lines;
    const std::string text = many_lines(tail);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    const std::size_t first = lines.size() - std::min(lines.size(), tail_lines_shown);
    const auto room = static_cast<std::size_t>(std::max(style.columns, 40)) - 6;
    std::string out;
    for (std::size_t i = first; i < lines.size(); ++i)
        out += "    | " + clipped_to_columns(lines[i], room) + '\n';
    return out;
}

std::string head(const Experiment& experiment, const Summary& summary, const std::filesystem::path& logs,
                 const Style& style) {
    std::string text = painted(number_text(summary.id), Colour::bold, style) + ' ';
    const std::string verdict = verdict_text(summary);
    text += summary.decision ? painted(verdict, summary.decision->verdict, style) : verdict;
    if (summary.decision && !summary.decision->reason.empty())
        text += ": " + one_line(summary.decision->reason);
    text += '\n';
    if (summary.decision && summary.decision->duplicate_of) {
        text += show_row("duplicate", "of " + number_text(*summary.decision->duplicate_of), style);
    }
    text += show_row("idea", one_line(summary.idea), style);
    std::string brief = one_line(summary.proposer) + ", " + std::string(name_of(summary.move));
    if (!summary.focus.empty()) brief += " " + shown_path(summary.focus);
    text += show_row("proposer", brief, style);
    text += show_row("chosen", one_line(experiment.brief.choice), style);
    if (experiment.brief.repair_of) {
        text += show_row("repair", "of " + number_text(*experiment.brief.repair_of), style);
    }
    text += show_row("why", one_line(experiment.brief.reason), style);
    text += show_row("parent", summary.parent.abbreviated(), style);
    text += show_row("candidate", summary.candidate.abbreviated(), style);
    std::string when = time_text(experiment.started_at);
    if (experiment.finished_at)
        when += ", " + format_duration(*experiment.finished_at - experiment.started_at);
    text += show_row("when", when, style);
    text += show_row("epoch", std::to_string(experiment.epoch), style);
    if (logs.empty()) return text;
    return text + show_row("logs", shown_path((logs / log_folder_name(summary.id)).string()), style);
}

std::string evidence_text(const Experiment& experiment, Scale scale, const Style& style) {
    if (!experiment.decision) return {};
    const Decision& decision = *experiment.decision;
    std::string text;
    if (decision.effect) text += show_row("effect", interval_text(*decision.effect, scale), style);
    if (decision.basis != Basis::none) {
        std::string basis = fmt::format("{}, {} pairs", name_of(decision.basis), decision.pairs);
        if (decision.e_value > 0) basis += fmt::format(", e-value {:.3g}", decision.e_value);
        text += show_row("basis", basis, style);
    }
    return text;
}

/// The answer that came first, where it was given back.
std::string returned_text(const Returned& returned, const Style& style) {
    std::string text = number_text(returned.duplicate_of);
    text = returned.likeness == Likeness::reformatted
               ? "the same as " + text + " but for white space and comments"
               : "nearly " + text;
    const std::string idea = one_line(returned.notes.hypothesis);
    return show_row("given back", text + (idea.empty() ? "" : ": " + idea), style);
}

/// "; 2 of them failed" of the requests that ratchet saw.
std::string failed_requests(const Proposal& proposal) {
    const auto failed = std::count_if(
        proposal.model_requests.begin(), proposal.model_requests.end(),
        [](const ModelRequest& request) { return request.status < 200 || request.status > 299; });
    return failed == 0 ? std::string() : fmt::format("; {} of the requests failed", failed);
}

std::string proposal_text(const Proposal& proposal, const Style& style) {
    const Notes& notes = proposal.notes;
    std::string text = show_row("failure", one_line(proposal.failure), style);
    text += show_row("expected", one_line(notes.expected_effect), style);
    text += show_row("risk", one_line(notes.risk), style);
    text += show_row("learned", one_line(notes.learned), style);
    for (const std::string& idea : notes.next_ideas)
        text += show_row("next idea", one_line(idea), style);
    for (const auto& [name, value] : notes.origin)
        text += show_row("origin", one_line(fmt::format("{} = {}", name, value)), style);
    text += show_row("model", one_line(proposal.model), style);
    text += show_row("usage", usage_text(proposal.usage) + failed_requests(proposal), style);
    if (!proposal.files.empty()) text += "\nfiles\n";
    for (const TouchedFile& file : proposal.files) {
        text += fmt::format("  {} +{} -{}\n", shown_path(file.path), file.added, file.removed);
    }
    return text;
}

std::string run_text(const StageRun& run, const std::filesystem::path& logs, const Style& style) {
    std::string outcome = "ok";
    if (run.timed_out)
        outcome = "timed out";
    else if (!run.succeeded)
        outcome = fmt::format("exit status {}", run.exit_status);
    std::string text = fmt::format("  {} {} in {}", padded(one_line(run.name), 20),
                                   painted(outcome, run.succeeded ? Colour::green : Colour::red, style),
                                   format_duration(Seconds(run.figures.wall_seconds)));
    if (run.figures.peak_memory_bytes > 0) text += ", " + format_bytes(run.figures.peak_memory_bytes);
    text += '\n';
    if (!run.succeeded) text += tail_text(run.tail, style);
    if (!run.log_file.empty()) text += "    log: " + shown_path((logs / run.log_file).string()) + '\n';
    return text;
}

std::string pairs_text(const std::vector<Pair>& pairs, const Benchmark& benchmark) {
    std::string text = fmt::format("\npairs\n  {} {} {:>14} {:>14}  effect\n", padded("phase", 13),
                                   padded("first", 9), "champion", "candidate");
    const std::size_t first = pairs.size() - std::min(pairs.size(), pairs_shown);
    if (first > 0) text += fmt::format("  … {} earlier pairs: --json has all\n", first);
    for (std::size_t i = first; i < pairs.size(); ++i) {
        const Pair& pair = pairs[i];
        const std::string effect =
            pair.set_aside.empty()
                ? format_effect(effect_of(pair, benchmark.direction, benchmark.scale), benchmark.scale)
                : "set aside: " + one_line(pair.set_aside);
        text += fmt::format("  {} {} {:>14} {:>14}  {}\n", padded(name_of(pair.phase), 13),
                            padded(pair.candidate_first ? "candidate" : "champion", 9),
                            format_value(pair.champion.value, one_line(benchmark.unit)),
                            format_value(pair.candidate.value, one_line(benchmark.unit)), effect);
    }
    return text;
}

}  // namespace

std::string show_text(const Experiment& experiment, const Campaign& campaign,
                      const std::filesystem::path& logs, const Style& style) {
    const Summary summary = summary_of(experiment);
    std::string text = head(experiment, summary, logs, style);
    text += evidence_text(experiment, campaign.benchmark.scale, style);
    if (experiment.returned) text += returned_text(*experiment.returned, style);
    if (experiment.proposal) text += proposal_text(*experiment.proposal, style);
    if (!experiment.runs.empty()) text += "\nruns\n";
    for (const StageRun& run : experiment.runs)
        text += run_text(run, logs, style);
    if (!experiment.pairs.empty()) text += pairs_text(experiment.pairs, campaign.benchmark);
    const bool changes = experiment.proposal && !experiment.proposal->diff.empty();
    text += '\n';
    const bool has_prompts = !logs.empty();
    if (changes)
        text += fmt::format("`ratchet show {} --diff` shows the change{}", summary.id.value,
                            has_prompts ? ", " : ".\n");
    if (!has_prompts) return text;
    return text + fmt::format("`ratchet show {} --prompt` {}what was asked.\n", summary.id.value,
                              changes ? "" : "shows ");
}

}  // namespace ratchet
