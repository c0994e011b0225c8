#include "tests/support/large_ledger.hpp"

#include <fmt/format.h>

#include <array>

#include "experiment_store/ledger.hpp"
#include "experiment_store/sqlite.hpp"
#include "experiment_store/values.hpp"

namespace ratchet::test {
namespace {

class StillClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override { return Timestamp(std::chrono::seconds(1'800'000'000)); }
};

std::string id_of(char kind, int number) {
    return fmt::format("{}{:039x}", kind, number);
}

/// One of 8000 made up words: as in what people write, most words of a text are rare.
std::string word(int number) {
    static constexpr std::array<const char*, 20> syllables = {"ka", "lo", "mi", "ru", "se", "to", "va",
                                                              "ni", "pe", "du", "ba", "co", "di", "fu",
                                                              "ge", "ho", "ja", "le", "mo", "na"};
    const auto mixed = static_cast<std::uint32_t>(number) * 2654435761U >> 8U;
    return std::string(syllables.at(mixed % 20)) + syllables.at(mixed / 20 % 20) +
           syllables.at(mixed / 400 % 20);
}

/// What the experiment of this number is.
struct Story {
    explicit Story(int number) : id{number} {
        static constexpr std::array<const char*, 7> deeds = {"unroll",  "widen",  "hoist", "split",
                                                             "reverse", "shrink", "remove"};
        static constexpr std::array<const char*, 9> things = {
            "inner loop",  "row buffer", "block size",   "prefetch distance", "output layout",
            "accumulator", "edge case",  "thread count", "memory alignment"};
        const auto at = static_cast<std::size_t>(number);
        part = number % 20;
        step = number % 60;
        idea = fmt::format("{} the {} of the {} for each {} {}", deeds.at(at % 7), things.at(at % 9),
                           word(number), word(2 * number), word(3 * number));
        if (number % 997 == 0) {
            verdict = Verdict::kept;
            effect = 0.001 * (1 + number % 3);
        } else if (number % 5 == 0) {
            verdict = Verdict::gate_failed;
        } else if (number % 11 == 0) {
            verdict = Verdict::inconclusive;
            effect = 0.002;
        } else {
            verdict = number % 3 == 0 ? Verdict::regressed : Verdict::no_gain;
            effect = -0.001 * (number % 17);
        }
    }

    ExperimentId id;
    int part = 0;
    int step = 0;
    std::string idea;
    Verdict verdict = Verdict::no_gain;
    std::optional<double> effect;

    [[nodiscard]] std::string path() const { return fmt::format("src/part_{}.cpp", part); }
    [[nodiscard]] std::string diff() const {
        return fmt::format(
            "diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n@@ -7 +7 @@ in step_{1}\n"
            "-    int before = {1};\n+    int after_{2} = widen({2}, {3:x});\n",
            path(), step, id.value, id.value * 0x9E3779B9);
    }
};

class Writer {
  public:
    explicit Writer(Database& database) : database_(database) {}

    void write(const Story& story) {
        const ExperimentId id = story.id;
        const auto number = static_cast<int>(id.value);
        database_.run(
            "INSERT INTO experiment (id, epoch, parent, proposer, move, focus, seed, started_at) "
            "VALUES (?, 1, ?, 'command', 'explore', '', ?, ?)",
            id, champion_, id.value, at(number));
        database_.run("INSERT INTO prompt (experiment, text) VALUES (?, ?)", id, prompt_);
        database_.run(
            "INSERT INTO proposal (experiment, diff, patch_id, hypothesis, expected_effect, risk, learned, "
            "failure, "
            "refused, requests, input_tokens, output_tokens, cost, wall_seconds, captured_at) "
            "VALUES (?, ?, ?, ?, '', '', '', '', NULL, 1, 1000, 100, NULL, 60, ?)",
            id, Compressed{story.diff()}, id_of('f', number), story.idea, at(number));
        database_.run(
            "INSERT INTO touched_file (experiment, position, path, added, removed) VALUES (?, 0, ?, 1, 1)",
            id, story.path());
        if (number % 10 == 0) {
            database_.run("INSERT INTO next_idea (experiment, position, text) VALUES (?, 0, ?)", id,
                          fmt::format("fuse the {} with the {} of its {}", word(5 * number), word(7 * number),
                                      word(11 * number)));
        }
        database_.run(
            "INSERT INTO candidate (experiment, commit_id, tree, parent, at) VALUES (?, ?, ?, ?, ?)", id,
            id_of('c', number), id_of('d', number), champion_, at(number));
        if (story.verdict == Verdict::gate_failed) fail(story);
        database_.run(
            "INSERT INTO decision (experiment, verdict, rejection, basis, reason, effect_low, "
            "effect_estimate, "
            "effect_high, e_value, pairs, duplicate_of, at) VALUES (?, ?, NULL, 'evidence', ?, ?, ?, ?, 1, "
            "3, NULL, ?)",
            id, story.verdict, fmt::format("because of {}", name_of(story.verdict)),
            moved(story.effect, -0.01), story.effect, moved(story.effect, 0.01), at(number));
        for (const Stage stage : {Stage::planned, Stage::proposed, Stage::captured, Stage::finished})
            database_.run("INSERT INTO progress (experiment, stage, at) VALUES (?, ?, ?)", id, stage,
                          at(number));
        if (story.verdict == Verdict::kept) {
            champion_ = id_of('c', number);
            database_.run("INSERT INTO champion (commit_id, experiment, at) VALUES (?, ?, ?)", champion_, id,
                          at(number));
        }
    }

  private:
    static std::int64_t at(int number) { return 1'800'000'000'000 + std::int64_t{60'000} * number; }
    static std::optional<double> moved(std::optional<double> effect, double by) {
        return effect ? std::optional(*effect + by) : std::nullopt;
    }

    void fail(const Story& story) {
        database_.run(
            "INSERT INTO stage_run (experiment, stage, name, succeeded, timed_out, exit_status, "
            "wall_seconds, "
            "user_seconds, system_seconds, peak_memory_bytes, involuntary_switches, read_bytes, "
            "written_bytes, "
            "steal_ticks, pressure_seconds, tail, log_file, at) "
            "VALUES (?, 'gated', 'unit tests', 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, ?, '', 0)",
            story.id, fmt::format("FAILED test_{} in {}s\n", story.step % 12, story.id.value % 100));
    }

    Database& database_;
    std::string champion_ = id_of('b', 0);
    Compressed prompt_{"the prompt of old"};
};

}  // namespace

void make_large_ledger(const std::filesystem::path& file, int experiments) {
    const StillClock clock;
    {
        Ledger ledger(file, clock);
        CampaignIdentity identity;
        identity.name = "matmul";
        identity.metric = "time_ms";
        identity.unit = "ms";
        identity.base = {id_of('b', 0)};
        ledger.found(identity);
        ledger.begin_epoch("harness", "", identity.base);
    }
    {
        Database database(file, Database::Mode::read_write);
        Transaction transaction(database);
        Writer writer(database);
        for (int number = 1; number <= experiments; ++number)
            writer.write(Story(number));
        transaction.commit();
    }
    Ledger(file, clock).rebuild();
}

}  // namespace ratchet::test
