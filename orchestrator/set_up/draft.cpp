#include "orchestrator/set_up/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace {

/// Each paragraph is one line: nobody wraps a prompt.
constexpr const char* task = R"(# Draft a campaign file

This repository is to be optimised overnight: again and again an agent proposes a change, which is built, tested, and measured against the best code so far. Write down, in {0} in the current folder, what is to become better and how that is judged. {0} is there already: read it, look at the code, and edit it. (What was guessed in it comes from the names of files.)

- `[campaign] goal`: what shall become better, and what must stay as it is. The agents know nothing else of what is wanted.
- `scope`: globs of the files that may be changed. `protect`: globs of those that never may be: the tests, the benchmark, and what they read.
- `[build] command`, and `[[gate]] name, command`: they fail when the code is wrong. `[build] cache` names the folders that the build writes to.
- `[benchmark] command`: prints a line `METRIC name=value` (`metric` says which name counts), or has what it takes measured (`source = "wall"`, `"user+sys"` or `"peak_memory"`, and no `metric`). `direction` is "lower" or "higher". A run should take half a second to ten seconds, do the same work each time, and spend its time in the code that is in scope.
- `[canary] command`: a sabotage. It edits the code in scope, before the build, so that the metric must get much worse while all still builds (a loop that runs twice, a sleep). It shows that the benchmark measures this code.

Commands are run by sh in a fresh checkout of the last commit, in the folder of {0}, without a network. Only {0} is taken from you: a script, a test or a benchmark that you write as a file of its own is not there when they run. Use what the repository has; where it has no benchmark, write one into the command, over several lines between ''' if need be.

Leave everything else as it is: the campaign's name, `[prepare]`, `[proposer]`, `[budget]`, `[sandbox]` and the like are the user's. Comments that say EDIT go away with what they ask for.

Try the commands before you end. Then they are run as a campaign would run them, and the draft is taken when the build and the gates pass, the benchmark gives a number, and the sabotage makes it worse.
)";

/// As `given`, but for what a draft may say. Whatever is new in a campaign is the user's, until it is named
/// here.
Campaign with_what_a_draft_may_say(Campaign given, const Campaign& draft) {
    given.goal = draft.goal;
    given.scope = draft.scope;
    given.protect = draft.protect;
    given.build = draft.build;
    given.gates = draft.gates;
    given.benchmark = draft.benchmark;
    given.canary = draft.canary;
    return given;
}

/// What of the user's differs, as the file calls it.
std::string changed_part(const Campaign& draft, const Campaign& given) {
    const std::array<std::pair<bool, const char*>, 14> parts = {{
        {draft.name == given.name, "campaign.name"},
        {draft.seed == given.seed, "campaign.seed"},
        {draft.duplicates == given.duplicates, "campaign.duplicates"},
        {draft.workspace == given.workspace, "campaign.workspace"},
        {draft.on_event == given.on_event, "campaign.on_event"},
        {draft.prepare == given.prepare, "[prepare]"},
        {draft.constraints == given.constraints, "[[constraint]]"},
        {draft.holdout == given.holdout, "[holdout]"},
        {draft.proposer == given.proposer && draft.further_proposers == given.further_proposers &&
             draft.proposer_policy == given.proposer_policy,
         "[proposer], [proposers] or [[knob]]"},
        {draft.presets == given.presets, "[preset]"},
        {draft.budget == given.budget, "[budget]"},
        {draft.prices == given.prices, "[[price]]"},
        {draft.logs == given.logs, "[logs]"},
        {draft.sandbox == given.sandbox, "[sandbox]"},
    }};
    const auto* const changed =
        std::find_if(parts.begin(), parts.end(), [](const auto& part) { return !part.first; });
    return changed == parts.end() ? "what is not a draft's to say" : changed->second;
}

}  // namespace

std::string draft_prompt(const std::string& file_name, const std::string& problem) {
    std::string prompt = fmt::format(fmt::runtime(task), file_name);
    if (!problem.empty())
        prompt += fmt::format("\n## What is wrong with {} as it stands there now\n\n{}\n", file_name,
                              many_lines(problem));
    return prompt;
}

std::string objection_to(std::string_view text) {
    std::string line(text);
    std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    if (is_plain_text(line)) return {};
    return "the draft has characters that are not seen when it is shown, or is no UTF-8";
}

std::string objection_to(const Campaign& draft, const Campaign& given) {
    if (draft != with_what_a_draft_may_say(given, draft))
        return fmt::format("the draft changes {}, which only the user may: leave it as it was",
                           changed_part(draft, given));
    if (draft.gates.empty()) return "the draft has no [[gate]]: a change that breaks the code would be kept";
    if (!draft.canary)
        return "the draft has no [canary]: nothing shows that the benchmark measures the code in scope";
    if (draft.canary->command.empty())
        return "the sabotage of [canary] is a patch: a draft has it as a command";
    return {};
}

}  // namespace ratchet
