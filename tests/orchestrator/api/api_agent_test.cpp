#include "orchestrator/api/api_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/support/open_folder.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Answers in turn, and the last one for ever; remembers what it was asked.
class ScriptedEndpoint final : public ModelEndpoint {
  public:
    explicit ScriptedEndpoint(std::vector<EndpointAnswer> answers) : answers_(std::move(answers)) {}
    EndpointAnswer ask(const ChatProtocol&, const Conversation& conversation) override {
        asked.push_back(conversation);
        return answers_[std::min(asked.size(), answers_.size()) - 1];
    }
    std::vector<Conversation> asked;

  private:
    std::vector<EndpointAnswer> answers_;
};

EndpointAnswer says(const std::string& text, std::vector<ToolCall> calls = {}) {
    EndpointAnswer answer;
    answer.status = 200;
    answer.reply.turn.speaker = ChatTurn::Speaker::model;
    answer.reply.turn.text = text;
    answer.reply.turn.calls = std::move(calls);
    return answer;
}

EndpointAnswer fails(int status, std::optional<Seconds> retry_after = {}) {
    EndpointAnswer answer;
    answer.status = status;
    answer.failure = "answered with " + std::to_string(status);
    answer.retry_after = retry_after;
    return answer;
}

const EndpointAnswer looks = says("", {{"1", "shell", R"({"command":"echo seen"})"}});
const EndpointAnswer finishes = says("done", {{"2", "finish", R"({"hypothesis":"fewer copies"})"}});

class ApiAgent : public ::testing::Test {
  protected:
    ApiAgentEnd work(ScriptedEndpoint& endpoint, ApiAgentSettings settings = {}) {
        Workshop workshop;
        workshop.folder = folder_.path;
        workshop.environment = {"PATH=/usr/bin:/bin"};
        Tools tools(workshop, never_);
        return work_on("make it faster", *protocol_, endpoint, tools, settings,
                       [this](std::string_view said) { transcript_ += said; });
    }

    const OpenFolder folder_;
    const NeverStop never_;
    const std::unique_ptr<ChatProtocol> protocol_ = anthropic_chat();
    std::string transcript_;
};

TEST_F(ApiAgent, tells_the_model_what_came_of_its_calls_until_it_is_finished) {
    ScriptedEndpoint endpoint({looks, finishes});
    const ApiAgentEnd end = work(endpoint);
    EXPECT_EQ(end.failure, "");
    EXPECT_EQ(end.notes.hypothesis, "fewer copies");
    EXPECT_EQ(end.steps, 2);
    ASSERT_EQ(endpoint.asked.size(), 2U);
    EXPECT_EQ(endpoint.asked[0].turns[0].text, "make it faster");
    const ChatTurn& told = endpoint.asked[1].turns[2];
    EXPECT_THAT(told.results, ElementsAre(ToolResult{"1", "seen\n[exit status 0]", false}));
    EXPECT_THAT(transcript_, HasSubstr("> shell {\"command\":\"echo seen\"}\nseen\n"));
}

TEST_F(ApiAgent, is_cut_off_where_a_model_calls_tools_for_ever) {
    ScriptedEndpoint endpoint({looks});
    ApiAgentSettings settings;
    settings.most_steps = 7;
    const ApiAgentEnd end = work(endpoint, settings);
    EXPECT_EQ(end.failure, "it was not finished after 7 steps");
    EXPECT_EQ(endpoint.asked.size(), 7U);
}

TEST_F(ApiAgent, reminds_a_model_that_only_talks_once) {
    ScriptedEndpoint endpoint({says("I would do this and that.")});
    const ApiAgentEnd end = work(endpoint);
    EXPECT_EQ(end.failure, "");
    ASSERT_EQ(endpoint.asked.size(), 2U);
    EXPECT_THAT(endpoint.asked[1].turns.back().text, HasSubstr("call `finish`"));
}

TEST_F(ApiAgent, takes_the_last_words_for_the_notes_where_a_model_ends_with_words) {
    ScriptedEndpoint endpoint({looks, says("Fewer copies.")});
    const ApiAgentEnd end = work(endpoint);
    EXPECT_EQ(end.failure, "");
    EXPECT_EQ(end.notes.hypothesis, "Fewer copies.");
    EXPECT_EQ(endpoint.asked.size(), 2U);
}

TEST_F(ApiAgent, tells_a_model_that_it_was_cut_off) {
    EndpointAnswer cut = says("and so");
    cut.reply.cut_off = true;
    ScriptedEndpoint endpoint({cut, finishes});
    work(endpoint);
    EXPECT_THAT(endpoint.asked[1].turns.back().text, HasSubstr("smaller steps"));
}

TEST_F(ApiAgent, ends_with_what_the_endpoint_says_is_wrong) {
    ScriptedEndpoint endpoint({looks, fails(429, Seconds(90))});
    const ApiAgentEnd end = work(endpoint);
    EXPECT_EQ(end.failure, "the model answered with 429");
    EXPECT_EQ(end.retry_after, Seconds(90));
}

TEST_F(ApiAgent, says_where_the_task_alone_is_too_long) {
    ScriptedEndpoint endpoint({finishes});
    ApiAgentSettings settings;
    settings.most_context = 100;
    EXPECT_THAT(work(endpoint, settings).failure, HasSubstr("longer than 100 bytes"));
    EXPECT_TRUE(endpoint.asked.empty());
}

Conversation with_results(std::size_t turns, std::size_t bytes) {
    Conversation conversation;
    for (std::size_t i = 0; i < turns; ++i) {
        ChatTurn turn;
        turn.results = {{std::to_string(i), std::string(bytes, 'x'), false}};
        conversation.turns.push_back(turn);
    }
    return conversation;
}

TEST(Shortening, leaves_the_oldest_results_out_and_says_so) {
    Conversation conversation = with_results(20, 1000);
    ASSERT_TRUE(shorten(conversation, 16'000));
    EXPECT_THAT(conversation.turns.front().results[0].text, HasSubstr("left out"));
    EXPECT_EQ(conversation.turns.back().results[0].text.size(), 1000U);
    std::size_t bytes = 0;
    for (const ChatTurn& turn : conversation.turns)
        bytes += turn.results[0].text.size();
    EXPECT_LE(bytes, 12'000U) << "a quarter is free again";
}

TEST(Shortening, changes_nothing_that_fits) {
    Conversation conversation = with_results(20, 1000);
    const std::vector<ChatTurn> before = conversation.turns;
    ASSERT_TRUE(shorten(conversation, 20'000));
    EXPECT_EQ(conversation.turns, before);
}

TEST(Shortening, keeps_the_newest_and_says_where_that_is_too_much) {
    Conversation conversation = with_results(6, 1000);
    EXPECT_FALSE(shorten(conversation, 5'000));
    EXPECT_EQ(conversation.turns.front().results[0].text.size(), 1000U);
}

class Patience : public ::testing::Test {
  protected:
    EndpointAnswer ask(ScriptedEndpoint& endpoint) {
        PatientEndpoint patient(endpoint, [this](Seconds time) { waits_.push_back(time); });
        return patient.ask(*anthropic_chat(), {});
    }
    std::vector<Seconds> waits_;
};

TEST_F(Patience, asks_again_where_it_may_get_better) {
    EndpointAnswer cut = says("half");
    cut.failure = "the stream was cut";
    ScriptedEndpoint endpoint({fails(529), fails(0), cut, fails(429, Seconds(7)), finishes});
    EXPECT_EQ(ask(endpoint).failure, "");
    EXPECT_THAT(waits_, ElementsAre(Seconds(1), Seconds(2), Seconds(4), Seconds(7)));
}

TEST_F(Patience, has_an_end) {
    ScriptedEndpoint endpoint({fails(500)});
    EXPECT_EQ(ask(endpoint).status, 500);
    EXPECT_EQ(endpoint.asked.size(), 5U);
}

TEST_F(Patience, does_not_ask_again_what_stays_as_it_is) {
    for (const int status : {400, 401, 403, 404}) {
        ScriptedEndpoint endpoint({fails(status)});
        EXPECT_EQ(ask(endpoint).status, status);
        EXPECT_EQ(endpoint.asked.size(), 1U) << status;
    }
    EXPECT_TRUE(waits_.empty());
}

TEST_F(Patience, leaves_long_waits_to_the_campaign) {
    ScriptedEndpoint endpoint({fails(429, Seconds(3600))});
    EXPECT_EQ(ask(endpoint).retry_after, Seconds(3600));
    EXPECT_TRUE(waits_.empty());
}

}  // namespace
}  // namespace ratchet::test
