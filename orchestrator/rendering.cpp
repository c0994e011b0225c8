#include "orchestrator/rendering.hpp"

#include <fmt/core.h>

#include <cmath>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"

namespace ratchet {
namespace {

/// "2024-02-29" of days since 1970, and so on: std::chrono's calendar has no output in this library yet.
std::string date_text(std::chrono::sys_days day) {
    const std::chrono::year_month_day date{day};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string first_line(std::string_view text) {
    return std::string(text.substr(0, text.find('\n')));
}

/// The first line of the hypothesis, or what stands for it: where the proposer found its place, or the files.
std::string idea_of(const Experiment& experiment) {
    if (!experiment.proposal) return {};
    const Proposal& proposal = *experiment.proposal;
    std::string idea = first_line(proposal.notes.hypothesis);
    if (!idea.empty()) return idea;
    for (const auto& [name, value] : proposal.notes.origin)
        idea += fmt::format("{}{}={}", idea.empty() ? "" : ", ", name, value);
    if (!idea.empty()) return idea;
    for (const TouchedFile& file : proposal.files)
        idea += (idea.empty() ? "" : ", ") + file.path;
    return idea;
}

Colour colour_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::kept:
            return Colour::green;
        case Verdict::inconclusive:
        case Verdict::no_proposal:
        case Verdict::interrupted:
            return Colour::yellow;
        case Verdict::no_gain:
        case Verdict::rejected:
            return Colour::faint;
        default:
            return Colour::red;
    }
}

}  // namespace

std::string painted(std::string_view text, Colour colour, const Style& style) {
    if (!style.colour || text.empty()) return std::string(text);
    static constexpr std::array<std::string_view, 5> codes = {"32", "31", "33", "2", "1"};
    return fmt::format("\x1b[{}m{}\x1b[0m", codes.at(static_cast<std::size_t>(colour)), text);
}

std::string painted(std::string_view text, Verdict verdict, const Style& style) {
    return painted(text, colour_of(verdict), style);
}

Summary summary_of(const Experiment& experiment) {
    Summary summary;
    summary.id = experiment.brief.id;
    summary.epoch = experiment.epoch;
    summary.stage = experiment.stage;
    summary.proposer = experiment.brief.proposer;
    summary.move = experiment.brief.move;
    summary.focus = experiment.brief.focus;
    summary.parent = experiment.brief.parent;
    summary.candidate = experiment.candidate;
    summary.idea = idea_of(experiment);
    if (experiment.proposal) {
        for (const TouchedFile& file : experiment.proposal->files)
            summary.files.push_back(file.path);
    }
    summary.decision = experiment.decision;
    summary.vetoed = experiment.vetoed;
    summary.started_at = experiment.started_at;
    summary.finished_at = experiment.finished_at;
    summary.repair_of = experiment.brief.repair_of;
    return summary;
}

std::string verdict_text(const Summary& experiment) {
    if (!experiment.decision) return fmt::format("({})", name_of(experiment.stage));
    const Decision& decision = *experiment.decision;
    if (experiment.vetoed) return std::string(name_of(Verdict::vetoed));
    std::string text(name_of(decision.verdict));
    if (decision.verdict == Verdict::kept && decision.basis == Basis::not_worse) text += " as simpler";
    if (decision.rejection) text += fmt::format(" ({})", name_of(*decision.rejection));
    return text;
}

std::string effect_text(const std::optional<Interval>& effect, Scale scale) {
    if (!effect) return {};
    std::string estimate = format_effect(effect->estimate, scale);
    if (effect->low == effect->high) return estimate;  // exact
    if (scale == Scale::difference) {
        return fmt::format("{} ± {:.2g}", estimate, (effect->high - effect->low) / 2);
    }
    const double half = (std::exp(effect->high) - std::exp(effect->low)) / 2;
    if (estimate.starts_with("×")) return fmt::format("{} ± {:.2g}", estimate, half);
    return half < 1 ? fmt::format("{} ± {:.2g}%", estimate, 100 * half)
                    : fmt::format("{} ± {:.0f}%", estimate, 100 * half);
}

std::string interval_text(const Interval& effect, Scale scale) {
    if (effect.low == effect.high) return format_effect(effect.estimate, scale) + " (exact)";
    return format_interval(effect, scale);
}

std::string time_text(Timestamp at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
    return fmt::format("{} {:02}:{:02} UTC", date_text(day), time.hours().count(), time.minutes().count());
}

std::string number_text(ExperimentId id) {
    return fmt::format("#{}", id.value);
}

std::string imported_number(ImportedId id) {
    return fmt::format("i{}", id.value);
}

std::string imported_value(const ImportedExperiment& imported) {
    if (!imported.value) return {};
    return one_line(fmt::format("{} {}", imported.metric, format_value(*imported.value, imported.unit)));
}

std::string padded(std::string_view text, std::size_t columns) {
    const std::size_t used = columns_of(text);
    return std::string(text) + std::string(used < columns ? columns - used : 0, ' ');
}

std::string finished_line(const Experiment& experiment, Scale scale, const Style& style) {
    const Summary summary = summary_of(experiment);
    std::string line = padded(number_text(summary.id), 5) + ' ';
    const std::string verdict = verdict_text(summary);
    line += summary.decision ? painted(verdict, summary.decision->verdict, style) : verdict;
    if (!summary.decision) return line;
    const std::string effect = effect_text(summary.decision->effect, scale);
    if (!effect.empty()) line += ' ' + effect;
    const bool kept = summary.decision->verdict == Verdict::kept;
    if (!kept && !summary.decision->reason.empty()) line += ": " + one_line(summary.decision->reason);
    if (!summary.idea.empty()) line += " | " + one_line(summary.idea);
    return line;
}

}  // namespace ratchet
