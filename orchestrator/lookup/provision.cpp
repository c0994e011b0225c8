#include "orchestrator/lookup/provision.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <system_error>
#include <utility>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "orchestrator/lookup/lookup.hpp"
#include "orchestrator/lookup/lookup_folder.hpp"
#include "orchestrator/open_campaign.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr const char* program_name = "ratchet";
/// In the lookup folder, where nothing can be mounted: a folder with a link to this program.
constexpr const char* programs_folder = "bin";

/// As a whole, under its name or not at all; readable for whoever proposes.
void replace_file(const fs::path& file, const std::string& text) {
    fs::path unfinished = file;
    unfinished += ".unfinished";
    std::ofstream stream(unfinished, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) throw_errno("writing " + unfinished.string());
    fs::permissions(unfinished, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read |
                                    fs::perms::others_read);
    fs::rename(unfinished, file);
}

}  // namespace

LookupProvision::LookupProvision(const Campaign& campaign, const Ledger& ledger, const Repository& repository,
                                 const Clock& clock, const fs::path& state_folder, fs::path executable)
    : campaign_(campaign),
      ledger_(ledger),
      repository_(repository),
      folder_(state_folder / lookup_folder),
      executable_(std::move(executable)),
      copy_(folder_ / lookup_ledger, clock) {}

bool LookupProvision::can_be_shown() const {
    std::error_code error;
    const fs::perms rights = fs::status(executable_, error).permissions();
    if (error) return false;
    return ::geteuid() != 0 || (rights & fs::perms::others_exec) != fs::perms::none;
}

void LookupProvision::write_files(const CommitId& parent) {
    const fs::path mark = folder_ / lookup_files_commit;
    std::error_code ignored;
    if (fs::exists(mark, ignored) && read_text(mark) == parent.hex) return;
    std::string list;
    for (const std::string& path : files_in_scope(repository_, campaign_, parent))
        list += path + '\0';
    const DurableStep step("lookup/list the files in scope");
    replace_file(folder_ / lookup_files, list);
    replace_file(mark, parent.hex);
}

void LookupProvision::name_program() const {
    const fs::path folder = folder_ / programs_folder;
    const fs::path link = folder / program_name;
    std::error_code ignored;
    if (fs::read_symlink(link, ignored) == executable_) return;
    const DurableStep step("lookup/name the program");
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                                fs::perms::others_read | fs::perms::others_exec);
    fs::remove(link);
    fs::create_symlink(executable_, link);
}

void LookupProvision::provide(ConfinedCommand& command, const CommitId& parent, Requirement tier) {
    if (!can_be_shown()) return;
    copy_.catch_up(ledger_);
    write_files(parent);
    if (tier == Requirement::strong) {
        command.mounts.push_back({folder_, inner_lookup, false});
        command.mounts.push_back({executable_, fs::path(inner_programs) / program_name, false});
        command.programs = inner_programs;
        command.environment.emplace_back(lookup_variable, inner_lookup);
        return;
    }
    // Without mounts, both are where they are; the weak tier wants to know that they may be read.
    name_program();
    if (tier == Requirement::weak) {
        command.mounts.push_back({folder_, folder_, false});
        command.mounts.push_back({executable_, executable_, false});
    }
    command.programs = folder_ / programs_folder;
    command.environment.emplace_back(lookup_variable, folder_.string());
}

}  // namespace ratchet
