#include "orchestrator/gateway/event_stream.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace ratchet {
namespace {

struct Read {
    std::vector<std::string> data;
    std::string text;  ///< of all events
};

Read read_in_pieces(const std::vector<std::string>& pieces) {
    Read read;
    EventStream stream([&](std::string_view text, std::string_view data) {
        read.text += text;
        if (!data.empty()) read.data.emplace_back(data);
    });
    for (const std::string& piece : pieces)
        stream.feed(piece);
    stream.finish();
    return read;
}

TEST(EventStream, DataOfEachEventIsTaken) {
    EXPECT_EQ(read_in_pieces({"event: a\ndata: one\n\n: a comment\n\ndata:two\nid: 7\n\n"}).data,
              (std::vector<std::string>{"one", "two"}));
}

TEST(EventStream, SeveralDataLinesAreOneText) {
    EXPECT_EQ(read_in_pieces({"data: {\"a\":\ndata: 1}\n\n"}).data, std::vector<std::string>{"{\"a\":\n1}"});
}

TEST(EventStream, EveryKindOfLineEndCounts) {
    EXPECT_EQ(read_in_pieces({"data: one\r\n\r\ndata: two\r\rdata: three\n\n"}).data,
              (std::vector<std::string>{"one", "two", "three"}));
}

TEST(EventStream, AnEventWithoutItsLastLineIsTakenAtTheEnd) {
    EXPECT_EQ(read_in_pieces({"data: [DONE]"}).data, std::vector<std::string>{"[DONE]"});
    EXPECT_EQ(read_in_pieces({"data: [DONE]\n"}).data, std::vector<std::string>{"[DONE]"});
}

TEST(EventStream, AByteOrderMarkIsNoPartOfAField) {
    EXPECT_EQ(read_in_pieces({"\xEF\xBB\xBF"
                              "data: one\n\n"})
                  .data,
              std::vector<std::string>{"one"});
}

TEST(EventStream, WhereverItIsCutTheSameIsRead) {
    const std::string all =
        "event: message\r\ndata: {\"text\":\"ä\"}\r\n\r\ndata: one\n\n\n: x\n\ndata: two\rdata: "
        "three\r\rdata\n\ndata: end";
    const Read whole = read_in_pieces({all});
    EXPECT_EQ(whole.data, (std::vector<std::string>{"{\"text\":\"ä\"}", "one", "two\nthree", "end"}));
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        for (std::size_t second = cut; second <= all.size(); ++second) {
            const Read read =
                read_in_pieces({all.substr(0, cut), all.substr(cut, second - cut), all.substr(second)});
            ASSERT_EQ(read.data, whole.data) << cut << ' ' << second;
        }
    }
}

RC_GTEST_PROP(EventStream, EveryByteIsPartOfOneEvent, ()) {
    const auto letters =
        *rc::gen::container<std::string>(rc::gen::element('d', 'a', 't', ':', ' ', '\n', '\r'));
    const auto cut = *rc::gen::inRange<std::size_t>(0, letters.size() + 1);
    RC_ASSERT(read_in_pieces({letters.substr(0, cut), letters.substr(cut)}).text == letters);
}

}  // namespace
}  // namespace ratchet
