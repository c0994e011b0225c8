// Git bundles: commits with all of their objects in one file, which `git clone` and `git fetch` read as well.

#include <fcntl.h>
#include <unistd.h>

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>

#include "experiment_store/errors.hpp"
#include "sandbox/process/descriptor.hpp"
#include "sandbox/workspace/directory.hpp"
#include "sandbox/workspace/incoming_objects.hpp"
#include "sandbox/workspace/repository.hpp"
#include "sandbox/workspace/repository_handles.hpp"

namespace ratchet {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view bundle_signature = "# v2 git bundle";
constexpr std::size_t longest_bundle_line = 4096;
constexpr std::size_t piece_of_a_pack = std::size_t{1} << 16;

[[noreturn]] void refuse_bundle(const std::string& what) {
    throw UserError(fmt::format("the archive's git bundle is damaged: {}", what),
                    "Nothing was imported. Export it again where it comes from.");
}

std::string bundle_header(const std::string& campaign, const std::map<std::string, CommitId>& commits) {
    std::string header = fmt::format("{}\n", bundle_signature);
    for (const auto& [name, commit] : commits)
        header += fmt::format("{} refs/ratchet/{}/{}\n", commit.hex, campaign, name);
    return header + "\n";
}

/// Goes past the header. A bundle that builds on commits that are not in it is not one of ours.
void skip_header(std::istream& bundle) {
    std::string line;
    const auto take_line = [&] {
        line.clear();
        for (int c = bundle.get(); c != '\n'; c = bundle.get()) {
            if (c == std::istream::traits_type::eof() || line.size() >= longest_bundle_line)
                refuse_bundle("its header does not end");
            line += static_cast<char>(c);
        }
    };
    take_line();
    if (line != bundle_signature) refuse_bundle("it is no bundle of version 2");
    for (take_line(); !line.empty(); take_line()) {
        if (line.front() == '-') refuse_bundle("it builds on commits that are not in it");
    }
}

void index_pack(std::istream& bundle, const fs::path& folder) {
    GitIndexer indexer;
    check_git(git_indexer_new(out(indexer), folder.c_str(), 0, nullptr, nullptr), "reading a pack");
    git_indexer_progress progress = {};
    std::array<char, piece_of_a_pack> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into
    while (bundle.read(piece.data(), piece.size()), bundle.gcount() > 0) {
        if (git_indexer_append(indexer.get(), piece.data(), static_cast<std::size_t>(bundle.gcount()),
                               &progress) < 0)
            refuse_bundle(last_git_error());
    }
    if (git_indexer_commit(indexer.get(), &progress) < 0) refuse_bundle(last_git_error());
}

/// The index comes last: git takes no notice of a pack without one.
void take_over_packs(const fs::path& from, const fs::path& to) {
    fs::create_directories(to);
    for (const char* kind : {".pack", ".idx"}) {
        for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
            if (entry.path().extension() == kind) fs::rename(entry.path(), to / entry.path().filename());
        }
    }
    sync_folder(to);
    sync_folder(to.parent_path());
}

}  // namespace

void Repository::write_bundle(const std::string& campaign, const std::map<std::string, CommitId>& commits,
                              const fs::path& file, const fs::path& scratch) const {
    if (git_repository_is_shallow(handles_->objects.get()) != 0) {
        throw UserError("this repository is a shallow clone: the history of the campaign's base is not here",
                        "`git fetch --unshallow` gets it.");
    }
    // Beside the repository, where no tag and no setting has a say in the order of the pack.
    const GitRepository side = side_repository(scratch / "pack.git", handles_->common);
    GitRevwalk walk;
    check_git(git_revwalk_new(out(walk), side.get()), "walking through commits");
    check_git(git_revwalk_sorting(walk.get(), GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME),
              "walking through commits");
    std::set<std::string> tips;
    for (const auto& [name, commit] : commits)
        tips.insert(commit.hex);
    for (const std::string& tip : tips) {
        const git_oid id = to_oid(tip);
        check_git(git_revwalk_push(walk.get(), &id), "reading the commit " + tip);
    }
    GitPackbuilder pack;
    check_git(git_packbuilder_new(out(pack), side.get()), "packing objects");
    git_packbuilder_set_threads(pack.get(), 1);  // more would share the work out differently each time
    if (git_packbuilder_insert_walk(pack.get(), walk.get()) < 0) {
        throw UserError(fmt::format("the history of the campaign is not complete in this repository: {}",
                                    last_git_error()),
                        "Is it a partial clone, or damaged? `git fsck` says what is missing.");
    }
    const Descriptor output(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!output) throw_errno("writing " + file.string());
    write_all(output.get(), bundle_header(campaign, commits));
    const auto write_piece = [](void* bytes, std::size_t size, void* payload) -> int {
        try {
            write_all(*static_cast<const int*>(payload), {static_cast<const char*>(bytes), size});
            return 0;
        } catch (const std::exception&) {
            return GIT_EUSER;
        }
    };
    int descriptor = output.get();
    errno = 0;
    if (git_packbuilder_foreach(pack.get(), write_piece, &descriptor) < 0) {
        throw MachineryError(fmt::format("writing {}: {}", file.string(),
                                         errno != 0 ? std::strerror(errno) : last_git_error().c_str()));
    }
}

void Repository::read_bundle(const fs::path& file, const std::vector<CommitId>& commits,
                             const fs::path& scratch) {
    std::ifstream bundle(file, std::ios::binary);
    if (!bundle) throw MachineryError("cannot read " + file.string());
    skip_header(bundle);
    const fs::path folder = scratch / "incoming.git";
    {
        const GitRepository made = side_repository(folder, handles_->common);
        index_pack(bundle, folder / "objects" / "pack");
    }
    // Opened anew, so that it sees the pack.
    const GitRepository incoming = side_repository(folder, handles_->common);
    IncomingObjects objects_in_it(incoming.get(), handles_->objects.get());
    objects_in_it.check_trees(folder / "objects");
    objects_in_it.check_commits(commits);
    take_over_packs(folder / "objects" / "pack", handles_->common / "objects" / "pack");
    GitOdb objects;
    check_git(git_repository_odb(out(objects), handles_->objects.get()), "opening the object database");
    check_git(git_odb_refresh(objects.get()), "opening the object database");
}

}  // namespace ratchet
