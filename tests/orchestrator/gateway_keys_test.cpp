// A gateway as the campaign file declares it, and as a proposer uses it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_file.hpp"
#include "orchestrator/proposers/model_gateway.hpp"
#include "tests/support/temporary_repository.hpp"

namespace ratchet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Campaign read_with(const std::string& proposer, const std::string& more = "") {
    return read_campaign(
        "[campaign]\nname = \"a\"\ngoal = \"b\"\n[benchmark]\ncommand = \"c\"\nmetric = \"d\"\n"
        "[proposer]\nuse = \"command\"\ncommand = \"agent\"\n" +
            proposer + "\n" + more,
        "ratchet.toml");
}

std::string gateway_refusal(const std::string& proposer, const std::string& more = "") {
    try {
        (void)read_with(proposer, more);
    } catch (const UserError& error) {
        return error.what();
    }
    return "it was read";
}

const std::string declared = "gateway = true\nendpoint = \"https://api.example.com/v1\"\nkey = \"MODEL_KEY\"";

TEST(GatewayKeys, EndpointAndTheNameOfTheKeyAreRead) {
    const Campaign campaign = read_with(declared);
    ASSERT_TRUE(campaign.proposer.gateway);
    EXPECT_EQ(campaign.proposer.gateway->endpoint, "https://api.example.com/v1");
    EXPECT_EQ(campaign.proposer.gateway->key, "MODEL_KEY");
    EXPECT_EQ(campaign.proposer.gateway->key_value, "");
}

TEST(GatewayKeys, WithoutThemThereIsNone) {
    EXPECT_FALSE(read_with("").proposer.gateway);
    EXPECT_FALSE(read_with("gateway = \"off\"").proposer.gateway);
}

TEST(GatewayKeys, AModelOfTheMachinesOwnNeedsNoKey) {
    EXPECT_EQ(read_with("gateway = \"on\"\nendpoint = \"http://127.0.0.1:8000/v1\"").proposer.gateway->key,
              "");
}

TEST(GatewayKeys, WhatMakesNoSenseIsRefusedAtItsLine) {
    EXPECT_EQ(gateway_refusal("gateway = true"), "ratchet.toml:7: proposer.endpoint: is missing");
    EXPECT_THAT(gateway_refusal("gateway = true\nendpoint = \"api.example.com\""),
                HasSubstr("ratchet.toml:11: proposer.endpoint: "));
    EXPECT_EQ(gateway_refusal("endpoint = \"https://api.example.com\""),
              "ratchet.toml:10: proposer.endpoint: is the gateway's, and there is none");
    EXPECT_EQ(gateway_refusal("key = \"MODEL_KEY\""),
              "ratchet.toml:10: proposer.key: is the gateway's, and there is none");
}

TEST(GatewayKeys, AKeyItselfInTheFileIsRefusedAndNotRepeated) {
    const std::string message =
        gateway_refusal("gateway = true\nendpoint = \"https://api.example.com\"\nkey = \"sk-abc-123\"");
    EXPECT_EQ(message, "ratchet.toml:12: proposer.key: is no name of a variable");
}

TEST(GatewayKeys, TheKeyIsNotPassedIntoTheSandboxBesides) {
    EXPECT_THAT(gateway_refusal(declared, "[sandbox]\nenv = [\"PATH\", \"MODEL_KEY\"]"),
                HasSubstr("sandbox.env names \"MODEL_KEY\", which is proposer.key"));
    EXPECT_THAT(gateway_refusal(declared, "[sandbox]\nenv = [\"MODEL_KEY=sk-secret\"]"),
                AllOf(HasSubstr("sandbox.env names \"MODEL_KEY\""), Not(HasSubstr("sk-secret"))));
    EXPECT_EQ(gateway_refusal(declared, "[sandbox]\nenv = [\"MODEL_KEY_2\"]"), "it was read");
}

class ModelGatewayTest : public ::testing::Test {
  protected:
    ModelGatewayTest() {
        proposer.gateway = GatewayAccess{"http://127.0.0.1:1", "MODEL_KEY", "sk-secret", {}, {}};
    }
    test::TemporaryRepository repository;
    ProposerSettings proposer;
};

TEST_F(ModelGatewayTest, NeedsTheStrongSandboxAndItsKey) {
    EXPECT_NO_THROW(require_gateway(proposer, Requirement::strong));
    EXPECT_THROW(require_gateway(proposer, Requirement::weak), UserError);
    EXPECT_THROW(require_gateway(proposer, Requirement::none), UserError);
    proposer.gateway->key_value.clear();
    EXPECT_THROW(require_gateway(proposer, Requirement::strong), UserError);
    proposer.gateway->key.clear();
    EXPECT_NO_THROW(require_gateway(proposer, Requirement::strong));
    proposer.gateway.reset();
    EXPECT_NO_THROW(require_gateway(proposer, Requirement::none));
}

TEST_F(ModelGatewayTest, IsTheOnlyNetworkAndLiesWhereOnlyItsOwnerMayEnter) {
    const auto gateway = model_gateway(proposer, {}, repository.folder());
    ConfinedCommand command;
    command.network = true;
    gateway->provide(command);
    EXPECT_FALSE(command.network);
    EXPECT_TRUE(std::filesystem::is_socket(command.gateway));
    EXPECT_EQ(std::filesystem::status(command.gateway.parent_path()).permissions(),
              std::filesystem::perms::owner_all);
    ProposerAnswer answer;
    gateway->tell(answer);
    EXPECT_FALSE(std::filesystem::exists(command.gateway));
    EXPECT_EQ(answer.failure, "") << "nobody asked, nobody failed";
    EXPECT_TRUE(answer.model_requests.empty());
}

}  // namespace
}  // namespace ratchet
