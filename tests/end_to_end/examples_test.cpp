#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <map>

#include "experiment_store/ledger.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/toy_campaign.hpp"

namespace ratchet::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAreArray;

/// An example, copied to a repository of its own as the README tells a newcomer to do.
class Example {
  public:
    explicit Example(const std::string& name) {
        std::string place = (fs::temp_directory_path() / "ratchet-example-XXXXXX").string();
        root_ = ::mkdtemp(place.data());
        shell(root_, std::string("cp -r ") + RATCHET_EXAMPLES + "/" + name +
                         "/. . && git init -q -b main . && git add -A && "
                         "git commit -qm 'The example as it is shipped'");
    }
    ~Example() { fs::remove_all(root_); }
    Example(const Example&) = delete;
    Example& operator=(const Example&) = delete;

    [[nodiscard]] const fs::path& root() const { return root_; }
    [[nodiscard]] Ledger ledger(const std::string& campaign) const {
        return Ledger(root_ / ".git/ratchet" / campaign / "ledger.sqlite", clock_, Ledger::Mode::read_only);
    }

  private:
    fs::path root_;
    StillClock clock_;
};

/// "kept", "rejected/duplicate", …: what a proposal says should come of it.
std::string expected_of(const fs::path& patch) {
    std::map<std::string, std::string> headers;
    std::ifstream file(patch);
    for (std::string line; std::getline(file, line) && !line.empty();) {
        const auto colon = line.find(": ");
        if (colon != std::string::npos) headers[line.substr(0, colon)] = line.substr(colon + 2);
    }
    const std::string reason = headers["Expected-reason"];
    return headers["Expected-verdict"] + (reason.empty() ? "" : "/" + reason);
}

double verified_factor(const Ledger& ledger) {
    const auto verification = ledger.latest_verification();
    return verification && verification->champion == ledger.champion().commit
               ? std::exp(verification->total.estimate)
               : 0;
}

TEST(Examples, text_processor_gives_every_expected_verdict_and_a_gain_of_69) {
    const Example example("text_processor");
    std::vector<fs::path> patches(fs::directory_iterator(example.root() / "proposals"), {});
    std::sort(patches.begin(), patches.end());
    std::vector<std::string> expected;
    for (const auto& patch : patches)
        expected.push_back(expected_of(patch));
    ASSERT_GE(patches.size(), 16U);

    const Ended run = ratchet(example.root(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_THAT(words_of(example.root() / ".git/ratchet/text-processor/ledger.sqlite"),
                ElementsAreArray(expected))
        << run.output;
    EXPECT_GE(verified_factor(example.ledger("text-processor")), 69) << run.output;
}

TEST(Examples, matmul_is_tuned_to_a_verified_gain_of_5) {
    const Example example("matmul");

    const Ended run = ratchet(example.root(), {"run"});

    ASSERT_EQ(run.status, 0) << run.output << run.errors;
    EXPECT_GE(example.ledger("matmul").experiment_count(), 15);
    EXPECT_GE(verified_factor(example.ledger("matmul")), 5) << run.output;
}

}  // namespace
}  // namespace ratchet::test
