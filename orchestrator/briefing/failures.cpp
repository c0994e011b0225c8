#include "orchestrator/briefing/failures.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "experiment_store/characters.hpp"
#include "experiment_store/lookup_copy.hpp"
#include "orchestrator/briefing/policy.hpp"

namespace ratchet {
namespace {

constexpr int near_misses_looked_at = 80;  // of each verdict
constexpr int near_misses_told = 12;
constexpr int focus_failures_read = 24;
constexpr int sample_windows = 8;
constexpr int sample_window_size = 4;

/// For so many lines, which are more than a prompt has room for, it is looked up whether their code was
/// changed.
constexpr std::size_t lines_looked_up = 150;

/// Two ideas of fewer words are too short to be called the same.
constexpr int words_of_an_idea = 3;

struct Recalled {
    Summary experiment;
    Relevance relevance = Relevance::older;
};

/// The recalled failures by number; the most relevant reason for being here wins.
class Recollection {
  public:
    void add(Summary experiment, Relevance relevance) {
        const std::int64_t number = experiment.id.value;
        const auto [at, inserted] =
            rows_.try_emplace(number, Recalled{without_holdout(std::move(experiment)), relevance});
        if (!inserted) at->second.relevance = std::min(at->second.relevance, relevance);
    }

    /// The most relevant first, then the newest. They are too large to be sorted themselves.
    [[nodiscard]] std::vector<Recalled*> ordered() {
        std::vector<Recalled*> order;
        order.reserve(rows_.size());
        for (auto& [number, row] : rows_)
            order.push_back(&row);
        std::sort(order.begin(), order.end(), [](const Recalled* a, const Recalled* b) {
            return a->relevance != b->relevance ? a->relevance < b->relevance
                                                : a->experiment.id > b->experiment.id;
        });
        return order;
    }

  private:
    std::map<std::int64_t, Recalled> rows_;
};

std::vector<Summary> failures(const Ledger& ledger, SummaryQuery query) {
    query.failures_only = true;
    return ledger.summaries(query);
}

std::int64_t failures_in_all(const Ledger& ledger) {
    std::int64_t count = 0;
    for (const auto& [verdict, times] : ledger.tally()) {
        if (verdict != Verdict::kept && verdict != Verdict::interrupted) count += times;
    }
    return count;
}

/// The newest ones, those since the champion before all others. Returns the number from which on nothing is
/// missing.
std::int64_t recall_newest(Recollection& recollection, const Ledger& ledger) {
    const ExperimentId champion = ledger.champion().experiment.value_or(ExperimentId{});
    SummaryQuery query;
    query.limit = newest_failures_read;
    std::vector<Summary> newest = failures(ledger, query);
    const bool all = newest.size() < static_cast<std::size_t>(newest_failures_read);
    const std::int64_t complete_from = all ? 0 : newest.back().id.value;
    for (Summary& experiment : newest) {
        const bool since_champion = experiment.id > champion;
        const Relevance relevance = !since_champion            ? Relevance::older
                                    : is_near_miss(experiment) ? Relevance::near_miss
                                                               : Relevance::recent;
        recollection.add(std::move(experiment), relevance);
    }
    return complete_from;
}

void recall_near_misses(Recollection& recollection, const Ledger& ledger) {
    int left = near_misses_told;
    for (const Verdict verdict : {Verdict::inconclusive, Verdict::no_gain}) {
        SummaryQuery query;
        query.verdict = verdict;
        query.better_among = near_misses_looked_at;
        query.limit = left;
        for (Summary& experiment : ledger.summaries(query)) {
            recollection.add(std::move(experiment), Relevance::near_miss);
            --left;
        }
    }
}

void recall_focus(Recollection& recollection, const Ledger& ledger, const std::string& focus) {
    if (focus.empty()) return;
    SummaryQuery query;
    query.file = focus;
    query.limit = focus_failures_read;
    for (Summary& experiment : failures(ledger, query)) {
        recollection.add(std::move(experiment), Relevance::focus);
    }
}

/// A few neighbours from each eighth of what lies before the failures that were read.
void recall_sample(Recollection& recollection, const Ledger& ledger, std::int64_t before,
                   std::uint64_t seed) {
    for (int window = 0; window < sample_windows; ++window) {
        const std::int64_t from = before * window / sample_windows;
        const std::int64_t width = before * (window + 1) / sample_windows - from;
        if (width <= 0) continue;
        SummaryQuery query;
        query.after =
            ExperimentId{from + static_cast<std::int64_t>(seed % static_cast<std::uint64_t>(width))};
        query.newest_first = false;
        query.limit = sample_window_size;
        for (Summary& experiment : failures(ledger, query)) {
            recollection.add(std::move(experiment), Relevance::older);
        }
    }
}

/// The words of an idea in lower case, a space before each; empty where they are too few to mean anything.
std::string idea_key(std::string_view line) {
    std::string key;
    key.reserve(line.size() + 1);
    int words = 0;
    bool inside = false;
    for (const char letter : line) {
        if (is_digit(letter) || is_letter(letter) || is_beyond_ascii(letter)) {
            if (!inside) ++words;
            if (!inside) key += ' ';
            key += lower(letter);
            inside = true;
        } else {
            inside = false;
        }
    }
    return words < words_of_an_idea ? std::string() : key;
}

/// What groups experiments: the idea in words; a proposer that failed says nothing about the code, so that
/// all such failures are one.
std::string fold_key(const Summary& experiment, std::string_view idea_line) {
    if (experiment.decision && experiment.decision->verdict == Verdict::no_proposal) return "no-proposal";
    std::string files;
    for (const std::string& file : experiment.files)
        files.append(files.empty() ? "" : ", ").append(file);
    if (experiment.idea == files) return {};  // it said nothing of its own
    return idea_key(idea_line);
}

/// What was to be mended and its repair are one attempt.
std::int64_t attempt_of(const Summary& experiment) {
    return experiment.repair_of.value_or(experiment.id).value;
}

/// Joins those that share an idea's words or have the same diff but for its form, and each with its repair.
/// The rows come most relevant first, so that the first of each fold is the one to tell.
///
/// A fold hides all of its members but one, so only what is the same by its fingerprint is folded: with 3
/// bits (Manku, Jain and Das Sarma 2007) half as many different edits again would be (docs/duplicates.md).
std::vector<FailureFold> fold(const std::vector<Recalled*>& rows) {
    std::vector<FailureFold> folds;
    folds.reserve(rows.size());
    std::unordered_map<std::string, std::size_t> by_key;
    std::unordered_map<std::uint64_t, std::size_t> by_fingerprint;
    std::unordered_map<std::int64_t, std::size_t> by_attempt;
    for (Recalled* row : rows) {
        IdeaLine idea(row->experiment.idea);
        std::string key = fold_key(row->experiment, idea.text());
        const std::uint64_t fingerprint = row->experiment.fingerprint;
        const ExperimentId id = row->experiment.id;
        std::size_t at = folds.size();
        const std::int64_t attempt = attempt_of(row->experiment);
        if (const auto first = by_attempt.find(attempt); first != by_attempt.end()) {
            at = first->second;
        } else if (const auto known = by_key.find(key); !key.empty() && known != by_key.end()) {
            at = known->second;
        } else if (const auto same = by_fingerprint.find(fingerprint);
                   fingerprint != 0 && same != by_fingerprint.end()) {
            at = same->second;
        }
        by_attempt.emplace(attempt, at);
        if (!key.empty()) by_key.try_emplace(std::move(key), at);
        if (fingerprint != 0) by_fingerprint.emplace(fingerprint, at);
        if (at == folds.size())
            folds.push_back({std::move(row->experiment), std::move(idea), {}, row->relevance, {}});
        folds[at].members.push_back(id);
    }
    for (FailureFold& each : folds)
        std::sort(each.members.begin(), each.members.end());
    return folds;
}

/// The idea of what broke a build or a gate was not at fault where its repair was kept.
void look_for_repairs(const Ledger& ledger, std::vector<FailureFold>& folds) {
    for (std::size_t i = 0; i < std::min(folds.size(), lines_looked_up); ++i) {
        Summary& told = folds[i].told;
        const bool broke = told.decision && (told.decision->verdict == Verdict::build_failed ||
                                             told.decision->verdict == Verdict::gate_failed);
        const auto repair = broke ? ledger.repaired_by(told.id) : std::nullopt;
        if (!repair) continue;
        const std::vector<Summary> mended = ledger.summaries_of({*repair});
        const bool kept = !mended.empty() && mended.front().decision &&
                          mended.front().decision->verdict == Verdict::kept && !mended.front().vetoed;
        if (kept) told.decision->reason += fmt::format("; mended and kept as #{}", repair->value);
    }
}

/// What failed before the champion was made may have met other code than there is now.
void look_for_changed_code(const Ledger& ledger, std::vector<FailureFold>& folds) {
    const ExperimentId newest = ledger.champion().experiment.value_or(ExperimentId{});
    const std::size_t looked_up = std::min(folds.size(), lines_looked_up);
    std::vector<ExperimentId> older;
    for (std::size_t i = 0; i < looked_up; ++i) {
        if (folds[i].told.id < newest) older.push_back(folds[i].told.id);
    }
    const std::map<ExperimentId, ExperimentId> changed = ledger.changed_since(older);
    for (std::size_t i = 0; i < looked_up; ++i) {
        if (const auto by = changed.find(folds[i].told.id); by != changed.end())
            folds[i].changed_by = by->second;
    }
}

}  // namespace

Summary without_holdout(Summary experiment) {
    if (experiment.decision) experiment.decision = as_told_to_proposers(*std::move(experiment.decision));
    return experiment;
}

Failures recall_failures(const Ledger& ledger, const Brief& brief) {
    Recollection recollection;
    const std::int64_t complete_from = recall_newest(recollection, ledger);
    recall_near_misses(recollection, ledger);
    recall_focus(recollection, ledger, brief.focus);
    recall_sample(recollection, ledger, complete_from, brief.seed);
    Failures failures{fold(recollection.ordered()), failures_in_all(ledger)};
    look_for_changed_code(ledger, failures.folds);
    look_for_repairs(ledger, failures.folds);
    return failures;
}

}  // namespace ratchet
