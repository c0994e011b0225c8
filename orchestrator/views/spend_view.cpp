#include "orchestrator/views/spend_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/budget.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/declared.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::pair<std::string, std::string>>;

// One screen has room for so many.
constexpr std::size_t proposers_shown = 5;
constexpr std::size_t models_shown = 4;

/// Lines of `spend` under one heading, added up.
struct Sum {
    std::int64_t experiments = 0;
    std::int64_t kept = 0;
    std::int64_t tokens = 0;
    std::int64_t priced = 0;
    double cost = 0;
    double gain = 0;

    void add(const Spend& line) {
        experiments += line.experiments;
        if (line.verdict == Verdict::kept) kept += line.experiments;
        tokens += line.input_tokens + line.output_tokens;
        priced += line.priced;
        cost += line.cost;
        gain += line.gain;
    }
};

template <typename Key>
std::map<Key, Sum> added_up(const std::vector<Spend>& lines, Key Spend::* by) {
    std::map<Key, Sum> sums;
    for (const Spend& line : lines)
        sums[line.*by].add(line);
    return sums;
}

bool is_known(const std::vector<Spend>& lines) {
    return std::any_of(lines.begin(), lines.end(), [](const Spend& line) {
        return line.requests > 0 || line.input_tokens + line.output_tokens > 0 || line.priced > 0;
    });
}

/// The dearest first, then who was asked most.
template <typename Key>
std::vector<std::pair<Key, Sum>> dearest_first(const std::map<Key, Sum>& sums) {
    std::vector<std::pair<Key, Sum>> ordered(sums.begin(), sums.end());
    std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
        if (a.second.cost != b.second.cost) return a.second.cost > b.second.cost;
        return a.second.experiments != b.second.experiments ? a.second.experiments > b.second.experiments
                                                            : a.first < b.first;
    });
    return ordered;
}

/// "$4.10", or the tokens where no price is known.
std::string amount(const Sum& sum) {
    if (sum.priced > 0) return format_money(sum.cost);
    return format_count(sum.tokens) + " tokens";
}

std::string proposer_text(const std::string& name, const Sum& sum, const Benchmark& benchmark) {
    std::string text = fmt::format("{}: {} experiment{}, {} kept", one_line(name), sum.experiments,
                                   sum.experiments == 1 ? "" : "s", sum.kept);
    if (sum.kept > 0) text += " for " + format_effect(sum.gain, benchmark.scale);
    if (sum.priced > 0 || sum.tokens > 0) text += ", " + amount(sum);
    const std::string rate = sum.priced > 0 ? cost_of_gain(sum.cost, sum.gain, benchmark) : std::string();
    return rate.empty() ? text : text + "; " + rate;
}

std::string model_text(const ModelSpend& model) {
    std::string text = one_line(model.model);
    if (model.unpriced < model.requests) text += " " + format_money(model.cost);
    if (model.unpriced > 0) text += fmt::format(" no price for {} requests", model.unpriced);
    return text;
}

template <typename Range, typename Text>
std::string joined(const Range& range, std::size_t at_most, Text text) {
    std::string all;
    std::size_t shown = 0;
    for (const auto& each : range) {
        if (shown == at_most) return all + ", …";
        all += (shown++ == 0 ? "" : ", ") + text(each);
    }
    return all;
}

void add_models(Rows& rows, const Ledger& ledger, const std::vector<Spend>& lines) {
    std::vector<ModelSpend> models = ledger.model_spend();
    if (!models.empty()) {
        std::sort(models.begin(), models.end(), [](const ModelSpend& a, const ModelSpend& b) {
            return a.cost != b.cost ? a.cost > b.cost : a.model < b.model;
        });
        rows.emplace_back("by model", joined(models, models_shown, model_text));
        return;
    }
    std::map<std::string, Sum> sums = added_up(lines, &Spend::model);
    sums.erase("");
    if (sums.empty()) return;
    rows.emplace_back("by model", joined(dearest_first(sums), models_shown, [](const auto& each) {
                          return one_line(each.first) + " " + amount(each.second);
                      }));
}

template <typename Number>
Json drawn_json(const std::optional<Number>& limit, Number used) {
    if (!limit) return nullptr;
    return {{"limit", *limit}, {"used", used}, {"left", std::max(Number{}, *limit - used)}};
}

}  // namespace

std::string usage_text(const Usage& usage) {
    std::string text;
    const auto add = [&](const std::string& words) { text += (text.empty() ? "" : ", ") + words; };
    if (usage.requests > 0) add(fmt::format("{} requests", usage.requests));
    if (usage.input_tokens > 0 || usage.output_tokens > 0) {
        add(fmt::format("{} + {} tokens", format_count(usage.input_tokens),
                        format_count(usage.output_tokens)));
    }
    if (usage.cost) add(format_money(*usage.cost));
    return text;
}

std::string cost_of_gain(double cost, double gain, const Benchmark& benchmark) {
    if (gain <= 0 || cost <= 0) return {};
    if (benchmark.scale == Scale::ratio) return format_money(cost / (std::expm1(gain) * 100)) + " for 1 %";
    const std::string unit = benchmark.unit.empty() ? std::string() : " " + one_line(benchmark.unit);
    return format_money(cost / gain) + " for 1" + unit;
}

Rows spend_rows(const Campaign& campaign, const Ledger& ledger) {
    Rows rows;
    if (const std::string usage = usage_text(ledger.total_usage()); !usage.empty())
        rows.emplace_back("usage", usage);
    const std::vector<Spend> lines = ledger.spend();
    const bool several = !campaign.further_proposers.empty();
    if (is_known(lines) || several) {
        std::size_t shown = 0;
        for (const auto& [name, sum] : dearest_first(added_up(lines, &Spend::proposer))) {
            if (shown == proposers_shown) break;
            rows.emplace_back(shown++ == 0 ? "by proposer" : "",
                              proposer_text(name, sum, campaign.benchmark));
        }
    }
    if (is_known(lines)) {
        add_models(rows, ledger, lines);
        rows.emplace_back(
            "by verdict",
            joined(added_up(lines, &Spend::verdict), Names<Verdict>::names.size(), [](const auto& each) {
                return fmt::format("{} {}", name_of(each.first), amount(each.second));
            }));
    }
    if (several) {
        const Brief next = plan(campaign, ledger);
        rows.emplace_back("asks next", one_line(next.proposer + ": " + next.choice));
    }
    return rows;
}

std::string drawn_budgets(const Campaign& campaign, const Ledger& ledger) {
    const Allowance& limit = campaign.budget.allowance;
    const Usage used = ledger.total_usage();
    std::string text;
    const auto add = [&](const std::string& words) { text += (text.empty() ? "" : "; ") + words; };
    if (limit.cost)
        add(fmt::format("{} of {}", format_money(used.cost.value_or(0)), format_money(*limit.cost)));
    const auto count = [&](const std::optional<std::int64_t>& most, std::int64_t counted, const char* what) {
        if (most) add(fmt::format("{} of {} {}", format_count(counted), format_count(*most), what));
    };
    count(limit.requests, used.requests, "requests");
    count(limit.input_tokens, used.input_tokens, "input tokens");
    count(limit.output_tokens, used.output_tokens, "output tokens");
    if (campaign.budget.target) {
        const std::string unit = one_line(campaign.benchmark.unit);
        const auto value = champion_value(ledger);
        add(fmt::format("{}target {}", value ? format_value(*value, unit) + ", " : "",
                        format_value(*campaign.budget.target, unit)));
    }
    return text;
}

Json budget_json(const Campaign& campaign, const Ledger& ledger) {
    const Budget& budget = campaign.budget;
    const Allowance& limit = budget.allowance;
    const Usage used = ledger.total_usage();
    Json target = nullptr;
    if (budget.target) {
        const auto value = champion_value(ledger);
        target = {{"limit", *budget.target}, {"champion", value ? Json(*value) : Json(nullptr)}};
    }
    return {{"experiments", drawn_json(budget.experiments, ledger.experiment_count())},
            {"plateau", drawn_json(budget.plateau, ledger.since_last_kept())},
            {"requests", drawn_json(limit.requests, used.requests)},
            {"input_tokens", drawn_json(limit.input_tokens, used.input_tokens)},
            {"output_tokens", drawn_json(limit.output_tokens, used.output_tokens)},
            {"cost", drawn_json(limit.cost, used.cost.value_or(0))},
            {"target", std::move(target)}};
}

Json spend_json(const Ledger& ledger) {
    Json list = Json::array();
    for (const Spend& line : ledger.spend()) {
        list.push_back({{"proposer", line.proposer},
                        {"model", line.model.empty() ? Json(nullptr) : Json(line.model)},
                        {"verdict", name_of(line.verdict)},
                        {"experiments", line.experiments},
                        {"requests", line.requests},
                        {"input_tokens", line.input_tokens},
                        {"output_tokens", line.output_tokens},
                        {"priced", line.priced},
                        {"cost", line.priced > 0 ? Json(line.cost) : Json(nullptr)},
                        {"wall_seconds", line.wall_seconds},
                        {"gain", line.gain}});
    }
    return list;
}

Json model_spend_json(const Ledger& ledger) {
    Json list = Json::array();
    for (const ModelSpend& model : ledger.model_spend()) {
        list.push_back({{"model", model.model},
                        {"requests", model.requests},
                        {"failed", model.failed},
                        {"input_tokens", model.input_tokens},
                        {"cached_tokens", model.cached_tokens},
                        {"output_tokens", model.output_tokens},
                        {"unpriced", model.unpriced},
                        {"cost", model.unpriced < model.requests ? Json(model.cost) : Json(nullptr)},
                        {"wall_seconds", model.wall_seconds}});
    }
    return list;
}

Json proposers_json(const Campaign& campaign, const Ledger& ledger) {
    Json list = Json::array();
    for (const ProposerRecord& record : records_of(campaign, ledger)) {
        const ProposerSettings& settings = *proposer_named(campaign, record.name);
        list.push_back({{"name", record.name},
                        {"use", settings.use},
                        {"weight", settings.weight},
                        {"recent_experiments", record.experiments},
                        {"recent_kept", record.kept},
                        {"recent_gain", record.gain},
                        {"recent_cost", record.experiments > 0 ? Json(record.cost) : Json(nullptr)},
                        {"cost_unit", record.in_dollars ? "dollars" : "minutes"}});
    }
    return list;
}

Json next_proposer_json(const Campaign& campaign, const Ledger& ledger) {
    const Brief next = plan(campaign, ledger);
    return {{"name", next.proposer}, {"reason", next.choice.empty() ? Json(nullptr) : Json(next.choice)}};
}

}  // namespace ratchet
