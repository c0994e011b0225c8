#include "orchestrator/gateway/spending.hpp"

#include <fmt/format.h>

#include <utility>

namespace ratchet {
namespace {

std::string used_up(std::int64_t used, std::int64_t allowed, const char* what) {
    return fmt::format("the budget for this proposal is used up: {} of {} {}", used, allowed, what);
}

}  // namespace

std::int64_t tokens_of_bytes(std::int64_t bytes) {
    return (bytes + 3) / 4;
}

std::string Spending::refusal() const {
    if (allowance_.requests && used_.requests >= *allowance_.requests)
        return used_up(used_.requests, *allowance_.requests, "requests");
    const std::int64_t input = used_.input_tokens + input_under_way_;
    if (allowance_.input_tokens && input >= *allowance_.input_tokens)
        return used_up(input, *allowance_.input_tokens, "input tokens");
    if (allowance_.output_tokens && used_.output_tokens >= *allowance_.output_tokens)
        return used_up(used_.output_tokens, *allowance_.output_tokens, "output tokens");
    if (allowance_.cost && used_.cost.value_or(0) >= *allowance_.cost)
        return fmt::format("the budget for this proposal is used up: {:.4f} of {:.4f} US dollars",
                           used_.cost.value_or(0), *allowance_.cost);
    return {};
}

std::size_t Spending::begin(ModelRequest request) {
    ++used_.requests;
    input_under_way_ += request.input_tokens;
    requests_.push_back(std::move(request));
    return requests_.size() - 1;
}

void Spending::end(std::size_t number, ModelRequest request) {
    input_under_way_ -= requests_[number].input_tokens;
    used_.input_tokens += request.input_tokens;
    used_.output_tokens += request.output_tokens;
    const std::optional<double> cost = cost_of_ ? cost_of_(request) : std::nullopt;
    if (cost) used_.cost = used_.cost.value_or(0) + *cost;
    requests_[number] = std::move(request);
}

}  // namespace ratchet
