#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// About how many tokens so many bytes of text are: a token of English or of code is some four bytes
/// (OpenAI's and Anthropic's own rule of thumb).
std::int64_t tokens_of_bytes(std::int64_t bytes);

/// What the requests of one run have used, against what they may.
class Spending {
  public:
    /// US dollars; nothing where the price is not known.
    using CostOf = std::function<std::optional<double>(const ModelRequest&)>;

    Spending(const Allowance& allowance, CostOf cost_of)
        : allowance_(allowance), cost_of_(std::move(cost_of)) {}

    /// Why no further request may be sent, in words for who reads the error; empty: it may. What is under way
    /// counts by what went in.
    [[nodiscard]] std::string refusal() const;
    /// A request is sent. Returns its number, in their order.
    std::size_t begin(ModelRequest request);
    /// It has ended; what `request` says now replaces what was known of it.
    void end(std::size_t number, ModelRequest request);
    [[nodiscard]] const ModelRequest& request(std::size_t number) const { return requests_[number]; }

    [[nodiscard]] const std::vector<ModelRequest>& requests() const { return requests_; }
    /// The sums of what has ended; wall_seconds is left to others.
    [[nodiscard]] const Usage& usage() const { return used_; }

  private:
    Allowance allowance_;
    CostOf cost_of_;
    std::vector<ModelRequest> requests_;
    Usage used_;
    std::int64_t input_under_way_ = 0;
};

}  // namespace ratchet
