#include "sandbox/process/output_capture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

std::string decompressed(const std::filesystem::path& file, std::size_t most) {
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    std::string text(most, '\0');
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer output{text.data(), text.size(), 0};
    ZSTD_DCtx* context = ZSTD_createDCtx();
    std::size_t left = 1;
    while (left != 0 && input.pos < input.size) {
        left = ZSTD_decompressStream(context, &output, &input);
        if (ZSTD_isError(left) != 0) break;
    }
    ZSTD_freeDCtx(context);
    EXPECT_EQ(left, 0U) << "the file must be a complete frame";
    text.resize(output.pos);
    return text;
}

class LogFile {
  public:
    LogFile() {
        std::string name = (std::filesystem::temp_directory_path() / "log-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        folder = name;
    }
    ~LogFile() { std::filesystem::remove_all(folder); }
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    [[nodiscard]] std::filesystem::path path() const { return folder / "log.zst"; }
    std::filesystem::path folder;
};

TEST(OutputCapture, LittleIsKeptWhole) {
    StreamCapture capture({10, 10, 0});
    capture.add("hello ");
    capture.add("world");
    const CapturedOutput output = capture.finish();
    EXPECT_EQ(output.text(), "hello world");
    EXPECT_EQ(output.omitted(), 0U);
}

TEST(OutputCapture, MuchKeepsBeginningAndEndAndSaysHowMuchIsMissing) {
    StreamCapture capture({4, 4, 0});
    capture.add("aaaa" + std::string(1000000, 'b') + "cccc");
    const CapturedOutput output = capture.finish();
    EXPECT_EQ(output.text(), "aaaa\n[... 1000000 bytes left out ...]\ncccc");
    EXPECT_EQ(output.total_bytes, 1000008U);
}

TEST(OutputCapture, LastBeginsWithALineWherePossible) {
    CapturedOutput output;
    output.head = "first line\nsecond line\nthird\n";
    output.total_bytes = output.head.size();
    EXPECT_EQ(output.last(1000), output.head);
    EXPECT_EQ(output.last(10), "third\n");
    EXPECT_EQ(output.last(6), "third\n");
    EXPECT_EQ(output.last(3), "rd\n");
}

RC_GTEST_PROP(OutputCapture, KeepsExactlyHeadAndTailHoweverItComes, ()) {
    const auto head = *rc::gen::inRange<std::size_t>(0, 20);
    const auto tail = *rc::gen::inRange<std::size_t>(0, 20);
    const auto pieces = *rc::gen::arbitrary<std::vector<std::string>>();
    StreamCapture capture({head, tail, 0});
    std::string all;
    for (const std::string& piece : pieces) {
        capture.add(piece);
        all += piece;
    }
    const CapturedOutput output = capture.finish();
    RC_ASSERT(output.total_bytes == all.size());
    RC_ASSERT(output.head == all.substr(0, head));
    const std::string rest = all.substr(output.head.size());
    RC_ASSERT(output.tail == rest.substr(rest.size() - std::min(rest.size(), tail)));
}

TEST(CompressedLog, HoldsAllThatCame) {
    const LogFile file;
    CompressedLog log(file.path(), 1 << 20);
    std::string all;
    for (int i = 0; i < 1000; ++i) {
        const std::string line = "line " + std::to_string(i) + "\n";
        log.add(line);
        all += line;
    }
    log.finish();
    EXPECT_EQ(decompressed(file.path(), all.size() + 1), all);
}

TEST(CompressedLog, DropsWhatIsAboveItsLimit) {
    const LogFile file;
    CompressedLog log(file.path(), 10);
    log.add("0123456");
    log.add("789abc");
    log.add("def");
    log.finish();
    EXPECT_EQ(decompressed(file.path(), 100), "0123456789");
}

TEST(CompressedLog, IsNotMadeWhereNothingIsPrinted) {
    const LogFile file;
    CompressedLog log(file.path(), 10);
    log.finish();
    EXPECT_FALSE(std::filesystem::exists(file.path()));
}

TEST(CompressedLog, SaysWhereItCannotBeWritten) {
    CompressedLog log("/nowhere/log.zst", 10);
    log.add("x");
    EXPECT_THROW(log.finish(), MachineryError);
}

}  // namespace
}  // namespace ratchet
