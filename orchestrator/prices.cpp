#include "orchestrator/prices.hpp"

#include <algorithm>

namespace ratchet {
namespace {

/// A date as it stands behind a model's name ("20250929", "2025-08-07"), or "latest".
bool is_date(std::string_view text) {
    if (text == "latest") return true;
    std::size_t digits = 0;
    for (const char letter : text) {
        if (letter >= '0' && letter <= '9') {
            ++digits;
        } else if (letter != '-') {
            return false;
        }
    }
    return digits == 8;
}

/// Whether this is the model of the table, of whatever date.
bool is_model(std::string_view name, std::string_view model) {
    if (!name.starts_with(model)) return false;
    name.remove_prefix(model.size());
    return name.empty() || (name.front() == '-' && is_date(name.substr(1)));
}

const Price* found_in(std::span<const Price> prices, std::string_view name) {
    for (const Price& price : prices) {
        if (price.model == name) return &price;
    }
    for (const Price& price : prices) {
        if (is_model(name, price.model)) return &price;
    }
    return nullptr;
}

}  // namespace

std::span<const Price> known_prices() {
    static const std::string date(known_prices_dated);
    // From the price lists of Anthropic (platform.claude.com/docs/en/about-claude/pricing), OpenAI
    // (developers.openai.com/api/docs/pricing) and Google (ai.google.dev/gemini-api/docs/pricing). Left out
    // are models whose price differs several times over by the length of the prompt, or changes on a day that
    // is announced.
    static const std::vector<Price> prices = {
        {"claude-fable-5-1", 10, 50, 0.25, date},
        {"claude-fable-5", 10, 50, 1, date},
        {"claude-opus-5-5", 4, 20, 0.2, date},
        {"claude-opus-5", 5, 25, 0.5, date},
        {"claude-opus-4-8", 5, 25, 0.5, date},
        {"claude-opus-4-7", 5, 25, 0.5, date},
        {"claude-opus-4-6", 5, 25, 0.5, date},
        {"claude-opus-4-5", 5, 25, 0.5, date},
        {"claude-sonnet-5-5", 2, 10, 0.1, date},
        {"claude-sonnet-5", 2, 10, 0.2, date},
        {"claude-sonnet-4-6", 3, 15, 0.3, date},
        {"claude-sonnet-4-5", 3, 15, 0.3, date},
        {"claude-haiku-4-5", 1, 5, 0.1, date},
        {"gpt-6.1-sol", 2, 10, 0.1, date},
        {"gpt-6.1-terra", 1, 5, 0.05, date},
        {"gpt-6-astra", 10, 50, 1, date},
        {"gpt-6-sol", 2, 10, 0.2, date},
        {"gpt-6-luna", 0.1, 0.5, 0.01, date},
        {"gpt-5.6-terra", 2, 12, 0.2, date},
        {"gpt-5.6-luna", 0.2, 1.2, 0.02, date},
        {"gpt-5.5", 5, 30, 0.5, date},
        {"gpt-5.4", 2.5, 15, 0.25, date},
        {"gpt-5.4-mini", 0.75, 4.5, 0.075, date},
        {"gpt-5.4-nano", 0.2, 1.25, 0.02, date},
        {"gpt-5.3-codex", 1.75, 14, 0.175, date},
        {"gpt-5.2", 1.75, 14, 0.175, date},
        {"gpt-5.1", 1.25, 10, 0.125, date},
        {"gpt-5", 1.25, 10, 0.125, date},
        {"gpt-5-mini", 0.25, 2, 0.025, date},
        {"gpt-5-nano", 0.05, 0.4, 0.005, date},
        {"gemini-3.5-flash", 1.5, 9, 0.15, date},
        {"gemini-3.1-pro-preview", 2, 12, 0.2, date},
        {"gemini-2.5-pro", 1.25, 10, 0.125, date},
        {"gemini-2.5-flash", 0.3, 2.5, 0.03, date},
    };
    return prices;
}

Prices::Prices(std::vector<Price> own) : own_(std::move(own)) {}

const Price* Prices::of(std::string_view model) const {
    const std::string_view bare = model.substr(model.rfind('/') + 1);  // 0 where there is none
    for (const std::string_view name : {model, bare}) {
        if (const Price* price = found_in(own_, name)) return price;
    }
    return found_in(known_prices(), bare);
}

std::optional<double> Prices::cost(std::string_view model, std::int64_t input_tokens,
                                   std::int64_t cached_tokens, std::int64_t output_tokens) const {
    if (input_tokens == 0 && output_tokens == 0) return 0;
    const Price* price = of(model);
    if (price == nullptr) return std::nullopt;
    constexpr double million = 1e6;
    const std::int64_t cached =
        std::clamp<std::int64_t>(cached_tokens, 0, std::max<std::int64_t>(0, input_tokens));
    return (static_cast<double>(input_tokens - cached) * price->input +
            static_cast<double>(cached) * price->cached +
            static_cast<double>(output_tokens) * price->output) /
           million;
}

std::optional<double> Prices::cost(const ModelRequest& request) const {
    return cost(request.model, request.input_tokens, request.cached_tokens, request.output_tokens);
}

}  // namespace ratchet
