#include "orchestrator/agent_trial.hpp"

#include <fmt/format.h>

#include "orchestrator/proposers/declared.hpp"
#include "orchestrator/proposers/notes_file.hpp"

namespace ratchet {

namespace {

constexpr const char* word = "ratchet";

/// One edit takes two or three, and a title or the like.
constexpr std::int64_t most_requests = 10;

/// As short as it can be: every token of it is paid for.
std::string trial_prompt() {
    return fmt::format(
        "This is a test of the set-up. In the current folder, create the file {} with exactly one line, the "
        "word {}. Read nothing, change nothing else, run nothing else, and stop when the file is there.\n",
        trial_file, word);
}

}  // namespace

AgentTrial try_agent(const Campaign& campaign, Proposer& proposer, Worktree& tree, Confinement& confinement,
                     const CommitId& commit, const std::filesystem::path& log_file, const StopSignal& stop) {
    tree.reset(commit);
    confinement.give(tree.path());
    Assignment assignment;
    assignment.brief.parent = commit;
    assignment.brief.proposer = name_of(campaign.proposer);
    assignment.prompt = trial_prompt();
    assignment.log_file = log_file;
    assignment.allowance.requests = most_requests;
    AgentTrial trial;
    trial.answer = proposer.propose(assignment, tree, stop);

    CapturePolicy policy;
    policy.ignored = {std::string(notes_file_name)};
    const CapturedDiff captured = tree.capture(commit, policy);
    if (captured.refused) trial.refused = captured.reason;
    const std::string wanted =
        campaign.folder.empty() ? trial_file : fmt::format("{}/{}", campaign.folder, trial_file);
    for (const TouchedFile& file : captured.files) {
        if (file.path != wanted) trial.stray.push_back(file.path);
    }
    trial.landed = captured.diff.find(fmt::format("+++ b/{}\n", wanted)) != std::string::npos &&
                   captured.diff.find(fmt::format("\n+{}", word)) != std::string::npos;
    return trial;
}

}  // namespace ratchet
