#include "orchestrator/proposers/tune_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <utility>

#include "orchestrator/notation.hpp"

namespace ratchet {

namespace {

/// Both ends and the middle of an ordered knob tell where the good values are; refining finds them.
constexpr std::size_t probes_of_an_ordered_knob = 3;

/// What is known of one value of one knob.
struct Knowledge {
    double best_effect = -std::numeric_limits<double>::infinity();  ///< of a change of this knob alone
    bool tried_alone = false;                                       ///< or was what such a change replaced
    int trials = 0;
    int failures = 0;
};

std::set<Setting> seen_settings(const std::vector<KnobTrial>& trials) {
    std::set<Setting> seen;
    for (const KnobTrial& trial : trials) {
        seen.insert(trial.setting);
        seen.insert(trial.parent);
    }
    return seen;
}

bool in_space(const std::vector<Knob>& knobs, const Setting& setting) {
    if (setting.size() != knobs.size()) return false;
    for (std::size_t k = 0; k < knobs.size(); ++k) {
        const auto& values = knobs[k].values;
        if (std::find(values.begin(), values.end(), setting[k]) == values.end()) return false;
    }
    return true;
}

/// One decision of next_setting, with all that it looks at.
class Search {
  public:
    Search(const std::vector<Knob>& knobs, const std::vector<KnobTrial>& trials, const Setting& current)
        : knobs_(knobs), current_(current), seen_(seen_settings(trials)) {
        seen_.insert(current);
        for (const KnobTrial& trial : trials)
            learn(trial);
    }

    std::optional<Setting> explore() const {
        // Knobs in turn: the one with the fewest probes so far, in order of declaration.
        std::vector<std::pair<std::size_t, std::size_t>> turns;
        for (std::size_t k = 0; k < knobs_.size(); ++k)
            turns.emplace_back(probes(k), k);
        std::sort(turns.begin(), turns.end());
        for (const auto& [probed, k] : turns) {
            if (knobs_[k].ordered && probed >= probes_of_an_ordered_knob) continue;
            for (const std::size_t value : probe_order(k)) {
                if (known(k, knobs_[k].values[value]).tried_alone) continue;
                Setting setting = changed(k, knobs_[k].values[value]);
                if (!seen_.contains(setting)) return setting;
            }
        }
        return std::nullopt;
    }

    std::optional<Setting> refine() const {
        if (auto setting = try_neighbours()) return setting;
        if (auto setting = try_pairs()) return setting;
        return try_again_on_this_champion();
    }

    std::optional<Setting> any(std::uint64_t seed) const {
        std::mt19937_64 random(seed);
        // Enough that a draw without a hopeless value is found where a quarter per cent of the space is free
        // of them; then they have their turn, too.
        constexpr int draws = 1000;
        for (int i = 0; i < draws; ++i) {
            Setting setting = value_texts(random_places(random));
            if (!seen_.contains(setting) && !hopeless(setting)) return setting;
        }
        // Counting up from a random place meets an unseen setting after seen + 1 steps at most, unless the
        // whole space is seen.
        std::vector<std::size_t> places = random_places(random);
        const std::uint64_t steps = std::min<std::uint64_t>(space_size(knobs_), seen_.size() + 1);
        for (std::uint64_t i = 0; i < steps; ++i) {
            Setting setting = value_texts(places);
            if (!seen_.contains(setting)) return setting;
            count_up(places);
        }
        return std::nullopt;
    }

  private:
    void learn(const KnobTrial& trial) {
        if (trial.setting.size() != knobs_.size() || trial.parent.size() != knobs_.size()) return;
        std::vector<std::size_t> changes;
        for (std::size_t k = 0; k < knobs_.size(); ++k) {
            Knowledge& knowledge = knowledge_[{k, trial.setting[k]}];
            ++knowledge.trials;
            if (trial.failed) ++knowledge.failures;
            if (trial.setting[k] != trial.parent[k]) changes.push_back(k);
        }
        if (changes.size() != 1) return;
        // A change that was tried tells of its reverse, too: the value that a better one replaced need not be
        // looked at again before others have been.
        const std::size_t k = changes[0];
        learn_alone(knowledge_[{k, trial.setting[k]}], trial.effect);
        learn_alone(knowledge_[{k, trial.parent[k]}],
                    trial.effect ? std::optional(-*trial.effect) : std::nullopt);
    }

    static void learn_alone(Knowledge& knowledge, std::optional<double> effect) {
        knowledge.tried_alone = true;
        if (effect) knowledge.best_effect = std::max(knowledge.best_effect, *effect);
    }

    [[nodiscard]] Knowledge known(std::size_t knob, const std::string& value) const {
        const auto found = knowledge_.find({knob, value});
        return found == knowledge_.end() ? Knowledge{} : found->second;
    }

    /// How many values of the knob were compared with another, all else being equal.
    [[nodiscard]] std::size_t probes(std::size_t knob) const {
        std::size_t count = 0;
        for (auto known = knowledge_.lower_bound({knob, ""}); known != knowledge_.end(); ++known) {
            if (known->first.first != knob) break;
            if (known->second.tried_alone) ++count;
        }
        return count;
    }

    /// The place of the current value among an ordered knob's values; of one that is not among them, the
    /// nearest by size.
    [[nodiscard]] std::size_t current_place(std::size_t knob) const {
        const auto& values = knobs_[knob].values;
        const auto found = std::find(values.begin(), values.end(), current_[knob]);
        if (found != values.end()) return static_cast<std::size_t>(found - values.begin());
        const std::optional<double> number = parse_number(current_[knob]);
        if (!number) return 0;
        std::size_t nearest = 0;
        double distance = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double here = std::abs(parse_number(values[i]).value_or(0) - *number);
            if (here < distance) {
                nearest = i;
                distance = here;
            }
        }
        return nearest;
    }

    /// The most different value first: the end that is farther from the current value, the other end, the
    /// middle. All values in order where they have none.
    [[nodiscard]] std::vector<std::size_t> probe_order(std::size_t knob) const {
        const std::size_t count = knobs_[knob].values.size();
        std::vector<std::size_t> order;
        if (knobs_[knob].ordered) {
            const std::size_t here = current_place(knob);
            const bool upper_first = here <= (count - 1) / 2;
            order = {upper_first ? count - 1 : 0, upper_first ? 0 : count - 1, count / 2};
        } else {
            for (std::size_t i = 0; i < count; ++i)
                order.push_back(i);
        }
        return order;
    }

    [[nodiscard]] Setting changed(std::size_t knob, const std::string& value) const {
        Setting setting = current_;
        setting[knob] = value;
        return setting;
    }

    [[nodiscard]] std::optional<Setting> try_neighbours() const {
        for (std::size_t k = 0; k < knobs_.size(); ++k) {
            if (!knobs_[k].ordered) continue;
            const std::size_t here = current_place(k);
            for (const std::size_t value : {here + 1, here, here - 1}) {
                if (value >= knobs_[k].values.size()) continue;  // `here - 1` of 0 wraps to the largest
                Setting setting = changed(k, knobs_[k].values[value]);
                if (!seen_.contains(setting)) return setting;
            }
        }
        return std::nullopt;
    }

    /// A change of one knob that was tried, but is not part of the current setting.
    struct Change {
        double effect = 0;
        std::size_t knob = 0;
        std::string value;
    };

    [[nodiscard]] std::vector<Change> changes_by_effect() const {
        std::vector<Change> changes;
        for (const auto& [place, knowledge] : knowledge_) {
            const auto& [knob, value] = place;
            if (knowledge.tried_alone && value != current_[knob]) {
                changes.push_back({knowledge.best_effect, knob, value});
            }
        }
        std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
            return std::tie(b.effect, a.knob, a.value) < std::tie(a.effect, b.knob, b.value);
        });
        return changes;
    }

    [[nodiscard]] std::optional<Setting> try_pairs() const {
        // Of the best ones only: among many values, the sums of the others are hardly better than nothing.
        constexpr std::size_t most = 30;
        std::vector<Change> helped = changes_by_effect();
        std::erase_if(helped, [](const Change& change) { return !(change.effect > 0); });
        if (helped.size() > most) helped.resize(most);
        std::optional<Setting> best;
        double best_sum = 0;
        for (const Change& a : helped) {
            for (const Change& b : helped) {
                if (a.knob >= b.knob || a.effect + b.effect <= best_sum) continue;
                Setting setting = changed(a.knob, a.value);
                setting[b.knob] = b.value;
                if (seen_.contains(setting)) continue;
                best = std::move(setting);
                best_sum = a.effect + b.effect;
            }
        }
        return best;
    }

    [[nodiscard]] std::optional<Setting> try_again_on_this_champion() const {
        for (const Change& change : changes_by_effect()) {
            // What failed or made things much worse on another champion (a tenth and more) hardly helps here.
            if (change.effect < -0.1) break;
            Setting setting = changed(change.knob, change.value);
            if (!seen_.contains(setting)) return setting;
        }
        return std::nullopt;
    }

    /// True where one of its values was in two trials or more, and each of them failed.
    [[nodiscard]] bool hopeless(const Setting& setting) const {
        for (std::size_t k = 0; k < knobs_.size(); ++k) {
            const Knowledge knowledge = known(k, setting[k]);
            if (knowledge.trials >= 2 && knowledge.failures == knowledge.trials) return true;
        }
        return false;
    }

    [[nodiscard]] std::vector<std::size_t> random_places(std::mt19937_64& random) const {
        std::vector<std::size_t> places;
        // The remainder's bias is below 2^-50 for the few values that a knob has; unlike a distribution of
        // the standard library, it is the same everywhere.
        for (const Knob& knob : knobs_)
            places.push_back(random() % knob.values.size());
        return places;
    }

    [[nodiscard]] Setting value_texts(const std::vector<std::size_t>& places) const {
        Setting setting;
        for (std::size_t k = 0; k < knobs_.size(); ++k)
            setting.push_back(knobs_[k].values[places[k]]);
        return setting;
    }

    void count_up(std::vector<std::size_t>& places) const {
        for (std::size_t k = 0; k < places.size(); ++k) {
            if (++places[k] < knobs_[k].values.size()) return;
            places[k] = 0;
        }
    }

    const std::vector<Knob>& knobs_;
    const Setting& current_;
    std::set<Setting> seen_;
    std::map<std::pair<std::size_t, std::string>, Knowledge> knowledge_;
};

}  // namespace

std::uint64_t space_size(const std::vector<Knob>& knobs) {
    constexpr std::uint64_t most = std::uint64_t{1} << 63;
    std::uint64_t size = 1;
    for (const Knob& knob : knobs) {
        if (size > most / knob.values.size()) return most;
        size *= knob.values.size();
    }
    return size;
}

bool all_tried(const std::vector<Knob>& knobs, const std::vector<KnobTrial>& trials) {
    const std::set<Setting> seen = seen_settings(trials);
    const std::uint64_t size = space_size(knobs);
    // The usual case, whatever the number of values; some that were seen may lie beside the space.
    if (seen.size() < size) return false;
    const auto counted = std::count_if(seen.begin(), seen.end(),
                                       [&](const Setting& setting) { return in_space(knobs, setting); });
    return static_cast<std::uint64_t>(counted) == size;
}

std::optional<Setting> next_setting(const std::vector<Knob>& knobs, const std::vector<KnobTrial>& trials,
                                    const Setting& current, std::uint64_t seed) {
    // A parent whose own value is none of the declared ones would leave settings beside the space to try.
    if (all_tried(knobs, trials)) return std::nullopt;
    const Search search(knobs, trials, current);
    if (auto setting = search.explore()) return setting;
    if (auto setting = search.refine()) return setting;
    return search.any(seed);
}

}  // namespace ratchet
