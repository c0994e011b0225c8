#include "sandbox/tiers/diagnosis.hpp"

#include <gtest/gtest.h>

#include "sandbox/tiers/init_report.hpp"

namespace ratchet {
namespace {

HiddenThings everything_exists() {
    return {[](const std::string&) { return true; }, {"/usr", "/tree", "/bin"}, false};
}

TEST(Diagnosis, NamesAHiddenPathAndItsKey) {
    for (const char* line :
         {"cat: /opt/data/x.csv: No such file or directory\n", "sh: 1: /opt/data/x.csv: not found",
          "FileNotFoundError: [Errno 2] No such file or directory: '/opt/data/x.csv'",
          "make: *** open '/opt/data/x.csv': Permission denied.  Stop."}) {
        const std::string said = diagnose(std::string("noise\n") + line, everything_exists());
        EXPECT_NE(said.find("/opt/data/x.csv,"), std::string::npos) << line << ": " << said;
        EXPECT_NE(said.find("sandbox.read"), std::string::npos);
    }
}

TEST(Diagnosis, SaysNothingOfPathsThatAreShownOrDoNotExist) {
    EXPECT_EQ(diagnose("cat: /tree/x: No such file or directory", everything_exists()), "");
    EXPECT_EQ(diagnose("cat: /usr/lib/x: No such file or directory", everything_exists()), "");
    HiddenThings nothing = everything_exists();
    nothing.exists_outside = [](const std::string&) { return false; };
    EXPECT_EQ(diagnose("cat: /opt/x: No such file or directory", nothing), "");
    EXPECT_EQ(diagnose("read /opt/x and went on", everything_exists()), "");
    EXPECT_EQ(diagnose("", everything_exists()), "");
}

TEST(Diagnosis, NamesADeviceWithItsOwnKey) {
    EXPECT_NE(diagnose("cannot open /dev/nvidia0: No such file or directory", everything_exists())
                  .find("sandbox.devices"),
              std::string::npos);
}

TEST(Diagnosis, NamesTheHostThatCouldNotBeReached) {
    const std::string said = diagnose("curl: (6) Could not resolve host: crates.io\n", everything_exists());
    EXPECT_NE(said.find("crates.io"), std::string::npos) << said;
    EXPECT_NE(said.find("[prepare]"), std::string::npos);
    HiddenThings with_network = everything_exists();
    with_network.network = true;
    EXPECT_EQ(diagnose("curl: (6) Could not resolve host: crates.io\n", with_network), "");
}

TEST(InitReport, IsReadLineByLine) {
    const InitReport report = parse_init_report(
        "{\"started\":true}\n{\"ending\":\"timed-out\",\"status\":137,\"wall\":1.5,\"user\":0.5,\"system\":0."
        "25,\"peak\":4096,"
        "\"switches\":7}\n{\"resources\":{\"memory.peak\":\"12\\n\"}}\n");
    EXPECT_TRUE(report.started);
    ASSERT_TRUE(report.end);
    EXPECT_EQ(report.end->ending, Ending::timed_out);
    EXPECT_EQ(report.end->status, 137);
    EXPECT_DOUBLE_EQ(report.end->figures.wall_seconds, 1.5);
    EXPECT_EQ(report.end->figures.peak_memory_bytes, 4096);
    EXPECT_EQ(report.end->figures.involuntary_switches, 7);
    EXPECT_EQ(report.resources.at("memory.peak"), "12\n");
}

TEST(InitReport, OfAKilledHelperIsWhatItGotTo) {
    const InitReport report = parse_init_report("{\"started\":true}\n{\"ending\":\"exi");
    EXPECT_TRUE(report.started);
    EXPECT_FALSE(report.end);
    EXPECT_FALSE(parse_init_report("").started);
    EXPECT_EQ(parse_init_report("{\"ending\":\"not-started\",\"error\":\"no folder\"}").error, "no folder");
}

}  // namespace
}  // namespace ratchet
