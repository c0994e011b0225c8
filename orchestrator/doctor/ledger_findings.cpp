#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <memory>

#include "experiment_store/migrations.hpp"
#include "orchestrator/doctor/findings.hpp"
#include "orchestrator/doctor/set_aside.hpp"
#include "orchestrator/earlier_ledger.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr const char* ledger_name = "ledger.sqlite";
constexpr const char* beyond_repair =
    "It was left as it is, and the commits are safe in git; what only the ledger knows cannot be made again: "
    "put "
    "a backup in its place (docs/ledger.md says how).";

Finding unreadable(const std::string& sentence, const std::string& hint) {
    return {Finding::Weight::problem, "ledger-unreadable", ledger_name,
            hint.empty() ? sentence : sentence + ". " + hint};
}

/// Opens the ledger for reading; without success, says why and returns nothing.
std::unique_ptr<Ledger> open_for_reading(const FoundCampaign& found, const Clock& clock, Findings& findings) {
    try {
        return std::make_unique<Ledger>(open_ledger(found, clock, Ledger::Mode::read_only));
    } catch (const EmptyLedger& error) {
        findings.push_back({Finding::Weight::note, "ledger-empty", ledger_name,
                            std::string(error.what()) + ". " + error.hint()});
    } catch (const DamagedLedger& error) {
        findings.push_back(unreadable(error.what(), beyond_repair));
    } catch (const UserError& error) {
        findings.push_back(unreadable(error.what(), error.hint()));
    } catch (const std::exception& error) {
        findings.push_back(unreadable(error.what(), beyond_repair));
    }
    return nullptr;
}

void append(Findings& to, Findings more) {
    std::move(more.begin(), more.end(), std::back_inserter(to));
}

/// It can be read, and a run would stop at its first step.
Findings read_only_findings(const FoundCampaign& found) {
    const fs::path file = ledger_file(found.state_folder);
    if (::access(file.c_str(), W_OK) == 0 && ::access(found.state_folder.c_str(), W_OK) == 0) return {};
    return {{Finding::Weight::problem, "ledger-read-only", ledger_name,
             fmt::format(
                 "it can be read, but the file or its folder not written ({}): a run would stop at its first "
                 "step. Everything in it is safe; give yourself the right to write to both.",
                 std::strerror(errno))}};
}

/// What is left of a ledger that is not there, so that the next one does not take it for its own.
std::string set_all_aside(FoundCampaign& found) {
    std::size_t references = 0;
    const std::string& campaign = found.campaign.name;
    for (const PinnedCommit& pin : found.repository.pins(campaign)) {
        if (is_aside(pin.name)) continue;
        ++references;
        if (pin.commit.empty()) {
            found.repository.unpin(campaign, pin.name);
        } else {
            set_aside(found.repository, campaign, pin.name, pin.commit);
        }
    }
    std::vector<fs::path> logs;
    std::error_code none;
    for (const fs::directory_entry& entry : fs::directory_iterator(found.state_folder / "logs", none)) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") == std::string::npos) logs.push_back(entry.path());
    }
    for (const fs::path& folder : logs)
        set_logs_aside(folder);
    return fmt::format(
        "{} refs are below refs/ratchet/{}/orphans now, the logs of {} experiments in logs/orphans",
        references, campaign, logs.size());
}

/// Runs a look at something that may itself be broken.
template <typename Look>
void attempt(Findings& findings, const char* about, const Look& look) {
    try {
        append(findings, look());
    } catch (const std::exception& error) {
        findings.push_back({Finding::Weight::problem, "cannot-be-examined", about,
                            fmt::format("this cannot be examined: {}", error.what())});
    }
}

}  // namespace

Findings ledger_findings(const FoundCampaign& found, const Ledger& ledger, const Clock& clock) {
    Findings findings;
    const auto rebuilt = std::make_shared<bool>(false);  // one rebuild mends them all
    for (const LedgerProblem& problem : ledger.problems()) {
        if (!problem.rebuildable) {
            findings.push_back({Finding::Weight::problem, "ledger-damaged", ledger_name,
                                problem.text + ". " + beyond_repair});
            continue;
        }
        findings.push_back(
            {Finding::Weight::problem, "ledger-derived", ledger_name,
             problem.text + ". The facts are whole; `ratchet ledger rebuild` makes this again.",
             [&found, &clock, rebuilt] {
                 if (!*rebuilt) open_ledger(found, clock, Ledger::Mode::read_write).rebuild();
                 *rebuilt = true;
                 return std::string("rebuilt from the facts");
             }});
    }
    return findings;
}

Findings missing_ledger_findings(FoundCampaign& found) {
    const LeftBehind left = left_behind(found);
    if (!left.anything()) return {};
    return {{Finding::Weight::problem, "ledger-missing", ledger_name,
             fmt::format(
                 "the ledger is not there, while {}. Put a backup in its place (docs/ledger.md says how). "
                 "Where there is none, `ratchet doctor --repair` sets aside what is left, and `ratchet run` "
                 "begins the campaign anew.",
                 left.text()),
             [&found] { return set_all_aside(found); }}};
}

Examination check_ledger(FoundCampaign& found, const RunnerState& runner) {
    Examination examination;
    Findings& findings = examination.findings;
    examination.ledger = open_for_reading(found, *examination.clock, findings);
    if (!examination.ledger) return examination;
    const Ledger& ledger = *examination.ledger;
    attempt(findings, ledger_name, [&] { return ledger_findings(found, ledger, *examination.clock); });
    // What stands derived says which commits there should be.
    if (!findings.empty()) return examination;
    attempt(findings, "refs", [&] { return reference_findings(found, ledger, runner.held); });
    attempt(findings, "candidates", [&] { return content_findings(found, ledger); });
    return examination;
}

Examination examine(FoundCampaign& found, const RunnerState& runner) {
    Examination examination;
    Findings& findings = examination.findings;
    append(findings, lock_findings(runner));
    if (!fs::exists(ledger_file(found.state_folder))) {
        attempt(findings, "refs", [&] { return missing_ledger_findings(found); });
        return examination;
    }
    examination.ledger = open_for_reading(found, *examination.clock, findings);
    if (!examination.ledger) return examination;
    append(findings, read_only_findings(found));
    const Ledger& ledger = *examination.ledger;
    const std::size_t before = findings.size();
    attempt(findings, ledger_name, [&] { return ledger_findings(found, ledger, *examination.clock); });
    const bool whole = findings.size() == before;
    const bool running = runner.held;
    // What stands derived says which refs and logs there should be.
    if (whole) attempt(findings, "refs", [&] { return reference_findings(found, ledger, running); });
    if (whole) attempt(findings, "candidates", [&] { return content_findings(found, ledger); });
    if (!running) attempt(findings, "worktrees", [&] { return worktree_findings(found); });
    if (whole) attempt(findings, "logs", [&] { return log_findings(found, ledger); });
    return examination;
}

}  // namespace ratchet
