// Part 4 of the prompt: what was tried and did not work.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

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

/// The first three are taken where all failures fit in them. Where not all of them fit, more ideas are worth
/// more than reasons: what is not told is proposed again. The first ones, which are the most useful, keep
/// theirs.
enum Form : std::size_t { longest, longer, shortest, crowded };
constexpr std::array<LineForm, 4> forms = {{{240, 200, 4}, {120, 100, 3}, {60, 50, 1}, {80, 0, 0}}};
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

/// Which failures are told, in which order and form.
struct Telling {
    Form form = shortest;
    std::vector<std::size_t> order;
};

/// The lines of the failures, each made when it is asked for first: a room holds some of them, and several
/// rooms are tried.
class FailureLines {
  public:
    FailureLines(const Campaign& campaign, const DigestFacts& facts)
        : folds_(facts.failures.folds), scale_(campaign.benchmark.scale), epoch_(facts.epoch) {
        for (std::vector<std::string>& lines : lines_)
            lines.resize(folds_.size());
    }

    const std::string& line(Form form, std::size_t failure) {
        const Form taken = form == crowded && failure < with_reason_in_a_crowd ? shortest : form;
        std::string& line = lines_.at(taken)[failure];
        if (line.empty()) line = failure_line(folds_[failure], scale_, epoch_, forms.at(taken));
        return line;
    }

    /// Whether the first ones of these fit.
    bool fit(const Telling& telling, std::size_t first, std::size_t room) {
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < first && bytes <= room; ++i)
            bytes += line(telling.form, telling.order[i]).size() + 1;
        return bytes <= room;
    }

    /// From the first line on, up to the one that fits in no more.
    std::vector<std::string> lines(const Telling& telling, std::size_t room) {
        std::vector<std::string> told;
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < telling.order.size() && bytes <= room; ++i) {
            told.push_back(line(telling.form, telling.order[i]));
            bytes += told.back().size() + 1;
        }
        return told;
    }

  private:
    const std::vector<FailureFold>& folds_;
    Scale scale_;
    std::int64_t epoch_;
    std::array<std::vector<std::string>, forms.size()> lines_;
};

/// For how many failures the first ones of these stand.
std::int64_t failures_in(const std::vector<FailureFold>& folds, const std::vector<std::size_t>& order,
                         std::size_t first) {
    return std::accumulate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(first), std::int64_t{0},
                           [&](std::int64_t sum, std::size_t failure) {
                               return sum + static_cast<std::int64_t>(folds[failure].members.size());
                           });
}

/// Puts one of the older failures after every seventh, so that a list that is cut off is a sample of all.
std::vector<std::size_t> mixed(std::size_t failures, std::size_t older_from) {
    constexpr std::size_t one_in = 8;
    std::vector<std::size_t> order;
    std::size_t older = older_from;
    for (std::size_t i = 0; i < older_from; ++i) {
        order.push_back(i);
        if (order.size() % one_in == one_in - 1 && older < failures) order.push_back(older++);
    }
    while (older < failures)
        order.push_back(older++);
    return order;
}

std::string not_shown(std::int64_t failures) {
    if (failures <= 0) return {};
    return fmt::format("{} more failures are not shown; `ratchet log` and `ratchet search WORDS` list them.",
                       failures);
}

/// What tells the most in this room: all in the longest form that fits; else as many ideas as possible, those
/// since the champion first while all of them fit; else a sample.
Telling most_telling(FailureLines& lines, const Failures& failures, std::size_t room) {
    const std::vector<FailureFold>& folds = failures.folds;
    std::vector<std::size_t> order(folds.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // A word about what is not shown is needed only where something is not.
    const bool is_whole = failures_in(folds, order, order.size()) == failures.in_all;
    const std::size_t room_with_word = room - std::min(room, not_shown(failures.in_all).size() + 1);
    const std::size_t room_for_all = is_whole ? room : room_with_word;
    Telling telling{shortest, std::move(order)};
    const auto all_fit = [&](Form form) {
        telling.form = form;
        return lines.fit(telling, folds.size(), room_for_all);
    };
    // Nearly every ledger is too long for any: the shortest says so first.
    if (all_fit(shortest)) {
        if (!all_fit(longest) && !all_fit(longer)) telling.form = shortest;
        return telling;
    }
    if (all_fit(crowded)) return telling;
    const auto older = std::find_if(folds.begin(), folds.end(), [](const FailureFold& fold) {
        return fold.relevance == Relevance::older;
    });
    const auto older_from = static_cast<std::size_t>(older - folds.begin());
    if (!lines.fit(telling, older_from, room_with_word)) telling.order = mixed(folds.size(), older_from);
    return telling;
}

}  // namespace

PartWriter prepare_failures(const Campaign& campaign, const DigestFacts& facts) {
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
    const auto lines = std::make_shared<FailureLines>(campaign, facts);
    return [part, frame, lines, &failures = facts.failures](std::size_t room) {
        const Telling told = most_telling(*lines, failures, room - std::min(room, frame));
        ListPart list = part;
        list.lines = lines->lines(told, room);
        list.left_out = [&](std::size_t shown) {
            return not_shown(failures.in_all - failures_in(failures.folds, told.order, shown));
        };
        return write_list(list, room);
    };
}

}  // namespace ratchet
