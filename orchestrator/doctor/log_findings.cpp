#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "orchestrator/doctor/findings.hpp"
#include "orchestrator/doctor/set_aside.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

using Weight = Finding::Weight;

/// The experiment that a folder of logs is called after; nothing for any other name.
std::optional<ExperimentId> experiment_of(const std::string& name) {
    ExperimentId id;
    const char* end = name.data() + name.size();
    const auto [stopped, error] = std::from_chars(name.data(), end, id.value);
    if (error != std::errc() || stopped != end || log_folder_name(id) != name) return std::nullopt;
    return id;
}

Finding without_experiment(const fs::path& folder, ExperimentId id) {
    return {
        Weight::problem, "log-unknown", folder.string(),
        fmt::format("these are logs of #{}, of which the ledger knows nothing: perhaps it is an older copy. "
                    "`ratchet doctor --repair` moves them to {}.",
                    id.value, logs_aside(folder).string()),
        [folder] { return set_logs_aside(folder); }};
}

}  // namespace

Findings log_findings(const FoundCampaign& found, const Ledger& ledger) {
    Findings findings;
    const fs::path logs = found.state_folder / "logs";
    const std::int64_t count = ledger.experiment_count();
    std::error_code failed;
    std::vector<fs::path> folders;
    for (const fs::directory_entry& entry : fs::directory_iterator(logs, failed))
        folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) {
        const auto id = experiment_of(folder.filename().string());
        if (id && id->value > count) findings.push_back(without_experiment(folder, *id));
    }

    std::int64_t missing = 0;
    ExperimentId first;
    ExperimentId last;
    for (const LogRecord& log : ledger.logs()) {
        if (fs::exists(logs / log.file, failed)) continue;
        if (missing == 0) first = log.experiment;
        last = log.experiment;
        ++missing;
    }
    if (missing > 0) {
        findings.push_back(
            {Weight::note, "logs-gone", logs.string(),
             fmt::format("{} logs of experiments from #{} to #{} are gone (`ratchet gc` removes old "
                         "ones) and cannot be made again. Nothing depends on them; the ledger has the "
                         "ends of failed outputs.",
                         missing, first.value, last.value)});
    }
    return findings;
}

Findings lock_findings(const RunnerState& runner) {
    constexpr const char* about = "runner.lock";
    if (!runner.problem.empty()) {
        return {
            {Weight::problem, "lock-unusable", about,
             fmt::format(
                 "the lock of the campaign cannot be taken: {}. While no `ratchet run` is at work it is safe "
                 "to remove it; the next run makes it again.",
                 runner.problem)}};
    }
    if (!runner.held) return {};
    if (runner.alive) {
        return {
            {Weight::note, "running", about,
             fmt::format("process {} runs the campaign: what it changes was not examined.", runner.owner)}};
    }
    return {
        {Weight::problem, "lock-held", about,
         fmt::format(
             "the lock is held, but its owner, process {}, is not on this machine: a run in a container, on "
             "another machine, or a process that it left. `fuser` names who holds it; end that, and the lock "
             "is free. Removing the file is not safe.",
             runner.owner)}};
}

}  // namespace ratchet
