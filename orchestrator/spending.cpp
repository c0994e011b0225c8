#include "orchestrator/spending.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/declared.hpp"

namespace ratchet {
namespace {

std::string as_text(std::int64_t count) {
    return format_count(count);
}
std::string as_text(double dollars) {
    return format_money(dollars);
}

/// One of the budgets: empty, where the next step stays within it.
template <typename Number>
std::string passed(const char* key, const std::optional<Number>& limit, Number used, Number next) {
    if (!limit) return {};
    if (used >= *limit) {
        return fmt::format("the budget of {} {} is spent (budget.{})", as_text(*limit),
                           key == std::string_view("cost") ? "for proposals" : key, key);
    }
    if (next <= *limit - used) return {};
    return fmt::format("the next proposal would pass budget.{}: {} of {} are used, and one takes up to {}",
                       key, as_text(used), as_text(*limit), as_text(next));
}

template <typename Number>
std::optional<Number> lesser(const std::optional<Number>& one, const std::optional<Number>& other) {
    if (!one || !other) return one ? one : other;
    return std::min(*one, *other);
}

template <typename Number>
std::optional<Number> left(const std::optional<Number>& limit, Number used) {
    return limit ? std::optional(std::max(Number{}, *limit - used)) : std::nullopt;
}

template <typename Number>
Number at_most(Number value, const std::optional<Number>& limit) {
    return limit ? std::min(value, *limit) : value;
}

Allowance left_of(const Allowance& limit, const Usage& used) {
    return {left(limit.requests, used.requests), left(limit.input_tokens, used.input_tokens),
            left(limit.output_tokens, used.output_tokens), left(limit.cost, used.cost.value_or(0))};
}

/// The one that wrote most; the first by name where several did.
std::string main_model(const std::vector<ModelRequest>& requests) {
    std::map<std::string, std::int64_t> written;
    for (const ModelRequest& request : requests)
        written[request.model] += request.output_tokens;
    const auto most = std::max_element(written.begin(), written.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == written.end() ? std::string() : most->first;
}

}  // namespace

bool was_run(const FinishedExperiment& outcome) {
    return outcome.verdict != Verdict::rejected && outcome.verdict != Verdict::no_proposal &&
           outcome.verdict != Verdict::interrupted;
}

Usage expected_usage(const ProposerSettings& proposer, const std::vector<FinishedExperiment>& newest_first) {
    Usage most;
    double cost = 0;
    int looked_at = 0;
    for (const FinishedExperiment& outcome : newest_first) {
        if (outcome.proposer != name_of(proposer)) continue;
        if (looked_at++ == experiments_that_tell) break;
        most.requests = std::max(most.requests, outcome.usage.requests);
        most.input_tokens = std::max(most.input_tokens, outcome.usage.input_tokens);
        most.output_tokens = std::max(most.output_tokens, outcome.usage.output_tokens);
        cost = std::max(cost, outcome.usage.cost.value_or(0));
    }
    const Allowance& limit = proposer.allowance;
    most.requests = at_most(most.requests, limit.requests);
    most.input_tokens = at_most(most.input_tokens, limit.input_tokens);
    most.output_tokens = at_most(most.output_tokens, limit.output_tokens);
    most.cost = at_most(cost, limit.cost);
    return most;
}

std::string too_dear(const Budget& budget, const ProposerSettings& proposer, const Usage& used,
                     const std::vector<FinishedExperiment>& newest_first) {
    const Allowance& limit = budget.allowance;
    if (!asks_somebody(proposer)) return {};
    const Usage next = expected_usage(proposer, newest_first);
    for (std::string reason :
         {passed("cost", limit.cost, used.cost.value_or(0), next.cost.value_or(0)),
          passed("requests", limit.requests, used.requests, next.requests),
          passed("input_tokens", limit.input_tokens, used.input_tokens, next.input_tokens),
          passed("output_tokens", limit.output_tokens, used.output_tokens, next.output_tokens)}) {
        if (!reason.empty()) return reason;
    }
    return {};
}

Allowance allowance_of(const Budget& budget, const ProposerSettings& proposer, const Usage& used,
                       const Usage& begun) {
    const Allowance own = left_of(proposer.allowance, begun);
    const Allowance shared = left_of(left_of(budget.allowance, used), begun);
    return {lesser(own.requests, shared.requests), lesser(own.input_tokens, shared.input_tokens),
            lesser(own.output_tokens, shared.output_tokens), lesser(own.cost, shared.cost)};
}

void settle(ProposerAnswer& answer, const Prices& prices) {
    Usage& usage = answer.usage;
    if (answer.model_requests.empty()) {
        // Most of what an agent sends comes from the cache, at a tenth of the price: without that figure a
        // cost would be wrong several times over.
        if (!usage.cost && !answer.model.empty() && answer.cached_tokens) {
            usage.cost =
                prices.cost(answer.model, usage.input_tokens, *answer.cached_tokens, usage.output_tokens);
        }
        return;
    }
    Usage seen;
    seen.wall_seconds = usage.wall_seconds;
    double cost = 0;
    bool all_priced = true;
    for (ModelRequest& request : answer.model_requests) {
        request.cost = prices.cost(request);
        all_priced &= request.cost.has_value();
        cost += request.cost.value_or(0);
        ++seen.requests;
        seen.input_tokens += request.input_tokens;
        seen.output_tokens += request.output_tokens;
    }
    seen.cost = all_priced ? std::optional(cost) : usage.cost;
    // A part of the cost is better than none, for a budget that is to be kept.
    if (!seen.cost && cost > 0) seen.cost = cost;
    usage = seen;
    answer.model = main_model(answer.model_requests);
}

std::vector<std::string> unpriced_models(const ProposerAnswer& answer, const Prices& prices) {
    std::set<std::string> models;
    for (const ModelRequest& request : answer.model_requests) {
        if (!prices.cost(request)) models.insert(request.model);
    }
    const Usage& usage = answer.usage;
    const bool told_only = answer.model_requests.empty() && !usage.cost && !answer.model.empty();
    if (told_only && !prices.cost(answer.model, usage.input_tokens, 0, usage.output_tokens))
        models.insert(answer.model);
    return {models.begin(), models.end()};
}

}  // namespace ratchet
