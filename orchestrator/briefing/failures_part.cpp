#include "orchestrator/briefing/failures_part.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "orchestrator/briefing/list_part.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

constexpr const char* failures_heading = "## What was tried and did not work\n";
constexpr const char* failures_introduction =
    "Do not repeat these; a near miss may be worth another way, and so may what met other code than there is "
    "now. One line each: number, verdict, effect (positive is better), kind of move where it was not explore "
    "| idea | why | where (why is left out where there are many; `ratchet show N` has it).\n";
constexpr const char* dense_introduction =
    "The rest in key words, below file and function; do not repeat these either (`ratchet show N` tells all "
    "of one). After a number: `-` worse, `!` broke the build, a gate or the benchmark, `?` undecided, `x` "
    "never run, `*` its code was changed since; without a sign: no gain that counts.\n";

// The forms of a line: how much of idea, reason and files it has. All failures are told in the first of
// these in which there is room for all of them.
constexpr std::size_t forms_for_all = 3;
// Where there is not, more ideas are worth more than reasons: what is not told is proposed again. The first
// ones, which are the most useful, keep theirs.
constexpr std::size_t crowded_with_reason = 3;
constexpr std::size_t crowded = 4;
constexpr std::size_t with_reason_in_a_crowd = 12;

/// Of an idea in the dense list: as many as there is room for with all of them.
constexpr std::size_t most_idea_bytes = 120;
constexpr std::size_t least_idea_bytes = 30;

/// What a dense list says of the end of an experiment; nothing for the usual one.
std::string mark_of(const FailureFold& fold) {
    std::string mark;
    switch (fold.told.decision ? fold.told.decision->verdict : Verdict::no_proposal) {
        case Verdict::regressed:
        case Verdict::constraint_violated:
            mark = "-";
            break;
        case Verdict::gate_failed:
        case Verdict::build_failed:
        case Verdict::benchmark_failed:
        case Verdict::timed_out:
            mark = "!";
            break;
        case Verdict::inconclusive:
        case Verdict::holdout_failed:  // which no proposer learns of
            mark = "?";
            break;
        case Verdict::rejected:
        case Verdict::no_proposal:
        case Verdict::interrupted:
            mark = "x";
            break;
        case Verdict::no_gain:
        case Verdict::kept:
        case Verdict::vetoed:
            break;
    }
    return fold.changed_by ? mark + '*' : mark;
}

/// Puts one of the older failures after every seventh, so that a list that is cut off is a sample of all.
std::vector<std::size_t> mixed(const std::vector<std::size_t>& ordered, std::size_t older_from) {
    constexpr std::size_t one_in = 8;
    std::vector<std::size_t> out;
    std::size_t older = older_from;
    for (std::size_t i = 0; i < older_from; ++i) {
        out.push_back(ordered[i]);
        if (out.size() % one_in == one_in - 1 && older < ordered.size()) out.push_back(ordered[older++]);
    }
    while (older < ordered.size())
        out.push_back(ordered[older++]);
    return out;
}

std::vector<std::size_t> first_of(const std::vector<std::size_t>& order, std::size_t count) {
    return {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// The failures after the first `count`, as the ledger's order of use has them.
std::vector<std::size_t> rest_of(const std::vector<std::size_t>& order, std::size_t count) {
    std::vector<bool> is_first(order.size());
    for (std::size_t i = 0; i < count; ++i)
        is_first[order[i]] = true;
    std::vector<std::size_t> rest;
    rest.reserve(order.size() - count);
    for (std::size_t fold = 0; fold < order.size(); ++fold) {
        if (!is_first[fold]) rest.push_back(fold);
    }
    return rest;
}

/// The most from `least` to `most` that fits, where `least` does and less always fits where more does.
template <typename Fits>
std::size_t most_that(std::size_t least, std::size_t most, const Fits& fits) {
    while (least < most) {
        const std::size_t middle = least + (most - least + 1) / 2;
        if (fits(middle)) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    return least;
}

std::string not_shown(std::int64_t failures) {
    if (failures <= 0) return {};
    return fmt::format("{} more failures are not shown; `ratchet log` and `ratchet search WORDS` list them.",
                       failures);
}

std::size_t what_is_left(std::size_t room, std::size_t taken) {
    return room - std::min(room, taken);
}

}  // namespace

const std::array<FailuresPart::LineForm, FailuresPart::line_forms> FailuresPart::forms = {
    {{240, 200, 4}, {120, 100, 3}, {100, 50, 1}, {120, 50, 1}, {160, 0, 1}}};

FailuresPart::FailuresPart(const Campaign& campaign, const DigestFacts& facts)
    : campaign_(campaign), facts_(facts) {
    std::vector<std::size_t> all(facts.failures.folds.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    recalled_ = failures_in(all);
}

std::string FailuresPart::write_line(const LineForm& form, const FailureFold& fold) const {
    const Summary& told = fold.told;
    std::string line = fmt::format("#{}", told.id.value);
    if (told.decision) {
        line += fmt::format(" {}", name_of(told.decision->verdict));
        const std::string effect = effect_text(told.decision->effect, campaign_.benchmark.scale);
        if (!effect.empty()) line += ' ' + effect;
        if (!effect.empty() && told.epoch != facts_.epoch) line += fmt::format(" (epoch {})", told.epoch);
    }
    if (told.move != Move::explore) line += fmt::format(" ({})", name_of(told.move));
    if (fold.members.size() > 1)
        line += fmt::format(" (tried {} times: {})", fold.members.size(), numbers_text(fold.members));
    line += " | " + prompt_line(told.idea, form.idea);
    const std::string reason = told.decision ? told.decision->reason : std::string();
    if (form.reason > 0) line += " | " + prompt_line(reason, form.reason);
    line += " | " + joined_files(told.files, form.files);
    if (fold.changed_by)
        line += fmt::format(" | the code it touched was changed since by #{}", fold.changed_by->value);
    return line;
}

const std::string& FailuresPart::line(std::size_t form, std::size_t fold) {
    std::vector<std::string>& lines = lines_[form];
    lines.resize(facts_.failures.folds.size());
    if (lines[fold].empty()) lines[fold] = write_line(forms[form], facts_.failures.folds[fold]);
    return lines[fold];
}

const std::string& FailuresPart::crowded_line(const std::vector<std::size_t>& order, std::size_t i) {
    return line(i < with_reason_in_a_crowd ? crowded_with_reason : crowded, order[i]);
}

DenseList& FailuresPart::dense_list() {
    if (!dense_list_) {
        std::vector<DenseItem> items;
        items.reserve(facts_.failures.folds.size());
        for (const FailureFold& fold : facts_.failures.folds) {
            const std::vector<std::string>& files = fold.told.files;
            items.push_back({numbers_text(fold.members) + mark_of(fold), fold.idea,
                             files.empty() ? std::string() : files.front()});
        }
        dense_list_.emplace(items, facts_.functions);
    }
    return *dense_list_;
}

std::int64_t FailuresPart::failures_in(const std::vector<std::size_t>& chosen) const {
    std::int64_t count = 0;
    for (const std::size_t fold : chosen)
        count += static_cast<std::int64_t>(facts_.failures.folds[fold].members.size());
    return count;
}

/// Those first whose line serves most: near misses, what is close to the focus, and what was tried more than
/// once, because it will come to mind again.
std::vector<std::size_t> FailuresPart::by_use() const {
    std::vector<std::size_t> order;
    std::vector<std::size_t> rest;
    for (const FailureFold& fold : facts_.failures.folds) {
        const bool is_first = fold.relevance <= Relevance::focus || fold.members.size() > 1;
        (is_first ? order : rest).push_back(order.size() + rest.size());
    }
    order.insert(order.end(), rest.begin(), rest.end());
    return order;
}

std::optional<std::size_t> FailuresPart::form_for_all(std::size_t room) {
    const std::size_t count = facts_.failures.folds.size();
    for (std::size_t form = 0; form < forms_for_all; ++form) {
        // No line is written where the ideas alone, as they were recorded, are too long.
        std::size_t ideas = 0;
        for (const FailureFold& fold : facts_.failures.folds)
            ideas += std::min(fold.told.idea.size(), forms[form].idea);
        if (ideas > room) continue;
        std::size_t bytes = is_whole() ? 0 : not_shown(facts_.failures.in_all).size() + 1;
        for (std::size_t fold = 0; fold < count && bytes <= room; ++fold)
            bytes += line(form, fold).size() + 1;
        if (bytes <= room) return form;
    }
    return std::nullopt;
}

std::size_t FailuresPart::bytes_of_lines(const std::vector<std::size_t>& order, std::size_t count,
                                         std::size_t room) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count && bytes <= room; ++i)
        bytes += crowded_line(order, i).size() + 1;
    return bytes;
}

FailuresPart::Choice FailuresPart::choose(std::size_t room) {
    const std::vector<std::size_t> order = by_use();
    const std::size_t word = not_shown(facts_.failures.in_all).size() + 1;
    const std::size_t room_for_all = is_whole() ? room : what_is_left(room, word);
    const auto all_fit = [&](std::size_t in_lines, std::size_t idea_bytes) {
        const std::vector<std::size_t> rest = rest_of(order, in_lines);
        const std::size_t bytes = bytes_of_lines(order, in_lines, room_for_all);
        return bytes <= room_for_all &&
               dense_list().fitting(rest, idea_bytes, room_for_all - bytes) == rest.size();
    };
    std::size_t in_lines = std::min(with_reason_in_a_crowd, order.size());
    const std::size_t room_for_lines = what_is_left(room, word) / 3;
    while (bytes_of_lines(order, in_lines, room_for_lines) > room_for_lines)
        --in_lines;
    if (all_fit(in_lines, least_idea_bytes)) {
        const std::size_t idea_bytes = most_that(least_idea_bytes, most_idea_bytes,
                                                 [&](std::size_t bytes) { return all_fit(in_lines, bytes); });
        in_lines =
            most_that(in_lines, order.size(), [&](std::size_t count) { return all_fit(count, idea_bytes); });
        return {first_of(order, in_lines), rest_of(order, in_lines), idea_bytes};
    }
    // Not all fit: those since the champion while all of them do, else some of each.
    std::vector<std::size_t> rest = rest_of(order, in_lines);
    const auto older = std::find_if(rest.begin(), rest.end(), [&](std::size_t fold) {
        return facts_.failures.folds[fold].relevance == Relevance::older;
    });
    const auto older_from = static_cast<std::size_t>(older - rest.begin());
    const std::size_t left = what_is_left(room, word + bytes_of_lines(order, in_lines, room));
    if (dense_list().fitting(rest, least_idea_bytes, left) < older_from) rest = mixed(rest, older_from);
    const std::size_t shown = dense_list().fitting(rest, least_idea_bytes, left);
    return {first_of(order, in_lines), first_of(rest, shown), least_idea_bytes};
}

std::string FailuresPart::write_in_a_crowd(std::size_t room) {
    const std::string head = std::string(failures_heading) + failures_introduction;
    const std::string dense_head = dense_introduction;
    const std::size_t frames = head.size() + dense_head.size() + 2 * frame_bytes(recorded);
    const Choice choice = choose(what_is_left(room, frames));
    std::vector<std::string> in_lines;
    for (std::size_t i = 0; i < choice.in_lines.size(); ++i)
        in_lines.push_back(crowded_line(choice.in_lines, i));
    std::string text = head + block_of(recorded, in_lines);
    if (!choice.in_dense_list.empty()) {
        text += dense_head + block_of(recorded, dense_list().lines(choice.in_dense_list, choice.idea_bytes));
    }
    const std::string rest =
        not_shown(facts_.failures.in_all - failures_in(choice.in_lines) - failures_in(choice.in_dense_list));
    if (!rest.empty()) text += rest + '\n';
    return text.size() <= room ? text : std::string();
}

std::string FailuresPart::write(std::size_t room) {
    ListPart part;
    part.heading = failures_heading;
    part.label = recorded;
    part.introduction = facts_.failures.folds.empty() ? "Nothing yet.\n" : failures_introduction;
    const std::size_t frame = part.heading.size() + part.introduction.size() + frame_bytes(part.label);
    if (const auto form = form_for_all(what_is_left(room, frame))) {
        for (std::size_t fold = 0; fold < facts_.failures.folds.size(); ++fold)
            part.lines.push_back(line(*form, fold));
        part.left_out = [&](std::size_t) { return not_shown(facts_.failures.in_all - recalled_); };
        return write_list(part, room);
    }
    return write_in_a_crowd(room);
}

PartWriter prepare_failures(const Campaign& campaign, const DigestFacts& facts) {
    return [part = std::make_shared<FailuresPart>(campaign, facts)](std::size_t room) {
        return part->write(room);
    };
}

}  // namespace ratchet
