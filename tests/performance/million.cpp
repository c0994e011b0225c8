// What memory costs in a long campaign: makes a ledger of so many experiments (made_ledger.hpp says what is
// real about it), keeps it in the folder for the next time, and prints what is read from it and written to
// it: medians in ms, of this process's calls or of whole processes of the real program.
//
//   million FOLDER [EXPERIMENTS] [--rebuild] [--once]      1000000 if not said
//
// --rebuild begins with making anew what is derived, for a ledger that an earlier program made. --once also
// measures what takes minutes: export, backup, rebuild and check; and says where the bytes are.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "experiment_store/exchange/facts.hpp"
#include "experiment_store/ledger.hpp"
#include "experiment_store/lookup_copy.hpp"
#include "experiment_store/recall.hpp"
#include "experiment_store/sqlite.hpp"
#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/prompt.hpp"
#include "orchestrator/campaign_file.hpp"
#include "tests/performance/made_ledger.hpp"
#include "tests/performance/real_campaign.hpp"
#include "tests/performance/stopwatch.hpp"

namespace {

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::performance;

constexpr int times = 21;
constexpr std::int64_t experiments_that_say_how_long_one_takes = 60;

constexpr const char* campaign_file = R"([campaign]
name = "million"
goal = "Make the requests faster. The answers must stay the same."
scope = ["src/**"]
[build]
command = "make -j2"
[[gate]]
name = "unit tests"
command = "make check"
[benchmark]
command = "./bench"
metric = "time_ms"
unit = "ms"
direction = "lower"
[[constraint]]
metric = "peak_memory"
limit = "+5%"
[proposer]
use = "command"
command = "true"
)";

void print(const std::string& what, double milliseconds, const std::string& remark = {}) {
    fmt::print("{:<52}{:>12.3f}  {}\n", what, milliseconds, remark);
    std::fflush(stdout);
}

CampaignIdentity identity() {
    const Campaign campaign = read_campaign(campaign_file, "ratchet.toml");
    CampaignIdentity identity;
    identity.name = campaign.name;
    identity.metric = campaign.benchmark.metric;
    identity.unit = campaign.benchmark.unit;
    identity.goal = campaign.goal;
    identity.base = {std::string(40, 'b')};
    identity.base_tree = {std::string(40, 't')};
    return identity;
}

std::string prompt_of_next(const Campaign& campaign, const Ledger& ledger) {
    return write_prompt(campaign, ledger, plan(campaign, ledger));
}

void make_where_it_is_not(const fs::path& file, std::int64_t experiments) {
    if (fs::exists(file)) return;
    const Campaign campaign = read_campaign(campaign_file, "ratchet.toml");
    const fs::path unfinished = file.string() + ".unfinished";
    for (const char* part : {"", "-wal", "-shm"})
        fs::remove(unfinished.string() + part);
    const Stopwatch watch;
    std::int64_t told = 0;
    make_ledger(
        unfinished, experiments, identity(), campaign_file,
        [&](const Ledger& ledger) { return prompt_of_next(campaign, ledger); },
        [&](std::int64_t made) {
            if (made - told < 50'000) return;
            told = made;
            fmt::print(stderr, "{} of {} made in {:.0f} s\n", made, experiments, watch.milliseconds() / 1000);
        });
    fs::rename(unfinished, file);
    fmt::print("made in {:.0f} s\n", watch.milliseconds() / 1000);
}

/// The whole of what is asked of memory in a run: each with other briefs and other diffs.
class Reading {
  public:
    explicit Reading(const fs::path& file)
        : ledger_(file, clock_, Ledger::Mode::read_only),
          campaign_(read_campaign(campaign_file, "ratchet.toml")),
          made_(static_cast<std::uint64_t>(experiments()) + 7) {}

    [[nodiscard]] std::int64_t experiments() const { return ledger_.experiment_count(); }

    void measure() {
        print("plan", median(times, [&] { return plan(campaign_, ledger_); }));
        const Brief planned = plan(campaign_, ledger_);
        std::size_t bytes = 0;
        const double prompt = median(times, [&] {
            Brief brief = planned;
            brief.seed = made_.chance().next();
            brief.focus = made_.chance().happens(0.8) ? made_.texts().path(made_.chance()) : "";
            return bytes = write_prompt(campaign_, ledger_, brief).size();
        });
        print("prompt", prompt, fmt::format("{} bytes", bytes));
        duplicates();
        search();
        print("champion", median(times, [&] { return ledger_.champion(); }));
        print("unfinished", median(times, [&] { return ledger_.unfinished(); }));
    }

  private:
    MadeExperiment another() { return made_.next(experiments(), ledger_.champion().commit, clock_.now()); }

    /// An earlier one, as the proposal of a new one that does the same; the newest are the likeliest.
    Experiment earlier() {
        const auto back =
            static_cast<std::int64_t>(made_.chance().skewed(static_cast<std::size_t>(experiments())));
        return *ledger_.experiment({experiments() - back});
    }

    /// As the admission of a proposal asks.
    [[nodiscard]] bool is_known(const TreeId& tree, const std::string& patch_id,
                                const CommitId& parent) const {
        const ExperimentId next{experiments() + 1};
        const bool same_tree = ledger_.with_tree(tree, next).has_value();
        return ledger_.with_patch(patch_id, parent, next).has_value() || same_tree;
    }

    void duplicates() {
        print("duplicate check, exact: new", median(
                                                 times, [&] { return another(); },
                                                 [&](const MadeExperiment& made) {
                                                     return is_known(made.tree, made.proposal.patch_id,
                                                                     made.brief.parent);
                                                 }));
        print("duplicate check, exact: known",
              median(
                  times, [&] { return earlier(); },
                  [&](const Experiment& known) {
                      return is_known(known.tree, known.proposal ? known.proposal->patch_id : "",
                                      known.brief.parent);
                  }));
        near_ones();
        constexpr int shown = 4;
        const auto repeats = [&](const std::string& diff) {
            return ledger_.repeats(diff, {experiments() + 1}, shown);
        };
        print("duplicate check, near by statements: new",
              median(
                  times, [&] { return another(); },
                  [&](const MadeExperiment& made) { return repeats(made.proposal.diff); }));
        print("duplicate check, near by statements: known",
              median(
                  times, [&] { return earlier(); },
                  [&](const Experiment& known) {
                      return repeats(known.proposal ? known.proposal->diff : "");
                  }));
    }

    void near_ones() {
        constexpr int bits = 12;
        constexpr int shown = 5;
        const auto near = [&](const std::string& diff) {
            return ledger_.near(fingerprint_of(diff), bits, shown);
        };
        print("duplicate check, near: first of a process",
              median(
                  1, [&] { return another(); },
                  [&](const MadeExperiment& made) { return near(made.proposal.diff); }));
        print("duplicate check, near",
              median(
                  times, [&] { return another(); },
                  [&](const MadeExperiment& made) { return near(made.proposal.diff); }));
    }

    void search_for(const char* what, const std::function<std::string()>& text) {
        constexpr int shown = 20;
        std::size_t found = 0;
        const double milliseconds = median(times, text, [&](const std::string& words) {
            const std::size_t here = ledger_.search(words, shown).size();
            found += here;
            return here;
        });
        print(what, milliseconds, fmt::format("{:.1f} found", static_cast<double>(found) / times));
    }

    void search() {
        search_for("search: an idea", [&] { return another().proposal.notes.hypothesis; });
        search_for("search: common words", [] { return "hoist the allocation, it is on the hot path"; });
        search_for("search: a function", [&] { return made_.texts().change(made_.chance()).function; });
    }

    MadeClock clock_;
    Ledger ledger_;
    Campaign campaign_;
    MadeExperiments made_;
};

/// Whole processes, in a repository of which this is the ledger.
void measure_processes(const fs::path& file, std::int64_t experiments) {
    const RealCampaign campaign("million", {{"src/a.cpp", "int a;\n"}, {"ratchet.toml", campaign_file}});
    fs::create_directories(campaign.state_folder());
    fs::create_symlink(file, campaign.state_folder() / "ledger.sqlite");
    const fs::path folder = campaign.state_folder().parent_path().parent_path().parent_path();
    const std::vector<std::vector<std::string>> verbs = {
        {"log"},
        {"log", "--json"},
        {"log", "--verdict", "kept"},
        {"log", "--verdict", "inconclusive"},
        {"log", "--file", MadeTexts(1).most_changed_file()},
        {"log", "--file", "no/such/file"},
        {"log", "--since", "2025-03-01"},
        {"status"},
        {"status", "--json"},
        {"show", std::to_string(experiments / 2)},
        {"search", "hoist the lock because it misses the cache"},
        {"prompt"},
    };
    long resident = 0;
    for (const auto& verb : verbs) {
        const double milliseconds = median(
            times, [&] { return resident = std::max(resident, run_program(RATCHET_PROGRAM, verb, folder)); });
        print("ratchet " + fmt::format("{}", fmt::join(verb, " ")), milliseconds, "whole process");
    }
    fmt::print("highest resident memory of these processes: {} MiB\n", resident / 1024);
}

std::string with_longest(const std::vector<double>& values) {
    return fmt::format("longest {:.1f}", *std::max_element(values.begin(), values.end()));
}

/// New experiments through the calls of the ledger, each call durable.
class Writing {
  public:
    explicit Writing(const fs::path& file)
        : ledger_(file, clock_),
          campaign_(read_campaign(campaign_file, "ratchet.toml")),
          maker_(static_cast<std::uint64_t>(ledger_.experiment_count()) + 1) {}

    void measure() {
        std::vector<double> whole;
        std::vector<double> each;
        for (std::int64_t i = 0; i < experiments_that_say_how_long_one_takes; ++i) {
            const Written written = another();
            whole.push_back(written.milliseconds);
            each.push_back(written.milliseconds / written.calls);
        }
        print("one experiment written, all its transactions", middle_of(whole), with_longest(whole));
        print("one transaction", middle_of(each));
    }

    /// And what the copy for proposers takes to have each of them too.
    void measure_copy(const fs::path& file) {
        LookupCopy copy(file, clock_);
        const auto catch_up = [&] {
            const Stopwatch watch;
            copy.catch_up(ledger_);
            return watch.milliseconds();
        };
        print("the copy for proposers, made or brought up to date", catch_up());
        std::vector<double> copied;
        for (std::int64_t i = 0; i < experiments_that_say_how_long_one_takes; ++i) {
            another();
            copied.push_back(catch_up());
        }
        print("one experiment taken into the copy for proposers", middle_of(copied), with_longest(copied));
    }

  private:
    struct Written {
        double milliseconds = 0;
        int calls = 0;
    };

    Written another() {
        const MadeExperiment made =
            maker_.next(ledger_.experiment_count(), ledger_.champion().commit, clock_.now());
        const std::string prompt = prompt_of_next(campaign_, ledger_);
        const Stopwatch watch;
        const int calls = record(ledger_, made, prompt);
        return {watch.milliseconds(), calls};
    }

    MadeClock clock_;
    Ledger ledger_;
    Campaign campaign_;
    MadeExperiments maker_;
};

long resident_mebibytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

template <typename Work>
void measure_once(const char* what, const Work& work) {
    const Stopwatch watch;
    work();
    print(what, watch.milliseconds(), fmt::format("highest memory so far {} MiB", resident_mebibytes()));
}

void print_sizes(const fs::path& file) {
    Database database(file, Database::Mode::read_only);
    const auto experiments =
        static_cast<double>(*database.value<std::int64_t>("SELECT max(id) FROM experiment"));
    Statement rows = database.query(
        "SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = TRUE GROUP BY name ORDER BY 2 DESC LIMIT 24");
    while (rows.next()) {
        const auto name = rows.take<std::string>();
        fmt::print("  {:<40}{:>10.0f} bytes an experiment\n", name, rows.take<double>() / experiments);
    }
}

/// What is done to the whole ledger, on a copy of it where it changes something.
void measure_the_whole(const fs::path& file) {
    print_sizes(file);
    const MadeClock clock;
    const fs::path copy = file.string() + ".copy";
    fs::remove(copy);
    const Ledger ledger(file, clock, Ledger::Mode::read_only);
    measure_once("the facts as JSON Lines, as export has them", [&] {
        FactsReader facts(file);
        std::ofstream nowhere("/dev/null");
        for (const std::string& table : facts.tables())
            facts.write(table, nowhere);
    });
    measure_once("backup", [&] { ledger.backup(copy, false); });
    measure_once("rebuild", [&] { Ledger(copy, clock).rebuild(); });
    for (const char* part : {"", "-wal", "-shm"})
        fs::remove(copy.string() + part);
    measure_once("check", [&] {
        for (const LedgerProblem& problem : ledger.problems())
            fmt::print("  {}\n", problem.text);
    });
}

struct Wanted {
    std::int64_t experiments = 1'000'000;
    bool rebuild = false;
    bool once = false;
};

void measure(const fs::path& folder, const Wanted& wanted) {
    fs::create_directories(folder);
    const fs::path file = fs::absolute(folder / fmt::format("{}.sqlite", wanted.experiments));
    make_where_it_is_not(file, wanted.experiments);
    if (wanted.rebuild) {
        const MadeClock clock;
        measure_once("rebuild", [&] { Ledger(file, clock).rebuild(); });
    }
    {
        const Stopwatch watch;
        Reading reading(file);
        print("opening", watch.milliseconds());
        fmt::print("{} experiments; {:.0f} bytes on the disk for each\n", reading.experiments(),
                   static_cast<double>(fs::file_size(file)) / static_cast<double>(reading.experiments()));
        reading.measure();
    }
    fmt::print("highest resident memory of this process so far: {} MiB\n", resident_mebibytes());
    measure_processes(file, wanted.experiments);
    Writing writing(file);
    writing.measure();
    writing.measure_copy(file.string() + ".lookup/ledger.sqlite");
    if (wanted.once) measure_the_whole(file);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc < 2 || argv[1][0] == '-')
            throw std::runtime_error("usage: million FOLDER [EXPERIMENTS] [--rebuild] [--once]");
        Wanted wanted;
        for (int i = 2; i < argc; ++i) {
            const std::string_view word = argv[i];
            if (word == "--rebuild") {
                wanted.rebuild = true;
            } else if (word == "--once") {
                wanted.once = true;
            } else {
                wanted.experiments = std::atoll(argv[i]);
            }
        }
        measure(argv[1], wanted);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "million: %s\n", error.what());
        return 1;
    }
    return 0;
}
