#include "orchestrator/proposers/command.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/gateway/retry_after.hpp"
#include "orchestrator/json_rendering.hpp"
#include "orchestrator/notation.hpp"
#include "orchestrator/proposers/model_gateway.hpp"
#include "orchestrator/proposers/notes_file.hpp"
#include "sandbox/declared_command.hpp"
#include "sandbox/safe_text.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// Where prompt and brief stand inside.
constexpr const char* inner_assignment = "/run/ratchet";
constexpr const char* prompt_file = "prompt.md";
constexpr const char* brief_file = "brief.json";

void write_assigned(const fs::path& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) throw_errno("writing " + file.string());
}

std::string brief_json(const Brief& brief, const Campaign& campaign) {
    const nlohmann::ordered_json json = {
        {"experiment", brief.id.value},
        {"parent", brief.parent.hex},
        {"proposer", brief.proposer},
        {"move", name_of(brief.move)},
        {"focus", brief.focus},
        {"reason", brief.reason},
        {"branched_off", brief.champion.hex},
        {"repair_of",
         brief.repair_of ? nlohmann::ordered_json(brief.repair_of->value) : nlohmann::ordered_json(nullptr)},
        {"seed", brief.seed},
        {"campaign", campaign.name},
        {"goal", campaign.goal},
        {"metric", campaign.benchmark.metric},
        {"direction", name_of(campaign.benchmark.direction)},
        {"scope", campaign.scope},
        {"protect", campaign.protect},
        {"notes_file", notes_file_name},
    };
    return text_of(json) + "\n";
}

/// The end of what it said, in one line.
std::string last_words(const RunResult& result) {
    constexpr std::size_t most = 300;
    std::string line = one_line(result.errors.last(most));
    return line.empty() ? one_line(result.output.last(most)) : line;
}

/// `report`: of an agent that speaks a language that is known; its words are better than the end of its
/// output.
std::string failure_of(const RunResult& result, Milliseconds timeout, const AgentReport& report) {
    constexpr std::size_t most = 300;
    std::string said = clipped_to_bytes(one_line(report.failure), most);
    if (result.succeeded()) return said.empty() ? said : "the agent said: " + said;
    std::string sentence;
    switch (result.ending) {
        case Ending::timed_out:
            sentence = "timed out after " + format_duration(timeout);
            break;
        case Ending::out_of_memory:
            sentence = "ran out of memory";
            break;
        case Ending::out_of_disk:
            sentence = "filled the disk";
            break;
        case Ending::signalled:
            sentence = fmt::format("was ended by signal {}", result.exit_status - 128);
            break;
        case Ending::not_started:
            sentence = "could not be started";
            break;
        default:
            sentence = fmt::format("ended with exit status {}", result.exit_status);
    }
    if (!result.diagnosis.empty()) sentence += "; it " + result.diagnosis;
    const std::string words = said.empty() ? last_words(result) : std::move(said);
    return "the command " + sentence + (words.empty() ? "" : ": " + words);
}

}  // namespace

CommandProposer::CommandProposer(const Campaign& campaign, Confinement& confinement,
                                 std::filesystem::path git_common_directory,
                                 std::filesystem::path state_folder, std::unique_ptr<LookupProvision> lookup,
                                 std::optional<Agent> agent)
    : campaign_(campaign),
      confinement_(confinement),
      git_common_directory_(std::move(git_common_directory)),
      state_folder_(std::move(state_folder)),
      lookup_(std::move(lookup)),
      agent_(std::move(agent)) {
    require_gateway(campaign.proposer, confinement.tier());
}

ConfinedCommand CommandProposer::confined(const Assignment& assignment, const Worktree& worktree) const {
    const SandboxSettings& sandbox = campaign_.sandbox;
    ConfinedCommand command = declared_command(sandbox);
    command.shell_command = campaign_.proposer.command;
    command.tree = worktree.path();
    command.folder = campaign_.folder;
    command.access = TreeAccess::writable;
    command.git_directory = git_common_directory_;
    // The ledger and the logs of all campaigns: what is to be known of them stands in the prompt.
    command.hidden = state_folder_.parent_path();
    command.network = sandbox.network;
    command.nested_sandboxes = sandbox.nested;
    command.standard_input = assignment.prompt;
    command.timeout = campaign_.proposer.timeout;
    command.log_file = assignment.log_file;
    for (Mount& mount : declared_mounts(sandbox.write, sandbox.home, true))
        command.mounts.push_back(std::move(mount));

    const fs::path folder = state_folder_ / "assignment";
    {
        const DurableStep step("proposal/write the assignment");
        fs::create_directories(folder);
        write_assigned(folder / prompt_file, assignment.prompt);
        write_assigned(folder / brief_file, brief_json(assignment.brief, campaign_));
    }
    // Without mounts, the files are where they are; the weak tier wants to know that they may be read.
    const bool mounted = confinement_.tier() == Requirement::strong;
    const fs::path seen = mounted ? fs::path(inner_assignment) : folder;
    if (confinement_.tier() != Requirement::none) command.mounts.push_back({folder, seen, false});
    command.environment.emplace_back("RATCHET_PROMPT", (seen / prompt_file).string());
    command.environment.emplace_back("RATCHET_BRIEF", (seen / brief_file).string());
    if (agent_) agent_->equip(command);
    if (lookup_) lookup_->provide(command, assignment.brief.parent, confinement_.tier());
    return command;
}

ProposerAnswer CommandProposer::propose(const Assignment& assignment, Worktree& worktree,
                                        const StopSignal& stop) {
    ConfinedCommand command = confined(assignment, worktree);
    const auto gateway = model_gateway(campaign_.proposer, assignment, state_folder_);
    if (gateway) gateway->provide(command);
    const RunResult result = confinement_.run(command, stop);
    const AgentReport report = agent_ ? agent_->heard(result) : AgentReport{};
    ProposerAnswer answer;
    answer.stopped = result.ending == Ending::stopped;
    answer.usage = report.usage;
    if (agent_) answer.model = campaign_.proposer.model;
    answer.usage.wall_seconds = result.figures.wall_seconds;
    answer.failure = answer.stopped ? "" : failure_of(result, campaign_.proposer.timeout, report);
    constexpr std::size_t last_said = 16 << 10;
    if (!answer.failure.empty()) {
        const auto now = std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
        answer.retry_after = retry_after_of(result.errors.last(last_said), now);
        if (!answer.retry_after) answer.retry_after = retry_after_of(result.output.last(last_said), now);
    }
    if (gateway) gateway->tell(answer);
    // Agents work in the campaign's folder and some of them go to the top of the tree.
    std::optional<Notes> notes = take_notes(worktree.path(), campaign_.folder);
    if (!campaign_.folder.empty()) {
        std::optional<Notes> above = take_notes(worktree.path(), {});
        if (!notes) notes = std::move(above);
    }
    if (notes) answer.notes = std::move(*notes);
    return answer;
}

}  // namespace ratchet
