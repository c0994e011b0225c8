#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "experiment_store/errors.hpp"
#include "orchestrator/briefing/safe_text.hpp"
#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/exchange/own_commits.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/measure_again.hpp"
#include "orchestrator/rendering.hpp"
#include "orchestrator/workbench.hpp"

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;

struct ReplayOptions {
    std::vector<std::string> numbers;
    bool imported = false;
};

/// What came of one.
struct Replayed {
    ReplayItem item;
    std::optional<Replay> now;  ///< nothing: it could not be measured here
    std::string cannot;
};

/// All of them, oldest first. Commits that came to this repository after the import are found now.
std::vector<ImportedExperiment> all_imported(const OpenCampaign& opened) {
    std::vector<ImportedExperiment> imported = opened.ledger.imported(std::numeric_limits<int>::max());
    std::reverse(imported.begin(), imported.end());
    find_own_commits(imported, opened);
    return imported;
}

/// "17", "#17" or "i17".
ReplayItem item_named(const std::string& text, const OpenCampaign& opened) {
    const bool foreign = text.starts_with('i');
    const std::string_view digits = std::string_view(text).substr(foreign || text.starts_with('#') ? 1 : 0);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || number < 1) {
        throw UsageError(fmt::format("{} is no number of an experiment", in_quotes(text)),
                         "17 is the experiment #17, i17 the imported one of that number");
    }
    if (!foreign) {
        if (const auto experiment = opened.ledger.experiment({number}))
            return replay_item(*experiment, opened.repository);
        throw UserError(fmt::format("there is no experiment #{}", number), "`ratchet log` lists them");
    }
    for (const ImportedExperiment& imported : all_imported(opened)) {
        if (imported.id.value == number) return replay_item(imported, opened.repository);
    }
    throw UserError(fmt::format("there is no imported experiment i{}", number),
                    "`ratchet log --imported` lists them");
}

std::vector<ReplayItem> all_items(const OpenCampaign& opened, bool foreign) {
    std::vector<ReplayItem> items;
    if (foreign) {
        for (const ImportedExperiment& imported : all_imported(opened))
            items.push_back(replay_item(imported, opened.repository));
        return items;
    }
    for (std::int64_t number = 1; number <= opened.ledger.experiment_count(); ++number)
        items.push_back(replay_item(*opened.ledger.experiment({number}), opened.repository));
    return items;
}

std::string judged_text(const std::string& verdict, const std::optional<Interval>& effect, Scale scale) {
    const std::string figure = effect_text(effect, scale);
    return figure.empty() ? verdict : verdict + " " + figure;
}

std::string replayed_text(const Replayed& replayed, Scale scale) {
    const ReplayItem& item = replayed.item;
    const std::string then = judged_text(item.then, item.effect_then, scale);
    if (!replayed.now)
        return fmt::format("{} {} then; not measured: {}", item.number(), then, one_line(replayed.cannot));
    const Decision& now = replayed.now->decision;
    std::string text = fmt::format("{} {} then, {} now: {}", item.number(), then,
                                   judged_text(std::string(name_of(now.verdict)), now.effect, scale),
                                   name_of(agreement(item, now)));
    if (agreement(item, now) == Agreement::differs && !now.reason.empty())
        text += fmt::format(" ({})", one_line(now.reason));
    return text;
}

Json replayed_json(const Replayed& replayed) {
    const ReplayItem& item = replayed.item;
    return {
        {"experiment", item.experiment ? Json(item.experiment->value) : Json(nullptr)},
        {"imported", item.imported ? Json(item.imported->value) : Json(nullptr)},
        {"then", item.then.empty() ? Json(nullptr) : Json(item.then)},
        {"effect_then", json_of(item.effect_then)},
        {"now", replayed.now ? json_of(*replayed.now) : Json(nullptr)},
        {"agreement", replayed.now ? Json(name_of(agreement(item, replayed.now->decision))) : Json(nullptr)},
        {"cannot", replayed.cannot.empty() ? Json(nullptr) : Json(replayed.cannot)}};
}

std::string summary_text(const std::vector<Replayed>& all) {
    std::array<std::size_t, Names<Agreement>::names.size()> counts{};
    std::size_t measured = 0;
    for (const Replayed& replayed : all) {
        if (!replayed.now) continue;
        ++measured;
        ++counts.at(static_cast<std::size_t>(agreement(replayed.item, replayed.now->decision)));
    }
    std::string text = fmt::format("{} measured again: {} the same, {} similar, {} different", measured,
                                   counts[0], counts[1], counts[2]);
    if (all.size() > measured) text += fmt::format("; {} not measured", all.size() - measured);
    return text + '\n';
}

/// One experiment. Nothing: the user asked to stop.
std::optional<Replayed> replay_one(const ReplayItem& item, MeasuringAgain& again, Workbench& bench) {
    if (!item.cannot.empty()) return Replayed{item, std::nullopt, item.cannot};
    std::optional<Decision> decision;
    try {
        decision = again.judge(item);
    } catch (const UserError& error) {
        // What it stands on does not build or run here: a finding about the place, not about the others.
        return Replayed{item, std::nullopt, error.what()};
    }
    if (!decision) return std::nullopt;
    Replay replay;
    replay.experiment = item.experiment;
    replay.imported = item.imported;
    replay.epoch = bench.opened.ledger.epoch()->id;
    replay.champion = item.champion;
    replay.candidate = item.candidate;
    replay.decision = *std::move(decision);
    replay.host = again.host();
    replay.at = bench.opened.clock->now();
    bench.opened.ledger.add_replay(replay);
    return Replayed{item, std::move(replay), {}};
}

/// What can be measured and was not yet in this round, and what cannot be, with the reason. Named ones all.
std::vector<ReplayItem> chosen_items(const ReplayOptions& options, Workbench& bench,
                                     const std::string& host) {
    const OpenCampaign& opened = bench.opened;
    std::vector<ReplayItem> items;
    for (const std::string& text : options.numbers)
        items.push_back(item_named(text, opened));
    if (!items.empty()) return items;
    std::vector<ReplayItem> bad;
    for (ReplayItem& item : all_items(opened, options.imported))
        (item.cannot.empty() ? items : bad).push_back(std::move(item));
    if (items.empty()) {
        throw UserError(options.imported
                            ? "no imported experiment can be measured here: none has a commit of its own in "
                              "this repository"
                            : "there is nothing to measure again: no experiment was measured yet, or none of "
                              "their commits is here",
                        options.imported ? "`git fetch` the branch on which the other tool worked; "
                                           "`ratchet log --imported` lists them."
                                         : "`ratchet log` lists them; `ratchet doctor` makes commits again.");
    }
    const std::size_t all = items.size();
    items = items_left(std::move(items), opened.ledger.replays(), host, opened.ledger.epoch()->id);
    if (items.size() < all)
        bench.status->message(fmt::format("{} of {} are left of this round", items.size(), all));
    items.insert(items.end(), bad.begin(), bad.end());
    return items;
}

int replay(const CommandLine& line, const ReplayOptions& options) {
    Workbench bench(line);
    MeasuringAgain again(bench.opened, *bench.confinement, *bench.status, bench.stop);
    const Scale scale = bench.opened.campaign.benchmark.scale;
    std::vector<Replayed> all;
    bool stopped = false;
    for (const ReplayItem& item : chosen_items(options, bench, again.host())) {
        auto replayed = bench.stop.requested() ? std::nullopt : replay_one(item, again, bench);
        stopped = !replayed;
        if (stopped) break;
        if (replayed->now || !options.numbers.empty()) bench.status->message(replayed_text(*replayed, scale));
        all.push_back(*std::move(replayed));
    }
    again.release();
    bench.steps.release();
    std::ostream& out = *line.surroundings.out;
    if (line.json) {
        Json list = Json::array();
        for (const Replayed& replayed : all)
            list.push_back(replayed_json(replayed));
        out << text_of({{"replays", list}, {"complete", !stopped}}, false) << '\n';
    } else {
        out << summary_text(all);
    }
    return stopped ? exit_stopped : exit_done;
}

}  // namespace

void add_replay(CLI::App& app, CommandLine& line) {
    auto* verb = app.add_subcommand("replay", "Measure recorded or imported experiments again, here");
    auto options = std::make_shared<ReplayOptions>();
    auto* numbers = verb->add_option("number", options->numbers,
                                     "Which: 17 (an experiment), i17 (an imported one); default: all")
                        ->type_name("N");
    verb->add_flag("--imported", options->imported, "All that were imported from other tools")
        ->excludes(numbers);
    verb->footer(
        "Each is built, tested and measured against the commit that it was made on, with the harness of now, "
        "and its\nverdict is compared with that of then. Nothing becomes champion and nothing counts; the "
        "results "
        "stand in the\nledger. Stopped before the last one, the same command goes on with those that are "
        "left.");
    verb->callback([&line, options] { line.chosen = [&line, options] { return replay(line, *options); }; });
}

}  // namespace ratchet
