#include "orchestrator/views/memory_trial_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/notation.hpp"

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;
using Nights = std::vector<NightAtMark>;

struct Mean {
    double value = 0;
    double error = 0;  ///< its standard error
};

Mean mean_of(const Nights& nights, const std::function<double(std::size_t)>& figure) {
    const auto count = static_cast<double>(nights.size());
    Mean mean;
    for (std::size_t i = 0; i < nights.size(); ++i)
        mean.value += figure(i) / count;
    double squares = 0;
    for (std::size_t i = 0; i < nights.size(); ++i)
        squares += (figure(i) - mean.value) * (figure(i) - mean.value);
    if (nights.size() > 1) mean.error = std::sqrt(squares / (count - 1) / count);
    return mean;
}

template <typename Member>
Mean mean_of(const Nights& nights, Member NightAtMark::* member) {
    return mean_of(nights, [&](std::size_t i) { return static_cast<double>(nights[i].*member); });
}

/// The nights of "digest" at this mark; nothing where that arm was not tried.
const Nights* digest_nights(const std::vector<MemoryTrialFigures>& arms, std::size_t mark) {
    const auto found = std::find_if(arms.begin(), arms.end(), [](const MemoryTrialFigures& each) {
        return each.arm.memory == PromptMemory::digest && !each.arm.duplicates_checked;
    });
    return found == arms.end() ? nullptr : &found->marks[mark];
}

std::string row(const MemoryTrialRequest& request, const MemoryTrialFigures& figures, std::size_t mark) {
    const Nights& nights = figures.marks[mark];
    const double proposals = request.marks[mark];
    const Mean gain = mean_of(nights, &NightAtMark::true_gain);
    return fmt::format("{:>9}  {:<13} {:>7.1f}% {:>8.1f}% {:>6.1f}% {:>10} ± {:.1f}% {:>7.1f} {:>9.0f}\n",
                       request.marks[mark], figures.arm.name,
                       100 * mean_of(nights, &NightAtMark::repeats).value / proposals,
                       100 * mean_of(nights, &NightAtMark::measured_repeats).value / proposals,
                       100 * mean_of(nights, &NightAtMark::told_share).value, format_effect(gain.value),
                       100 * gain.error, mean_of(nights, &NightAtMark::benchmark_hours).value,
                       mean_of(nights, &NightAtMark::prompt_bytes).value);
}

Json entry(const MemoryTrialRequest& request, const std::vector<MemoryTrialFigures>& arms,
           const MemoryTrialFigures& figures, std::size_t mark) {
    const Nights& nights = figures.marks[mark];
    const double proposals = request.marks[mark];
    const Mean gain = mean_of(nights, &NightAtMark::true_gain);
    Json json = {{"arm", figures.arm.name},
                 {"proposals", request.marks[mark]},
                 {"nights", request.nights},
                 {"recognition", request.attention.recognition},
                 {"overlooks_shortened", request.attention.overlooked_when_shortened},
                 {"read_anew", request.attention.decided_anew},
                 {"skew", request.skew},
                 {"repeats", mean_of(nights, &NightAtMark::repeats).value / proposals},
                 {"measured_repeats", mean_of(nights, &NightAtMark::measured_repeats).value / proposals},
                 {"returned", mean_of(nights, &NightAtMark::returned).value / proposals},
                 {"told", mean_of(nights, &NightAtMark::told_share).value},
                 {"kept", mean_of(nights, &NightAtMark::kept).value},
                 {"true_gain", gain.value},
                 {"true_gain_error", gain.error},
                 {"benchmark_hours", mean_of(nights, &NightAtMark::benchmark_hours).value},
                 {"prompt_bytes", mean_of(nights, &NightAtMark::prompt_bytes).value}};
    const Nights* digest = digest_nights(arms, mark);
    json["behind_digest"] = nullptr;
    json["behind_digest_error"] = nullptr;
    if (digest != nullptr) {
        const Mean behind =
            mean_of(nights, [&](std::size_t i) { return (*digest)[i].true_gain - nights[i].true_gain; });
        json["behind_digest"] = behind.value;
        json["behind_digest_error"] = behind.error;
    }
    return json;
}

}  // namespace

std::string memory_trial_table(const MemoryTrialRequest& request,
                               const std::vector<MemoryTrialFigures>& arms) {
    std::string text = fmt::format(
        "{} nights; {} ideas, popularity 1/rank^{:g}, true effects {}; {:g}% of them break a gate\n"
        "a model of a proposer, not of a language model; it sees through {:g}% of other words than its "
        "own{}, and overlooks {:g}% of what is shortened\n"
        "{:>9}  {:<13} {:>8} {:>9} {:>7} {:>17} {:>7} {:>9}\n",
        request.nights, ideas_in_pool, request.skew, one_line(request.prior.name), 100 * request.broken_share,
        100 * request.attention.recognition, request.attention.decided_anew ? ", anew each time" : "",
        100 * request.attention.overlooked_when_shortened, "proposals", "memory", "repeats", "measured",
        "told", "true gain", "hours", "prompt");
    for (std::size_t mark = 0; mark < request.marks.size(); ++mark) {
        for (const MemoryTrialFigures& figures : arms)
            text += row(request, figures, mark);
    }
    return text;
}

nlohmann::ordered_json memory_trial_json(const MemoryTrialRequest& request,
                                         const std::vector<MemoryTrialFigures>& arms) {
    Json all = Json::array();
    for (std::size_t mark = 0; mark < request.marks.size(); ++mark) {
        for (const MemoryTrialFigures& figures : arms)
            all.push_back(entry(request, arms, figures, mark));
    }
    return all;
}

}  // namespace ratchet
