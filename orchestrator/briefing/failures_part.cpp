// Part 4 of the prompt: what was tried and did not work.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "orchestrator/briefing/digest.hpp"
#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

/// How much of each field a line may show; nothing of reason and files where both are 0.
struct LineForm {
    std::size_t idea;
    std::size_t reason;
    std::size_t files;
};
constexpr LineForm shortest = {60, 50, 1};
constexpr std::array<LineForm, 2> longer = {{{240, 200, 4}, {120, 100, 3}}};  // the first that fits is taken

// Where not all of them fit, more ideas are worth more than reasons: what is not told is proposed again. The
// first ones, which are the most useful, keep theirs.
constexpr LineForm crowded = {80, 0, 0};
constexpr std::size_t with_reason_in_a_crowd = 12;

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
    line += " | " + prompt_line(told.idea, form.idea);
    if (form.files > 0) {
        const std::string reason = told.decision ? told.decision->reason : std::string();
        line += " | " + prompt_line(reason, form.reason) + " | " + joined_files(told.files, form.files);
    }
    if (fold.changed_by)
        line += fmt::format(" | the code it touched was changed since by #{}", fold.changed_by->value);
    return line;
}

/// The lines of one form, with how many failures each stands for.
struct FailureLines {
    std::vector<std::string> lines;
    std::vector<std::int64_t> members;

    void add(const std::string& line, std::int64_t count) {
        lines.push_back(line);
        members.push_back(count);
    }

    [[nodiscard]] std::int64_t failures(std::size_t first) const {
        return std::accumulate(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(first),
                               std::int64_t{0});
    }

    [[nodiscard]] std::size_t bytes(std::size_t first) const {
        std::size_t sum = 0;
        for (std::size_t i = 0; i < first; ++i)
            sum += lines[i].size() + 1;
        return sum;
    }
};

/// `form` from the `from`th failure on, those before it in the shortest form that has a reason.
FailureLines lines_of(const Campaign& campaign, const DigestFacts& facts, const LineForm& form,
                      std::size_t from = 0) {
    FailureLines out;
    for (const FailureFold& fold : facts.failures.folds) {
        const LineForm& taken = out.lines.size() < from ? shortest : form;
        out.add(failure_line(fold, campaign.benchmark.scale, facts.epoch, taken),
                static_cast<std::int64_t>(fold.members.size()));
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

std::string not_shown(std::int64_t failures) {
    if (failures <= 0) return {};
    return fmt::format("{} more failures are not shown; `ratchet log` and `ratchet search WORDS` list them.",
                       failures);
}

/// The lines that tell the most in this room: all in the longest form that fits; else as many ideas as
/// possible, those since the champion first while all of them fit; else a sample.
FailureLines most_telling(const Campaign& campaign, const DigestFacts& facts, std::size_t room) {
    const std::int64_t in_all = facts.failures.in_all;
    FailureLines all = lines_of(campaign, facts, shortest);
    // A word about what is not shown is needed only where something is not.
    const bool is_whole = all.failures(all.lines.size()) == in_all;
    const std::size_t word = not_shown(in_all).size() + 1;
    const std::size_t room_with_word = room - std::min(room, word);
    const std::size_t room_for_all = is_whole ? room : room_with_word;
    if (all.bytes(all.lines.size()) <= room_for_all) {
        for (const LineForm& form : longer) {
            FailureLines told = lines_of(campaign, facts, form);
            if (told.bytes(told.lines.size()) <= room_for_all) return told;
        }
        return all;
    }
    all = lines_of(campaign, facts, crowded, with_reason_in_a_crowd);
    if (all.bytes(all.lines.size()) <= room_for_all) return all;
    const std::vector<FailureFold>& folds = facts.failures.folds;
    const auto older = std::find_if(folds.begin(), folds.end(), [](const FailureFold& fold) {
        return fold.relevance == Relevance::older;
    });
    const auto older_from = static_cast<std::size_t>(older - folds.begin());
    return all.bytes(older_from) <= room_with_word ? all : mixed(all, older_from);
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
                                                       "was not explore | idea | why | where (the last "
                                                       "two are left out where there are many; `ratchet "
                                                       "show N` has them).\n";
    const std::size_t frame = part.heading.size() + part.introduction.size() + frame_bytes(part.label);
    const FailureLines told = most_telling(campaign, facts, room - std::min(room, frame));
    part.lines = told.lines;
    part.left_out = [&](std::size_t shown) {
        return not_shown(facts.failures.in_all - told.failures(shown));
    };
    return write_list(part, room);
}

}  // namespace ratchet
