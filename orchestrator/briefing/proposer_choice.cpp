#include "orchestrator/briefing/proposer_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/beta.hpp>

#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/declared.hpp"

namespace ratchet {
namespace {

/// SplitMix64 (Steele, Lea and Flood 2014), as a fraction in (0, 1).
double fraction(std::uint64_t seed, std::uint64_t draw) {
    std::uint64_t value = seed + (draw + 1) * 0x9E3779B97F4A7C15ULL;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    value ^= value >> 31;
    return (static_cast<double>(value >> 11) + 0.5) / 9007199254740992.0;  // 2^53
}

bool came_to_nothing(const FinishedExperiment& outcome) {
    return outcome.verdict == Verdict::no_proposal ||
           (outcome.verdict == Verdict::rejected && outcome.rejection == Rejection::empty);
}

/// What the campaign's own proposers were asked for; an abandoned experiment says nothing of who made it.
std::vector<FinishedExperiment> relevant(const Campaign& campaign, const Ledger& ledger) {
    std::vector<FinishedExperiment> outcomes = ledger.newest_finished(experiments_that_choose);
    std::erase_if(outcomes, [&](const FinishedExperiment& outcome) {
        return outcome.verdict == Verdict::interrupted ||
               proposer_named(campaign, outcome.proposer) == nullptr;
    });
    return outcomes;
}

/// What proposals cost, in one unit for all.
class Costs {
  public:
    explicit Costs(const std::vector<FinishedExperiment>& outcomes) {
        for (const FinishedExperiment& outcome : outcomes)
            in_dollars_ &= came_to_nothing(outcome) || outcome.usage.cost.value_or(0) > 0;
        for (const FinishedExperiment& outcome : outcomes) {
            if (came_to_nothing(outcome)) continue;
            sum_ += of(outcome);
            ++count_;
        }
        in_dollars_ &= count_ > 0;
    }
    [[nodiscard]] bool in_dollars() const { return in_dollars_; }
    [[nodiscard]] double mean() const { return count_ == 0 || sum_ <= 0 ? 1 : sum_ / count_; }
    [[nodiscard]] double of(const FinishedExperiment& outcome) const {
        constexpr double seconds_of_a_minute = 60;
        if (came_to_nothing(outcome)) return mean();
        return in_dollars_ ? outcome.usage.cost.value_or(0)
                           : outcome.usage.wall_seconds / seconds_of_a_minute;
    }

  private:
    bool in_dollars_ = true;
    double sum_ = 0;
    int count_ = 0;
};

/// The mean of what it cost, with the mean of all once more, as if it had cost that once before.
double mean_cost(const std::vector<FinishedExperiment>& outcomes, const std::string& name,
                 const Costs& costs) {
    double sum = costs.mean();
    int count = 1;
    for (const FinishedExperiment& outcome : outcomes) {
        if (outcome.proposer != name) continue;
        sum += costs.of(outcome);
        ++count;
    }
    return sum / count;
}

struct Draw {
    const ProposerRecord* record = nullptr;
    double drawn = 0;  ///< what one of its proposals earns
    [[nodiscard]] double for_its_cost() const { return drawn / record->cost; }
};

std::string what_it_brought(const ProposerRecord& record, Scale scale) {
    if (record.experiments == 0) return fmt::format("{} was not asked lately", record.name);
    const std::string cost =
        record.in_dollars ? format_money(record.cost) : format_duration(Seconds(record.cost * 60));
    const std::string gain = record.kept == 0 ? "" : " for " + format_effect(record.gain, scale);
    return fmt::format("{} kept {} of {}{} at {} each", record.name, record.kept, record.experiments, gain,
                       cost);
}

/// Those that are passed over, for the end of a reason.
std::string all_but(const PassedOver& passed_over) {
    std::string text;
    for (const auto& [name, why] : passed_over)
        text += fmt::format("; not {}: {}", name, why);
    return text;
}

ChosenProposer by_lot(const std::vector<const ProposerSettings*>& choice, std::uint64_t seed,
                      const PassedOver& passed_over) {
    double all = 0;
    for (const ProposerSettings* proposer : choice)
        all += proposer->weight;
    double left = fraction(seed, 0) * all;
    const ProposerSettings* chosen = choice.back();
    for (const ProposerSettings* proposer : choice) {
        if (left < proposer->weight) {
            chosen = proposer;
            break;
        }
        left -= proposer->weight;
    }
    return {name_of(*chosen),
            fmt::format("by lot, with a weight of {} in {}{}", format_number(chosen->weight),
                        format_number(all), all_but(passed_over))};
}

ChosenProposer by_earnings(const Campaign& campaign, const std::vector<ProposerRecord>& records,
                           std::uint64_t seed, const PassedOver& passed_over) {
    std::vector<Draw> draws;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const ProposerRecord& record = records[i];
        if (passed_over.contains(record.name)) continue;
        const boost::math::beta_distribution<> belief(1 + record.reward,
                                                      1 + std::max(0.0, record.experiments - record.reward));
        draws.push_back({&record, boost::math::quantile(belief, fraction(seed, i))});
    }
    const Draw best = *std::max_element(draws.begin(), draws.end(), [](const Draw& a, const Draw& b) {
        return a.for_its_cost() < b.for_its_cost();
    });
    std::string reason = "drawn by what each earns for its cost: ";
    for (const Draw& draw : draws) {
        reason += fmt::format("{}{} (drawn {:.2g})", &draw == draws.data() ? "" : ", ",
                              what_it_brought(*draw.record, campaign.benchmark.scale),
                              draw.for_its_cost() / best.for_its_cost());
    }
    return {best.record->name, reason + all_but(passed_over)};
}

}  // namespace

std::vector<ProposerRecord> records_of(const Campaign& campaign, const Ledger& ledger) {
    const std::vector<FinishedExperiment> outcomes = relevant(campaign, ledger);
    const Costs costs(outcomes);
    double greatest = 0;
    for (const FinishedExperiment& outcome : outcomes)
        greatest = std::max(greatest, outcome.gain);
    std::vector<ProposerRecord> records;
    for (const ProposerSettings* proposer : proposers_of(campaign)) {
        ProposerRecord record;
        record.name = name_of(*proposer);
        for (const FinishedExperiment& outcome : outcomes) {
            if (outcome.proposer != record.name) continue;
            ++record.experiments;
            if (outcome.verdict != Verdict::kept) continue;
            ++record.kept;
            record.gain += outcome.gain;
            if (greatest > 0) record.reward += std::max(0.0, outcome.gain) / greatest;
        }
        record.cost = mean_cost(outcomes, record.name, costs);
        record.in_dollars = costs.in_dollars();
        records.push_back(std::move(record));
    }
    return records;
}

std::optional<ChosenProposer> choose_proposer(const Campaign& campaign, const Ledger& ledger,
                                              std::uint64_t seed, const PassedOver& passed_over) {
    std::vector<const ProposerSettings*> choice = proposers_of(campaign);
    const bool alone = choice.size() == 1;
    std::erase_if(choice, [&](const ProposerSettings* each) { return passed_over.contains(name_of(*each)); });
    if (choice.empty()) return std::nullopt;
    if (alone) return ChosenProposer{name_of(*choice.front()), {}};
    if (choice.size() == 1)
        return ChosenProposer{name_of(*choice.front()), "the only one to ask" + all_but(passed_over)};
    if (campaign.proposer_policy == ProposerPolicy::weights) return by_lot(choice, seed, passed_over);
    return by_earnings(campaign, records_of(campaign, ledger), seed, passed_over);
}

}  // namespace ratchet
