#include "orchestrator/prices.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ratchet {
namespace {

ModelRequest request(const std::string& model, std::int64_t input, std::int64_t cached, std::int64_t output) {
    ModelRequest request;
    request.model = model;
    request.input_tokens = input;
    request.cached_tokens = cached;
    request.output_tokens = output;
    return request;
}

TEST(Prices, AreForAMillionTokensOfEachKind) {
    const Prices prices({{"mine", 2, 8, 0.5, "2026-11-26"}});
    EXPECT_DOUBLE_EQ(prices.cost(request("mine", 1'000'000, 0, 0)).value(), 2);
    EXPECT_DOUBLE_EQ(prices.cost(request("mine", 1'000'000, 1'000'000, 0)).value(), 0.5);
    EXPECT_DOUBLE_EQ(prices.cost(request("mine", 0, 0, 1'000'000)).value(), 8);
    EXPECT_DOUBLE_EQ(prices.cost(request("mine", 3000, 1000, 500)).value(),
                     2e-6 * 2000 + 5e-7 * 1000 + 8e-6 * 500);
}

TEST(Prices, OfAnUnknownModelAreNeverGuessed) {
    const Prices prices;
    EXPECT_FALSE(prices.cost(request("llama-of-my-own", 10, 0, 10)));
    EXPECT_FALSE(prices.cost(request("gpt-5-something-new", 10, 0, 10)));
    EXPECT_EQ(prices.cost(request("llama-of-my-own", 0, 0, 0)), 0)
        << "a request that used nothing costs nothing";
}

TEST(Prices, HoldForAModelOfAnyDateAndSeller) {
    const Prices prices;
    ASSERT_NE(prices.of("gpt-5"), nullptr);
    EXPECT_EQ(prices.of("gpt-5-2025-08-07"), prices.of("gpt-5"));
    EXPECT_EQ(prices.of("claude-sonnet-4-5-20250929"), prices.of("claude-sonnet-4-5"));
    EXPECT_EQ(prices.of("anthropic/claude-sonnet-4-5-latest"), prices.of("claude-sonnet-4-5"));
    EXPECT_NE(prices.of("gpt-5-mini"), prices.of("gpt-5"));
    EXPECT_EQ(prices.of("gpt-5-12"), nullptr);
    EXPECT_EQ(prices.of(""), nullptr);
}

TEST(Prices, OfTheUserGoFirst) {
    const Prices prices({{"gpt-5", 1, 1, 1, ""}, {"openrouter/gpt-5", 7, 7, 7, ""}});
    EXPECT_EQ(prices.of("gpt-5")->input, 1);
    EXPECT_EQ(prices.of("gpt-5-2025-08-07")->input, 1);
    EXPECT_EQ(prices.of("openrouter/gpt-5")->input, 7) << "the whole name before the bare one";
}

TEST(Prices, ThatAreKnownAreDatedAndOfDifferentModels) {
    std::set<std::string> models;
    for (const Price& price : known_prices()) {
        EXPECT_TRUE(models.insert(price.model).second) << price.model;
        EXPECT_EQ(price.dated, known_prices_dated);
        EXPECT_GT(price.input, 0) << price.model;
        EXPECT_GT(price.output, price.input) << price.model;
        EXPECT_LT(price.cached, price.input) << price.model;
    }
}

TEST(Prices, BearMoreCachedTokensThanThereAreAtAll) {
    const Prices prices({{"mine", 2, 8, 0.5, ""}});
    EXPECT_DOUBLE_EQ(prices.cost("mine", 1'000'000, 5'000'000, 0).value(), 0.5);
    EXPECT_DOUBLE_EQ(prices.cost("mine", 1'000'000, -5, 0).value(), 2);
}

}  // namespace
}  // namespace ratchet
