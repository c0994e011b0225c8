#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "experiment_store/campaign.hpp"

namespace ratchet {

/// The date of the prices that ratchet knows by itself, as their sellers published them: of prompts that are
/// not called long (some models cost more from 100,000 or 200,000 tokens on), without any discount or premium
/// for when the answer comes.
inline constexpr std::string_view known_prices_dated = "2026-10-27";
/// In no order.
std::span<const Price> known_prices();

/// What requests to models cost.
class Prices {
  public:
    /// `own` go before what ratchet knows.
    explicit Prices(std::vector<Price> own = {});

    /// Of the model of this name. A name may have a date or "-latest" behind that of the table, and the
    /// seller before it ("anthropic/claude-sonnet-4-5-20250929" is "claude-sonnet-4-5"). Nothing where none
    /// is known: a price is never guessed.
    [[nodiscard]] const Price* of(std::string_view model) const;

    /// US dollars for so many tokens, of which `cached` input ones came from the provider's cache. Nothing
    /// where the model has no price and used any.
    [[nodiscard]] std::optional<double> cost(std::string_view model, std::int64_t input_tokens,
                                             std::int64_t cached_tokens, std::int64_t output_tokens) const;
    [[nodiscard]] std::optional<double> cost(const ModelRequest& request) const;

  private:
    std::vector<Price> own_;
};

}  // namespace ratchet
