#include "orchestrator/repetition.hpp"

#include <fmt/format.h>

#include "orchestrator/candidate.hpp"
#include "orchestrator/rewritten.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

/// Of what a proposal repeats, so many are looked at for one that is not worth trying again.
constexpr int repeats_looked_at = 4;

FileContents contents_in(const Repository& repository, const CommitId& commit) {
    return [&repository, commit](std::string_view path) { return repository.file(commit, path); };
}

Repetition compared(const Repeat& repeat, const Proposal& proposal, const CommitId& ground,
                    const Ledger& ledger, const Repository& repository) {
    Repetition repetition{repeat.of, repeat.likeness, false, {}};
    const auto earlier = ledger.experiment(repeat.of);
    const CommitId& earlier_ground = ground_of(*earlier);
    // To the last bit: git's patch id ignores white space, and in Python that is the program. What a person
    // took back may come again.
    const bool same_patch = !earlier->vetoed && earlier->proposal->diff == proposal.diff;
    // Without the commit, nothing speaks for the code having changed.
    if (earlier_ground == ground || !repository.exists(earlier_ground)) {
        repetition.same_patch = same_patch;
        return repetition;
    }
    const FileContents then = contents_in(repository, earlier_ground);
    const FileContents now = contents_in(repository, ground);
    repetition.same_patch = same_patch && untouched_since(earlier->proposal->diff, then, now);
    repetition.rewritten = rewritten_file(earlier->proposal->diff, then, now);
    return repetition;
}

/// As the next prompts may tell it: what lost on the held-out benchmark reads as not confirmed.
std::string verdict_of(ExperimentId id, const Ledger& ledger) {
    const auto earlier = ledger.experiment(id);
    if (!earlier || !earlier->decision) return "the base";
    const Verdict verdict = earlier->decision->verdict;
    return std::string(name_of(verdict == Verdict::holdout_failed ? Verdict::inconclusive : verdict));
}

}  // namespace

std::optional<Repetition> repetition_of(const Proposal& proposal, const CommitId& ground, ExperimentId id,
                                        const Ledger& ledger, const Repository& repository) {
    std::optional<Repetition> worth_again;
    for (const Repeat& repeat : ledger.repeats(proposal.diff, id, repeats_looked_at)) {
        Repetition repetition = compared(repeat, proposal, ground, ledger, repository);
        if (repetition.rewritten.empty()) return repetition;
        if (!worth_again) worth_again = std::move(repetition);
    }
    return worth_again;
}

std::optional<Decision> same_result(const Proposal& proposal, const TreeId& tree, const CommitId& ground,
                                    ExperimentId id, const Ledger& ledger) {
    // The tree decides, and not git's patch id: in Python white space is the program.
    const std::optional<ExperimentId> earlier = ledger.with_tree(tree, id);
    if (!earlier) return std::nullopt;
    if (earlier->value == 0) return rejected_as(*earlier, "the same files as the base");
    const bool same_patch = ledger.with_patch(proposal.patch_id, ground, id) == earlier;
    const char* what = same_patch ? "the same patch" : "the same resulting files";
    return rejected_as(*earlier,
                       fmt::format("{} as #{} ({})", what, earlier->value, verdict_of(*earlier, ledger)));
}

std::string sentence_of(const Repetition& repetition, const Ledger& ledger) {
    const char* what = "nearly the same change";
    if (repetition.likeness == Likeness::reformatted)
        what = "the same change but for white space and comments";
    if (repetition.same_patch) what = "the same patch on the same files";
    return fmt::format("{} as #{} ({})", what, repetition.of.value, verdict_of(repetition.of, ledger));
}

Decision rejected_as(ExperimentId earlier, std::string reason) {
    Decision decision;
    decision.verdict = Verdict::rejected;
    decision.rejection = Rejection::duplicate;
    decision.reason = std::move(reason);
    decision.duplicate_of = earlier;
    return decision;
}

}  // namespace ratchet
