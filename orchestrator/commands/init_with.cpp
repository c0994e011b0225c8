#include "orchestrator/commands/init_with.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "experiment_store/errors.hpp"
#include "orchestrator/campaign_file.hpp"
#include "orchestrator/commands/drafting.hpp"
#include "orchestrator/commands/drafting_flags.hpp"
#include "orchestrator/commands/new_file.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/own_scope.hpp"
#include "orchestrator/set_up/draft.hpp"
#include "orchestrator/stop_on_signal.hpp"
#include "orchestrator/views/spend_view.hpp"
#include "orchestrator/workbench.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

// Told what was wrong with the first one, an agent mends it or does not: a fourth would only cost more.
constexpr int most_drafts = 3;

struct Draft {
    std::string text;
    std::string problem;  ///< for the agent and a person; empty: it is sound
    std::vector<Observation> findings;
};

std::string words_of(const UserError& error) {
    return error.hint().empty() ? error.what() : fmt::format("{}; {}", error.what(), error.hint());
}

std::string problem_of(const std::vector<Observation>& findings) {
    std::string problem;
    for (const Observation& finding : findings) {
        if (finding.well) continue;
        if (!problem.empty()) problem += '\n';
        problem += fmt::format("{}: {}", finding.subject, finding.text);
    }
    return problem;
}

/// A draft is run only where it keeps to what a draft may say.
Draft judged(const Drafting& drafting, const std::string& text, const Campaign& given) {
    Draft draft{text, objection_to(text), {}};
    if (!draft.problem.empty()) return draft;
    try {
        const Campaign campaign = read_campaign(text, given.file_name);
        draft.problem = objection_to(campaign, given);
        if (draft.problem.empty() && !drafting.has_code_in_scope(campaign))
            draft.problem = "campaign.scope names no file of the last commit that is not protected";
        if (!draft.problem.empty()) return draft;
        draft.findings = drafting.look(text);
        draft.problem = problem_of(draft.findings);
    } catch (const NoRoom&) {
        throw;
    } catch (const UserError& error) {
        draft.problem = words_of(error);
    }
    return draft;
}

void add(Usage& sum, const Usage& usage) {
    sum.requests += usage.requests;
    sum.input_tokens += usage.input_tokens;
    sum.output_tokens += usage.output_tokens;
    if (usage.cost) sum.cost = sum.cost.value_or(0) + *usage.cost;
    sum.wall_seconds += usage.wall_seconds;
}

/// The campaign as it is before anybody drafts.
Campaign campaign_of(const std::string& guess, const fs::path& file) {
    try {
        return read_campaign(guess, file.filename());
    } catch (const UserError& error) {
        throw UsageError(fmt::format("what the command line says makes no campaign file: {}", error.what()),
                         error.hint());
    }
}

/// What is not here can be built by nobody, whatever a draft says.
void require_whole(const Repository& repository) {
    const std::vector<std::string> missing = repository.missing_objects(repository.head());
    if (missing.empty()) return;
    throw UserError(fmt::format("not all of HEAD is here: {}{}", missing.front(),
                                missing.size() > 1 ? fmt::format(" and {} more", missing.size() - 1) : ""),
                    "`git submodule update --init --recursive` and `git lfs pull` fetch it");
}

/// What came of all drafts together.
struct Drafted {
    Draft last;
    Usage usage;
};

/// Asks until a draft is sound, or often enough. Nothing: the user asked to stop.
std::optional<Drafted> drafted(const Drafting& drafting, const std::string& guess, const Campaign& given,
                               Status& status, const StopSignal& stop) {
    constexpr std::size_t most_shown = 500;
    Drafted drafted{{guess, {}, {}}, {}};
    for (int number = 1; number <= most_drafts; ++number) {
        if (stop.requested()) return std::nullopt;  // nobody is asked for nothing
        status.message(fmt::format("asking {} for {}", given.proposer.use,
                                   number == 1 ? "a draft; this costs some requests" : "a better one"));
        const DraftAnswer answer = drafting.ask(drafted.last.text, drafted.last.problem);
        if (stop.requested()) return std::nullopt;
        add(drafted.usage, answer.usage);
        const bool untouched = answer.text == drafted.last.text;
        if (untouched && !answer.failure.empty())
            throw UserError(fmt::format("{} made no draft: {}", given.proposer.use, answer.failure),
                            "nothing was written; docs/agents.md says what each agent needs");
        if (!answer.text) {
            drafted.last.problem = fmt::format("{} is no file any more, or was taken away", given.file_name);
        } else {
            drafted.last = judged(drafting, *answer.text, given);
            if (stop.requested()) return std::nullopt;
        }
        if (drafted.last.problem.empty()) break;
        status.warning(fmt::format("draft {} is not sound: {}", number,
                                   clipped_to_bytes(one_line(drafted.last.problem), most_shown)));
    }
    return drafted;
}

/// `file` is null where nothing was written.
void show(const CommandLine& line, const Drafted& drafted, const nlohmann::ordered_json& file) {
    std::ostream& out = *line.surroundings.out;
    const Draft& draft = drafted.last;
    if (line.json) {
        const nlohmann::ordered_json json = {
            {"file", file},
            {"draft", draft.text},
            {"problem",
             draft.problem.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(draft.problem)},
            {"findings", json_of(draft.findings)},
            {"usage", json_of(drafted.usage)}};
        out << text_of(json, false) << '\n';
        return;
    }
    out << '\n' << many_lines(draft.text) << '\n';
    for (const Observation& finding : draft.findings)
        out << observation_line(finding);
    if (const std::string usage = usage_text(drafted.usage); !usage.empty())
        out << "the drafts took " << usage << '\n';
}

}  // namespace

int init_with(const CommandLine& line, const Repository& repository, const Detection& detection,
              const fs::path& file, DraftingAgent agent) {
    if (!agent.login.empty() && !agent.login.starts_with("~/"))
        agent.login = line.surroundings.working_directory / agent.login;
    require_possible(agent, line.surroundings.environment);
    require_new_file(file);
    require_whole(repository);
    const std::string guess = campaign_text(detection, agent);
    const Campaign given = campaign_of(guess, file);
    enter_own_scope(line.surroundings);  // begins this program anew: before there is anything to tidy up
    const StopOnSignal stop;
    const std::unique_ptr<Status> status = make_status(line, Scale::ratio);
    std::optional<Drafted> result;
    {
        const Drafting drafting(line, repository, file, guess);
        result = drafted(drafting, guess, given, *status, stop);
    }
    if (!result) return exit_stopped;
    if (!result->last.problem.empty()) {
        show(line, *result, nullptr);
        throw UserError(
            fmt::format("none of {} drafts is sound, and {} is not written", most_drafts, file.string()),
            "the last one stands above, with what is wrong with it; `ratchet init` alone writes a "
            "first guess to go on from by hand");
    }
    write_new_file(file, result->last.text);
    show(line, *result, file.string());
    if (!line.json)
        *line.surroundings.out << fmt::format("wrote {}: read it, then `ratchet run`\n",
                                              shown_path(file.string()));
    return exit_done;
}

}  // namespace ratchet
