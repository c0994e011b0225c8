#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "experiment_store/errors.hpp"
#include "experiment_store/exchange/archive.hpp"
#include "experiment_store/exchange/facts.hpp"
#include "experiment_store/exchange/json_text.hpp"
#include "experiment_store/ledger.hpp"
#include "experiment_store/migrations.hpp"
#include "orchestrator/campaign_file.hpp"
#include "orchestrator/exchange/archive_layout.hpp"
#include "orchestrator/exchange/campaign_archive.hpp"
#include "orchestrator/exchange/work_folder.hpp"
#include "orchestrator/open_campaign.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t longest_about = std::int64_t{1} << 24;
constexpr std::size_t deepest_extra = 64;
constexpr const char* nothing_imported = "Nothing was imported. Export it again where it comes from.";

/// One restoration, step by step; each either succeeds or throws.
class Restoration {
  public:
    Restoration(Repository& repository, const fs::path& file)
        : repository_(repository),
          campaigns_(state_folder(repository, "x").parent_path()),
          file_(file),
          reader_(file),
          scratch_(campaigns_, "import") {}

    ArchiveContents run() {
        read_about();
        require_room();
        require_free_name();
        unpack();
        check_ledger();
        take_over_commits();
        put_in_place();
        return contents_;
    }

  private:
    [[noreturn]] void refuse(const std::string& what, const std::string& hint = nothing_imported) const {
        throw UserError(fmt::format("{}: {}", file_.string(), what), hint);
    }

    void read_about() {
        Json about;
        if (!reader_.next() || reader_.name() != layout::about ||
            !parse_json(reader_.text(longest_about), 3, about).empty() || !about.is_object() ||
            about.value("format", Json()) != layout::format_name || !about["version"].is_number_integer() ||
            !about["schema"].is_number_integer() || !about["campaign"].is_string() ||
            !about["missing_commits"].is_array()) {
            refuse("this is no archive of a campaign",
                   "`ratchet export --format archive` makes one; nothing was imported.");
        }
        if (about["version"] > layout::format_version || about["schema"] > schema_version()) {
            refuse("the archive was written by a newer ratchet", "Update ratchet; nothing was imported.");
        }
        contents_.campaign = about["campaign"].get<std::string>();
        if (!is_campaign_name(contents_.campaign)) refuse("the campaign in it has a name that none can have");
        for (const Json& commit : about["missing_commits"]) {
            if (commit.is_string()) contents_.missing_commits.push_back(commit.get<std::string>());
        }
    }

    /// An archive is not compressed, so it becomes about as large again; the ledger's tables have indexes.
    void require_room() const {
        std::error_code failed;
        const auto needed = 2 * fs::file_size(file_, failed);
        const fs::space_info space = fs::space(campaigns_, failed);
        if (failed || needed <= space.available) return;
        refuse(fmt::format("there is no room for it in {}: it needs {} MiB, {} MiB are free",
                           campaigns_.string(), needed >> 20U, space.available >> 20U),
               "Make room; nothing was imported.");
    }

    /// Before anything is done. A lock is left by whoever looked for the campaign before.
    void require_free_name() const {
        const fs::path state = campaigns_ / contents_.campaign;
        std::error_code failed;
        for (const fs::directory_entry& entry : fs::directory_iterator(state, failed)) {
            if (entry.path().filename() == "runner.lock") continue;
            refuse(fmt::format("campaign \"{}\" is in this repository already ({})", contents_.campaign,
                               state.string()),
                   "Nothing was changed. Import it into another clone, or move that folder away first.");
        }
    }

    void unpack() {
        FactsWriter facts(scratch_.path() / "ledger.sqlite");
        bool bundle = false;
        while (reader_.next()) {
            const std::string& name = reader_.name();
            if (name.starts_with(layout::facts_folder)) {
                read_table(facts);
            } else if (name.starts_with(layout::logs_folder)) {
                extract();
                ++contents_.logs;
            } else if (name == layout::run_log) {
                extract();
            } else if (name == layout::bundle) {
                extract();
                bundle = true;
            } else {
                refuse(fmt::format("\"{}\" has no place in an archive", name));
            }
        }
        if (!bundle) refuse(fmt::format("it is cut off: \"{}\" is missing", layout::bundle));
        facts.finish();
    }

    void read_table(FactsWriter& facts) {
        const std::string& name = reader_.name();
        const std::size_t start = std::string_view(layout::facts_folder).size();
        const std::size_t suffix = std::string_view(layout::facts_suffix).size();
        std::string table = name.ends_with(layout::facts_suffix)
                                ? name.substr(start, name.size() - start - suffix)
                                : std::string();
        if (!facts.has_table(table)) refuse(fmt::format("\"{}\" is no table of a ledger", name));
        reader_.read_lines([&](std::string_view line, std::int64_t number) {
            facts.add(table, line, fmt::format("{}, line {}", name, number));
        });
    }

    void extract() {
        const fs::path place = scratch_.path() / reader_.name();
        fs::create_directories(place.parent_path());
        std::ofstream out(place, std::ios::binary | std::ios::trunc);
        reader_.read([&out](std::string_view piece) {
            out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
        });
        out.close();
        if (!out) refuse(fmt::format("{} cannot be written", place.string()), "Is there room on the disk?");
    }

    /// Reads everything once: what a list or a run would stumble over later is found here.
    void check_ledger() {
        try {
            const SystemClock clock;
            const Ledger ledger(scratch_.path() / "ledger.sqlite", clock, Ledger::Mode::read_only);
            if (ledger.identity()->name != contents_.campaign)
                refuse("its ledger is of another campaign than it says");
            contents_.experiments = ledger.experiment_count();
            for (std::int64_t number = 1; number <= contents_.experiments; ++number) {
                if (!ledger.experiment({number}))
                    refuse(fmt::format("its ledger has no experiment #{}", number));
                static_cast<void>(ledger.prompt({number}));
            }
            constexpr int all = std::numeric_limits<int>::max();
            static_cast<void>(ledger.summaries({.limit = all}));
            for (const ImportedExperiment& imported : ledger.imported(all)) {
                Json extra;
                if (!parse_json(imported.extra, deepest_extra, extra).empty() || !extra.is_object())
                    refuse(fmt::format("its ledger has something else than further fields in i{}",
                                       imported.id.value));
            }
            static_cast<void>(ledger.replays());
            static_cast<void>(ledger.leave_one_out(ledger.champion().commit));
            static_cast<void>(ledger.lineage());
            static_cast<void>(ledger.tally());
        } catch (const MachineryError& error) {
            refuse(fmt::format("its ledger is damaged: {}", error.what()));
        }
    }

    /// Commits first, pins next, the ledger last: a ledger never tells of commits that git may throw away.
    void take_over_commits() {
        FactsReader facts(scratch_.path() / "ledger.sqlite");
        const std::set<std::string> missing(contents_.missing_commits.begin(),
                                            contents_.missing_commits.end());
        std::map<std::string, CommitId> pins = facts.commits();
        std::erase_if(pins, [&](const auto& pin) { return missing.contains(pin.second.hex); });
        std::vector<CommitId> commits = facts.grounds();
        std::erase_if(commits, [&](const CommitId& commit) { return missing.contains(commit.hex); });
        // What a candidate was before it was rebased is worth a look, but not worth a ref.
        std::erase_if(pins, [](const auto& pin) { return pin.first.find('-') != std::string::npos; });
        for (const auto& [name, commit] : pins) {
            const auto there = repository_.pinned(contents_.campaign, name);
            if (!there || *there == commit) continue;
            refuse(
                fmt::format("refs/ratchet/{}/{} is another commit in this repository ({})",
                            contents_.campaign, name, there->abbreviated()),
                "Nothing was imported. Import it into another clone, or, where that campaign is not wanted "
                "any more, delete its refs first.");
        }
        repository_.read_bundle(scratch_.path() / layout::bundle, commits, scratch_.path());
        for (const auto& [name, commit] : pins)
            repository_.pin(contents_.campaign, name, commit);
        if (pins.contains("champion")) move_branch(pins.at("champion"), facts.champions());
    }

    void move_branch(const CommitId& champion, const std::vector<CommitId>& champions) {
        const BranchMove move = repository_.move_branch(contents_.campaign, champion, champions);
        if (move == BranchMove::moved || move == BranchMove::unchanged) return;
        contents_.warnings.push_back(fmt::format(
            "branch ratchet/{0} is another one here, or checked out, and was left where it is; the "
            "champion is at refs/ratchet/{0}/champion",
            contents_.campaign));
    }

    void put_in_place() {
        const fs::path state = campaigns_ / contents_.campaign;
        fs::create_directories(state);
        require_free_name();
        for (const char* name : {"logs", layout::run_log}) {
            if (fs::exists(scratch_.path() / name)) fs::rename(scratch_.path() / name, state / name);
        }
        // A link, since it never takes the place of a ledger that somebody has begun meanwhile.
        std::error_code failed;
        fs::create_hard_link(scratch_.path() / "ledger.sqlite", state / "ledger.sqlite", failed);
        if (failed == std::errc::file_exists)
            refuse("the campaign was begun here meanwhile", "Nothing of its ledger was changed.");
        if (failed) fs::rename(scratch_.path() / "ledger.sqlite", state / "ledger.sqlite");
        sync_folder(state);
        sync_folder(campaigns_);
    }

    Repository& repository_;
    fs::path campaigns_;
    fs::path file_;
    ArchiveReader reader_;
    WorkFolder scratch_;
    ArchiveContents contents_;
};

}  // namespace

ArchiveContents restore_campaign_archive(Repository& repository, const fs::path& file) {
    return Restoration(repository, file).run();
}

}  // namespace ratchet
