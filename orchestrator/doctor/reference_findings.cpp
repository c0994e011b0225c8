#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/candidate.hpp"
#include "orchestrator/doctor/findings.hpp"
#include "orchestrator/doctor/set_aside.hpp"

namespace ratchet {

namespace {

using Weight = Finding::Weight;

/// Reads all that the candidate changes of what it stands on; git compares what it reads with its hash.
void require_content(const Repository& repository, const CandidateRecord& candidate) {
    static_cast<void>(repository.diff(candidate.parent, candidate.commit));
}

/// Makes git say what the ledger says. Small, so that each finding can hold one.
class Projection {
  public:
    Projection(FoundCampaign& found, const Ledger& ledger) : found_(&found), ledger_(&ledger) {}

    [[nodiscard]] std::string reference(const std::string& name) const {
        return fmt::format("refs/ratchet/{}/{}", campaign(), name);
    }

    std::string pin(const std::string& name, const CommitId& commit) const {
        repository().pin(campaign(), name, commit);
        return "pinned at " + commit.abbreviated();
    }

    std::string unpin(const std::string& name) const {
        repository().unpin(campaign(), name);
        return "removed";
    }

    std::string set_aside(const std::string& name, const CommitId& commit) const {
        return ratchet::set_aside(repository(), campaign(), name, commit);
    }

    std::string move_branch(const CommitId& champion) const {
        if (repository().move_branch(campaign(), champion, champions_ever(*ledger_)) != BranchMove::moved)
            throw UserError("the branch cannot be moved");
        return "moved to " + champion.abbreviated();
    }

    std::string make_again(const CandidateRecord& candidate) const {
        restore_candidate(repository(), campaign(), *ledger_, candidate);
        require_content(repository(), candidate);
        return "made again and pinned at " + candidate.commit.abbreviated();
    }

  private:
    [[nodiscard]] Repository& repository() const { return found_->repository; }
    [[nodiscard]] const std::string& campaign() const { return found_->campaign.name; }

    FoundCampaign* found_;
    const Ledger* ledger_;
};

class References {
  public:
    References(FoundCampaign& found, const Ledger& ledger, bool running)
        : found_(found),
          repository_(found.repository),
          ledger_(ledger),
          running_(running),
          projection_(found, ledger),
          // Before the refs: what is finished by now is pinned since long.
          candidates_(ledger.candidates()) {
        for (PinnedCommit& pin : repository_.pins(found.campaign.name))
            pins_[pin.name] = pin.commit;
    }

    Findings examine() {
        if (const auto identity = ledger_.identity()) {
            base(identity->base);
            for (const CandidateRecord& candidate : candidates_)
                examine_candidate(candidate);
            if (!running_) champion();
            if (!running_) branch();
        }
        if (!running_) extra_pins();
        return std::move(findings_);
    }

  private:
    [[nodiscard]] std::string reference(const std::string& name) const { return projection_.reference(name); }
    [[nodiscard]] std::optional<CommitId> pinned(const std::string& name) const {
        const auto pin = pins_.find(name);
        return pin == pins_.end() || pin->second.empty() ? std::nullopt : std::optional(pin->second);
    }

    void base(const CommitId& commit) {
        if (repository_.exists(commit)) return;
        findings_.push_back(
            {Weight::problem, "base-missing", "base " + commit.abbreviated(),
             "the commit that the campaign began with is not in git any more, and no row of the "
             "ledger can make it. Fetch it from a clone that has it."});
    }

    void examine_candidate(const CandidateRecord& candidate) {
        const std::string name = std::to_string(candidate.experiment.value);
        expected_.insert(name);
        if (running_ && !candidate.finished) return;
        const std::optional<CommitId> pin = pinned(name);
        if (!repository_.exists(candidate.commit)) {
            findings_.push_back(
                {Weight::problem, "commit-missing", reference(name),
                 fmt::format(
                     "the candidate {} of #{} is not in git any more. The ledger has its diff: `ratchet "
                     "doctor --repair` makes the same commit again.",
                     candidate.commit.abbreviated(), name),
                 [projection = projection_, candidate] { return projection.make_again(candidate); }});
        } else if (pin != candidate.commit) {
            const std::string what = pin ? "points at " + pin->abbreviated() : "is missing";
            findings_.push_back(
                {Weight::problem, pin ? "pin-differs" : "pin-missing", reference(name),
                 fmt::format(
                     "the ref {}, so that `git gc` may take the candidate {} of #{} away. `ratchet doctor "
                     "--repair` pins it again.",
                     what, candidate.commit.abbreviated(), name),
                 [projection = projection_, candidate, name] {
                     return projection.pin(name, candidate.commit);
                 }});
        }
    }

    void champion() {
        const CommitId champion = ledger_.champion().commit;
        expected_.insert("champion");
        if (pinned("champion") == champion) return;
        findings_.push_back(
            {Weight::problem, "champion-differs", reference("champion"),
             fmt::format("the ref {} while the ledger's champion is {}. `ratchet doctor --repair` and "
                         "the next run set it right.",
                         pinned("champion") ? "points at " + pinned("champion")->abbreviated() : "is missing",
                         champion.abbreviated()),
             [projection = projection_, champion] { return projection.pin("champion", champion); }});
    }

    void branch() {
        const std::string& campaign = found_.campaign.name;
        const CommitId champion = ledger_.champion().commit;
        const std::vector<CommitId> ours = champions_ever(ledger_);
        const std::string name = "branch ratchet/" + campaign;
        const std::string instead = fmt::format("the champion is at {} too", reference("champion"));
        switch (repository_.could_move_branch(campaign, champion, ours)) {
            case BranchMove::unchanged:
                break;
            case BranchMove::moved:
                findings_.push_back(
                    {Weight::problem, "branch-differs", name,
                     fmt::format("it {} while the ledger's champion is {}. `ratchet doctor --repair` and the "
                                 "next run "
                                 "move it there.",
                                 repository_.branch(campaign)
                                     ? "points at " + repository_.branch(campaign)->abbreviated()
                                     : "is missing",
                                 champion.abbreviated()),
                     [projection = projection_, champion] { return projection.move_branch(champion); }});
                break;
            case BranchMove::checked_out:
                findings_.push_back({Weight::note, "branch-checked-out", name,
                                     "it is checked out and was left where it is; " + instead +
                                         ". It is moved when nothing has it checked out."});
                break;
            case BranchMove::not_ours:
                findings_.push_back(
                    {Weight::note, "branch-not-ours", name,
                     "it has commits that are not this campaign's and was left where it is; " + instead +
                         ". `git branch -m` gives it another name."});
                break;
            case BranchMove::impossible:
                findings_.push_back(
                    {Weight::note, "branch-impossible", name,
                     "it cannot be made or read (is there a branch `ratchet`?); " + instead + "."});
                break;
        }
    }

    void extra_pins() {
        std::set<std::string> in_flight;
        for (const Experiment& experiment : ledger_.unfinished())
            in_flight.insert(std::to_string(experiment.brief.id.value));
        for (const auto& [name, commit] : pins_) {
            if (expected_.contains(name) || in_flight.contains(name) || is_aside(name)) continue;
            if (name == "without") {
                findings_.push_back({Weight::problem, "pin-left", reference(name),
                                     "a `ratchet verify --each` that was killed left it; nothing needs it.",
                                     [projection = projection_] { return projection.unpin("without"); }});
                continue;
            }
            if (commit.empty()) {
                findings_.push_back(
                    {Weight::problem, "pin-damaged", reference(name),
                     "it names no commit, and the ledger knows none for it; git refuses to "
                     "tidy up while it is there. `ratchet doctor --repair` removes it.",
                     [projection = projection_, name = name] { return projection.unpin(name); }});
                continue;
            }
            findings_.push_back(
                {Weight::problem, "pin-unknown", reference(name),
                 fmt::format(
                     "it pins {}, of which the ledger knows nothing: perhaps the ledger is an older copy. "
                     "`ratchet doctor --repair` sets it aside as {}, where the commit is kept.",
                     commit.abbreviated(), reference(name_aside(name, commit))),
                 [projection = projection_, name = name, commit = commit] {
                     return projection.set_aside(name, commit);
                 }});
        }
    }

    FoundCampaign& found_;
    Repository& repository_;
    const Ledger& ledger_;
    bool running_;
    Projection projection_;
    std::vector<CandidateRecord> candidates_;
    std::map<std::string, CommitId> pins_;
    std::set<std::string> expected_;
    Findings findings_;
};

Finding incomplete(const Projection& projection, const CandidateRecord& candidate, const char* why) {
    return {Weight::problem, "commit-incomplete", fmt::format("#{}", candidate.experiment.value),
            fmt::format("objects of the candidate {} are missing or damaged ({}). The ledger has its diff: "
                        "`ratchet doctor --repair` makes them again, once you have moved away the files of "
                        "damaged ones, which `git fsck` names.",
                        candidate.commit.abbreviated(), why),
            [projection, candidate] { return projection.make_again(candidate); }};
}

}  // namespace

Findings reference_findings(FoundCampaign& found, const Ledger& ledger, bool running) {
    return References(found, ledger, running).examine();
}

Findings content_findings(FoundCampaign& found, const Ledger& ledger) {
    Findings findings;
    const Repository& repository = found.repository;
    const Projection projection(found, ledger);
    for (const CandidateRecord& candidate : ledger.candidates()) {
        // What is missing was said already.
        if (!repository.exists(candidate.commit) || !repository.exists(candidate.parent)) continue;
        const std::string about = fmt::format("#{}", candidate.experiment.value);
        bool agrees = false;
        try {
            require_content(repository, candidate);
            const auto experiment = ledger.experiment(candidate.experiment);
            agrees = repository.tree_with(candidate.parent, experiment->proposal->diff) == candidate.tree &&
                     repository.tree_of(candidate.commit) == candidate.tree &&
                     repository.parent_of(candidate.commit) == candidate.parent;
        } catch (const MachineryError& error) {
            findings.push_back(incomplete(projection, candidate, error.what()));
            continue;
        }
        if (agrees) continue;
        findings.push_back(
            {Weight::problem, "diff-differs", about,
             fmt::format("the diff in the ledger, the tree that it names and the candidate {} do not "
                         "agree. Trust none of them alone; a backup may tell which one was changed.",
                         candidate.commit.abbreviated())});
    }
    return findings;
}

}  // namespace ratchet
