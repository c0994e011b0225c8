#include "tests/orchestrator/everyday_work.hpp"

#include <nlohmann/json.hpp>

#include "experiment_store/likeness.hpp"
#include "orchestrator/briefing/policy.hpp"
#include "orchestrator/briefing/prompt.hpp"
#include "orchestrator/briefing/streak.hpp"
#include "orchestrator/lookup/family.hpp"
#include "orchestrator/lookup/map.hpp"
#include "orchestrator/views/views.hpp"
#include "tests/orchestrator/recorded_ledger.hpp"

namespace ratchet {
namespace {

/// The newest one that has a diff.
Experiment newest_with_diff(const Ledger& ledger) {
    ExperimentId id{ledger.experiment_count()};
    for (;; --id.value) {
        auto experiment = ledger.experiment(id);
        if (experiment && experiment->proposal && !experiment->proposal->diff.empty() && experiment->decision)
            return *std::move(experiment);
    }
}

void write_prompts(const Campaign& campaign, const Ledger& ledger) {
    const Brief planned = plan(campaign, ledger, {{"src/untouched.cpp"}});
    write_prompt(campaign, ledger, planned);
    Brief focused = planned;
    focused.focus = newest_with_diff(ledger).proposal->files.front().path;
    write_prompt(campaign, ledger, focused);
    Brief named = planned;
    named.move = Move::combine;
    named.focus = "#2 + #3";
    write_prompt(campaign, ledger, named);
    for (const PromptMemory memory : {PromptMemory::none, PromptMemory::kept, PromptMemory::last_20}) {
        Campaign other = campaign;
        other.proposer.memory = memory;
        write_prompt(other, ledger, plan(other, ledger));
    }
}

void look_for_duplicates(const Campaign&, const Ledger& ledger) {
    const Experiment known = newest_with_diff(ledger);
    const Proposal& proposal = *known.proposal;
    for (const ExperimentId except : {known.brief.id, ExperimentId{ledger.experiment_count() + 1}}) {
        static_cast<void>(ledger.with_tree(known.tree, except));
        static_cast<void>(ledger.with_patch(proposal.patch_id, known.candidate_parent, except));
        static_cast<void>(ledger.repeats(proposal.diff, except, 4));
    }
}

void list(const Campaign&, const Ledger& ledger) {
    const Experiment known = newest_with_diff(ledger);
    const std::string file = known.proposal->files.front().path;
    for (const auto& verdict : {std::optional<Verdict>(), std::optional(Verdict::kept),
                                std::optional(Verdict::gate_failed), std::optional(Verdict::vetoed)}) {
        for (const auto& path :
             {std::optional<std::string>(), std::optional(file), std::optional<std::string>("no")}) {
            for (const auto& since : {std::optional<Timestamp>(), std::optional(known.started_at)}) {
                SummaryQuery query;
                query.verdict = verdict;
                query.file = path;
                query.since = since;
                static_cast<void>(ledger.summaries(query));
            }
        }
    }
}

void show_status(const Campaign& campaign, const Ledger& ledger) {
    static_cast<void>(status_text(campaign, ledger, {}));
    static_cast<void>(status_json(campaign, ledger));
}

void search(const Campaign&, const Ledger& ledger) {
    for (const char* text : {"the inner loop", "hoist", "Größe", "nowhere"})
        static_cast<void>(ledger.search(text, 20));
}

void look_up(const Campaign&, const Ledger& ledger) {
    const Experiment known = newest_with_diff(ledger);
    static_cast<void>(ledger.prompt(known.brief.id));
    static_cast<void>(ledger.discarded_pairs(known.brief.id));
    static_cast<void>(family_of(ledger, known.brief.id));
    static_cast<void>(neighbours_of(ledger, known.brief.id, 20));
    static_cast<void>(tried_where(ledger, {"src/untouched.cpp"}, 20));
    static_cast<void>(ledger.ideas(20));
    static_cast<void>(ledger.newest_notes(20));
    static_cast<void>(ledger.imported(20));
}

/// What the loop asks between two experiments.
void go_on(const Campaign&, const Ledger& ledger) {
    static_cast<void>(ledger.unfinished());
    static_cast<void>(ledger.last_session_end());
    static_cast<void>(ledger.error_budget());
    static_cast<void>(failure_streak(ledger, 10));
    static_cast<void>(ledger.origin({1}));
}

}  // namespace

std::vector<EverydayWork> everyday_work() {
    return {{"a prompt", write_prompts},
            {"the check for duplicates", look_for_duplicates},
            {"a list of experiments", list},
            {"the status", show_status},
            {"a search", search},
            {"a look at one experiment, at the map, at ideas", look_up},
            {"what comes between two experiments", go_on}};
}

void go_through_an_experiment(const Campaign& campaign, Ledger& ledger) {
    const CommitId champion = ledger.champion().commit;
    const Brief brief = plan(campaign, ledger);
    const ExperimentId id = ledger.begin(brief, "the prompt");
    const auto number = static_cast<std::uint64_t>(id.value);
    Proposal proposal;
    proposal.notes.hypothesis = "hoist the load of the table out of its inner loop " + std::to_string(number);
    proposal.notes.next_ideas = {"align the table to a line of the cache, as entry " +
                                 std::to_string(number)};
    proposal.diff =
        "diff --git a/src/part_1.cpp b/src/part_1.cpp\n--- a/src/part_1.cpp\n+++ b/src/part_1.cpp\n"
        "@@ -7 +7 @@ in step_1\n-    int before = 1;\n+    int after = table[" +
        std::to_string(number) + "];\n";
    proposal.files = {{"src/part_1.cpp", 1, 1}};
    proposal.patch_id = digits(number + 7'000'000);
    ledger.store_proposal(id, proposal);
    ledger.captured(id, {digits(number + 8'000'000)}, {digits(number + 9'000'000)});
    ledger.advance(id, Stage::admitted);
    StageRun run;
    run.stage = Stage::gated;
    run.name = "unit tests";
    run.tail = "FAILED test_1 in 3s\n";
    ledger.advance(id, Stage::built, {run});
    Decision decision;
    decision.verdict = Verdict::gate_failed;
    decision.reason = "unit tests: exit status 1";
    ledger.finish(id, decision, champion);
}

}  // namespace ratchet
