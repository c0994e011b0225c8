// Part 4 of the prompt: what was tried and did not work.

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "orchestrator/briefing/digest.hpp"
#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

/// How much of each field a line may show.
struct LineForm {
    std::size_t idea;
    std::size_t reason;
    std::size_t files;
};
constexpr LineForm shortest = {60, 50, 1};
constexpr std::array<LineForm, 2> longer = {{{240, 200, 4}, {120, 100, 3}}};  // the first that fits is taken

/// "(tried 4 times: #3 #9 #14 #22)".
std::string members_of(const FailureFold& fold) {
    std::string out = fmt::format(" (tried {} times:", fold.members.size());
    for (const ExperimentId id : fold.members)
        out += fmt::format(" #{}", id.value);
    return out + ")";
}

std::string failure_line(const FailureFold& fold, Scale scale, std::int64_t epoch, const LineForm& form) {
    const Summary& told = fold.told;
    std::string line = fmt::format("#{}", told.id.value);
    if (told.decision) {
        line += fmt::format(" {}", name_of(told.decision->verdict));
        const std::string effect = effect_text(told.decision->effect, scale);
        if (!effect.empty()) line += ' ' + effect;
        if (!effect.empty() && told.epoch != epoch) line += fmt::format(" (epoch {})", told.epoch);
    }
    if (told.move != Move::explore) line += fmt::format(" ({})", name_of(told.move));
    if (fold.members.size() > 1) line += members_of(fold);
    const std::string reason = told.decision ? told.decision->reason : std::string();
    line += " | " + prompt_line(told.idea, form.idea) + " | " + prompt_line(reason, form.reason) + " | " +
            joined_files(told.files, form.files);
    if (fold.changed_by)
        line += fmt::format(" | the code it touched was changed since by #{}", fold.changed_by->value);
    return line;
}

/// The lines of one form, with how many failures each stands for.
struct FailureLines {
    std::vector<std::string> lines;
    std::vector<std::size_t> members;

    void add(const std::string& line, std::size_t count) {
        lines.push_back(line);
        members.push_back(count);
    }

    [[nodiscard]] std::size_t bytes(std::size_t first) const {
        std::size_t sum = 0;
        for (std::size_t i = 0; i < first; ++i)
            sum += lines[i].size() + 1;
        return sum;
    }
};

FailureLines lines_of(const Campaign& campaign, const DigestFacts& facts, const LineForm& form) {
    FailureLines out;
    for (const FailureFold& fold : facts.failures.folds) {
        out.add(failure_line(fold, campaign.benchmark.scale, facts.epoch, form), fold.members.size());
    }
    return out;
}

/// Puts one of the older failures after every seventh, so that a list that is cut off is a sample of all.
FailureLines mixed(const FailureLines& ordered, std::size_t older_from) {
    constexpr std::size_t one_in = 8;
    FailureLines out;
    std::size_t older = older_from;
    const auto take = [&](std::size_t i) { out.add(ordered.lines[i], ordered.members[i]); };
    for (std::size_t i = 0; i < older_from; ++i) {
        take(i);
        if (out.lines.size() % one_in == one_in - 1 && older < ordered.lines.size()) take(older++);
    }
    while (older < ordered.lines.size())
        take(older++);
    return out;
}

/// The lines that tell the most in this room: all in the longest form that fits; else in the shortest,
/// those since the champion first while all of them fit; else a sample.
FailureLines most_telling(const Campaign& campaign, const DigestFacts& facts, std::size_t room) {
    FailureLines all = lines_of(campaign, facts, shortest);
    if (all.bytes(all.lines.size()) <= room) {
        for (const LineForm& form : longer) {
            FailureLines told = lines_of(campaign, facts, form);
            if (told.bytes(told.lines.size()) <= room) return told;
        }
        return all;
    }
    const std::vector<FailureFold>& folds = facts.failures.folds;
    const auto older = std::find_if(folds.begin(), folds.end(), [](const FailureFold& fold) {
        return fold.relevance == Relevance::older;
    });
    const auto older_from = static_cast<std::size_t>(older - folds.begin());
    return all.bytes(older_from) <= room ? all : mixed(all, older_from);
}

std::string not_shown(std::int64_t failures) {
    if (failures <= 0) return {};
    return fmt::format("{} more failures are not shown; `ratchet log` and `ratchet search WORDS` list them.",
                       failures);
}

}  // namespace

std::string write_failures(const Campaign& campaign, const DigestFacts& facts, std::size_t room) {
    ListPart part;
    part.heading = "## What was tried and did not work\n";
    part.label = recorded;
    part.introduction = facts.failures.folds.empty() ? "Nothing yet.\n"
                                                     : "Do not repeat these; a near miss may be worth "
                                                       "another way, and so may what met other code than "
                                                       "there is now. One line each: number, verdict, effect "
                                                       "(positive is better), kind of move where it "
                                                       "was not explore | idea | why | where.\n";
    const std::size_t frame = part.heading.size() + part.introduction.size() + frame_bytes(part.label) +
                              not_shown(facts.failures.in_all).size() + 1;
    const FailureLines told = most_telling(campaign, facts, room - std::min(room, frame));
    part.lines = told.lines;
    part.left_out = [&](std::size_t shown) {
        std::int64_t failures = 0;
        for (std::size_t i = 0; i < shown; ++i)
            failures += static_cast<std::int64_t>(told.members[i]);
        return not_shown(facts.failures.in_all - failures);
    };
    return write_list(part, room);
}

}  // namespace ratchet
