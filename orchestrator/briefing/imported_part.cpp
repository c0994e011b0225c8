// A part of the prompt that only campaigns with a history elsewhere have: what other tools tried.

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "orchestrator/briefing/digest.hpp"
#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

constexpr std::size_t imported_description_bytes = 160;
constexpr std::size_t imported_lesson_bytes = 120;

/// "unverified", or what came of it here.
std::string standing_of(const std::optional<Replay>& replay, Scale scale) {
    if (!replay) return "unverified";
    const std::string effect = effect_text(replay->decision.effect, scale);
    return fmt::format("measured here: {}{}{}", name_of(replay->decision.verdict), effect.empty() ? "" : " ",
                       effect);
}

std::string imported_line(const ImportedExperiment& imported, const std::optional<Replay>& replay,
                          Scale scale) {
    const std::string value = prompt_line(imported_value(imported), 60);
    std::string line = fmt::format("{} {} ({}){}{} | {} | {}", imported_number(imported.id),
                                   imported.baseline ? "baseline" : name_of(imported.status),
                                   standing_of(replay, scale), value.empty() ? "" : " ", value,
                                   prompt_line(imported.description, imported_description_bytes),
                                   prompt_line(imported.learned, imported_lesson_bytes));
    if (!imported.files.empty()) line += " | " + joined_files(imported.files, 3);
    return line;
}

}  // namespace

PartWriter prepare_imported(const Campaign& campaign, const DigestFacts& facts) {
    ListPart part;
    part.heading = "## What was tried before, with other tools\n";
    part.introduction =
        "Imported, and unverified unless a line says that it was measured here: what a tool calls a gain may "
        "be "
        "luck. None of it is in the code that you start from unless it stands there. One line each: number, "
        "how "
        "the other tool ended it, its figure | what | what was learnt | where.\n";
    part.label = "recorded by other tools";
    // What they kept says the most: those first, each group from the newest on.
    for (const bool kept : {true, false}) {
        for (const auto& [imported, replay] : facts.imported) {
            if ((imported.status == ImportedStatus::keep) == kept)
                part.lines.push_back(imported_line(imported, replay, campaign.benchmark.scale));
        }
    }
    part.left_out = [in_all = facts.imported_in_all](std::size_t shown) -> std::string {
        const std::int64_t more = in_all - static_cast<std::int64_t>(shown);
        if (more <= 0) return {};
        return fmt::format("{} more are not shown; `ratchet log --imported` lists them.", more);
    };
    return prepared_list(std::move(part));
}

}  // namespace ratchet
