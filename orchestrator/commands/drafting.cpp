#include "orchestrator/commands/drafting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <ostream>
#include <system_error>
#include <utility>

#include "experiment_store/errors.hpp"
#include "orchestrator/commands/look_over.hpp"
#include "orchestrator/lookup/provision.hpp"
#include "orchestrator/prices.hpp"
#include "orchestrator/proposers/declared.hpp"
#include "orchestrator/proposers/proposer.hpp"
#include "orchestrator/set_up/draft.hpp"
#include "orchestrator/spending.hpp"
#include "orchestrator/workbench.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/scope.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// Beside the draft, in the clone's checkout only: an agent runs by what the user has said, whatever stands
/// in its draft.
constexpr const char* given_file = ".ratchet-given.toml";

/// Twice as many as `ratchet agent` takes at most: who needs more than that is lost. The gateway keeps to it.
constexpr std::int64_t most_requests_of_a_draft = 200;

/// Relative to the repository's root.
fs::path place_in(const Repository& repository, const fs::path& file) {
    const fs::path place = fs::weakly_canonical(file).lexically_relative(fs::canonical(repository.root()));
    if (place.empty() || *place.begin() == ".." || *place.begin() == ".git")
        throw UserError(
            fmt::format("{} is not in the repository {}", file.string(), repository.root().string()),
            "a campaign file lies among the code that it is about");
    return place;
}

/// What stands there as the draft when an agent was at work in this tree; no link is followed.
std::optional<std::string> draft_in(const fs::path& tree, const fs::path& file) {
    constexpr std::uint64_t more_than_is_read = (std::uint64_t{1} << 20) + 1;
    const Descriptor root = open_worktree(tree);
    FolderCursor folders(root.get());
    const int folder = folders.open(file.parent_path().native());
    const Descriptor draft = folder < 0 ? Descriptor() : open_file(folder, file.filename());
    if (!draft) return std::nullopt;
    return read_all(draft.get(), more_than_is_read);
}

}  // namespace

Drafting::CampaignsFolder::~CampaignsFolder() {
    std::error_code in_use;
    fs::remove(path_, in_use);
}

Drafting::Drafting(const CommandLine& line, const Repository& repository, const fs::path& file,
                   const std::string& given)
    : line_(line),
      file_(place_in(repository, file)),
      campaigns_(repository.common_directory() / "ratchet"),
      folder_(campaigns_.path(), "draft"),
      clone_(repository, folder_.path()) {
    make_folders(clone_.root() / file_.parent_path());
    const fs::path place = clone_.root() / file_.parent_path() / given_file;
    std::ofstream stream(place, std::ios::binary);
    stream << given;
    stream.close();
    if (!stream) throw_errno("writing " + printable(place.native()));
}

CommandLine Drafting::inside(const std::string& campaign_file) const {
    CommandLine line = line_;
    line.surroundings.working_directory = clone_.root() / file_.parent_path();
    line.file = campaign_file;
    line.campaign.clear();
    return line;
}

void Drafting::begin(const std::string& draft) const {
    // A campaign of another metric is another one; and none that is begun anew follows an earlier one.
    remove_tree(clone_.root() / ".git" / "ratchet");
    clone_.commit_file(file_, draft);
}

DraftAnswer Drafting::ask(const std::string& draft, const std::string& problem) const {
    begin(draft);
    // No campaign runs here, and none of what is said of its beginning is worth telling.
    std::ostream nowhere(nullptr);
    CommandLine line = inside(given_file);
    line.surroundings.out = &nowhere;
    Workbench bench(line);
    OpenCampaign& opened = bench.opened;
    const Campaign& given = opened.campaign;
    const auto proposer = make_proposer(given, opened.ledger, *bench.confinement, opened.campaign_folder,
                                        opened.repository.common_directory(), opened.state_folder, nullptr);
    const CommitId commit = opened.repository.head();
    Worktree tree =
        Worktree::lease(opened.repository, bench.steps.folders().worktrees, given.name, "proposal");
    tree.reset(commit);
    bench.confinement->give(tree.path());
    const Prices prices(given.prices);
    Assignment assignment;
    assignment.brief.parent = commit;
    assignment.brief.proposer = name_of(given.proposer);
    assignment.prompt = draft_prompt(file_.filename(), problem);
    make_folders(bench.steps.folders().logs);
    assignment.log_file = bench.steps.folders().logs / "draft.zst";
    assignment.allowance.requests = most_requests_of_a_draft;
    assignment.cost_of = [&prices](const ModelRequest& request) { return prices.cost(request); };
    ProposerAnswer answer = proposer->propose(assignment, tree, bench.stop);
    settle(answer, prices);
    DraftAnswer result{draft_in(tree.path(), file_), std::move(answer.failure), answer.usage};
    tree.remove();
    return result;
}

std::vector<Observation> Drafting::look(const std::string& draft) const {
    begin(draft);
    Workbench bench(inside(file_.filename()));
    std::vector<Observation> findings = look_over(bench);
    bench.steps.release();
    return findings;
}

bool Drafting::has_code_in_scope(const Campaign& draft) const {
    Scope scope{draft.scope, draft.protect, file_.parent_path()};
    scope.protected_paths.push_back(file_.filename());
    const Repository clone = Repository::open(clone_.root());
    const std::vector<std::string> paths = clone.paths(clone.head());
    return std::any_of(paths.begin(), paths.end(),
                       [&](const std::string& path) { return admit(scope, path) == Admission::in_scope; });
}

}  // namespace ratchet
