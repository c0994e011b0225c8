#pragma once

#include <gtest/gtest.h>

#include <string>

#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_file.hpp"

namespace ratchet {

class CampaignFile : public ::testing::Test {
  protected:
    /// The shortest campaign file, from which the tests differ by a line or two. Eight lines.
    static inline const std::string smallest = R"([campaign]
name = "small"
goal = "Be faster."
[benchmark]
command = "./bench"
metric = "time_ms"
[proposer]
use = "tune"
)";

    static inline const std::string one_knob = R"([[knob]]
name = "block"
file = "src/a.c"
pattern = 'BLOCK = ([0-9]+)'
range = [1, 8]
step = "log2"
)";

    /// The message that this file is refused with.
    static std::string refusal(const std::string& text) {
        try {
            (void)read_campaign(text, "ratchet.toml");
        } catch (const UserError& error) {
            return error.what();
        }
        return "it was read";
    }

    /// The message for the shortest file with these lines after its benchmark's metric (from line 7 on).
    static std::string benchmark_refusal(const std::string& lines) {
        std::string text = smallest + one_knob;
        text.insert(text.find("[proposer]"), lines + "\n");
        return refusal(text);
    }

    /// The message for the shortest file with these lines at its end (from line 15 on).
    static std::string refusal_of_more(const std::string& lines) {
        return refusal(smallest + one_knob + lines + "\n");
    }

    static Campaign read(const std::string& text) { return read_campaign(text, "ratchet.toml"); }

    /// The shortest file with these tables in the place of its [proposer].
    static std::string with_proposers(const std::string& tables) {
        std::string text = smallest;
        return text.replace(text.find("[proposer]"), std::string::npos, tables + "\n") + one_knob;
    }

    /// Reads it or refuses it with a UserError; anything else would end the test.
    static void read_or_refuse(const std::string& text) {
        try {
            (void)harness_text(read(text));
        } catch (const UserError&) {
        }
    }
};

}  // namespace ratchet
