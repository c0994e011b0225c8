#include "benchmarks_adapter/preparation.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <functional>

#include "experiment_store/crash_point.hpp"
#include "sandbox/workspace/directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

std::string Preparation::inputs_of(const CommitId& commit) const {
    std::vector<std::string> paths;
    for (const std::string& input : campaign_.prepare->inputs)
        paths.push_back((fs::path(campaign_.folder) / input).string());
    return repository_.hash_of(commit, paths);
}

CommitId Preparation::maker_of(const CommitId& commit) const {
    const std::string inputs = inputs_of(commit);
    CommitId maker = commit;
    while (repository_.is_candidate(maker)) {
        const CommitId below = repository_.parent_of(maker);
        if (below.empty() || inputs_of(below) != inputs) break;
        maker = below;
    }
    return maker;
}

fs::path Preparation::place_of(const CommitId& maker) const {
    std::string what = campaign_.prepare->command;
    for (const auto* paths : {&campaign_.prepare->inputs, &campaign_.prepare->outputs}) {
        what += '\n';
        for (const std::string& path : *paths)
            what += path + '\0';
    }
    return folder_ / fmt::format("{}-{:016x}", maker.hex, std::hash<std::string>{}(what));
}

bool Preparation::is_made(const CommitId& maker) const {
    return fs::exists(place_of(maker));
}

std::string Preparation::take(const CommitId& maker, const Worktree& tree, Confinement& confinement) const {
    const fs::path place = place_of(maker);
    // Complete or absent: the folder gets its name only when all outputs are in it.
    const DurableStep step("worktree/keep what was prepared");
    fs::path unfinished = place;
    unfinished += ".unfinished";
    remove_tree(unfinished);
    std::string problem = move_outputs(tree, unfinished);
    if (!problem.empty()) {
        try_to_remove_tree(unfinished);
        return problem;
    }
    confinement.give(unfinished);
    crash_point("worktree/keep what was prepared", "complete");
    fs::rename(unfinished, place);
    return {};
}

std::string Preparation::move_outputs(const Worktree& tree, const fs::path& target) const {
    // The tree is as hostile here as after a build: closed folders, and links on the way or at its end.
    const Descriptor root = open_worktree(tree.path());
    FolderCursor cursor(root.get());
    for (const std::string& output : campaign_.prepare->outputs) {
        const std::string path = (fs::path(campaign_.folder) / output).string();
        const std::string name(name_of_path(path));
        const int folder = cursor.open(folder_of(path));
        const auto status = folder < 0 ? std::nullopt : status_of(folder, name);
        if (!status || S_ISLNK(status->st_mode))
            return fmt::format("[prepare] made no file or folder {}, which prepare.outputs names", output);
        fs::create_directories((target / output).parent_path());
        // Moved, not copied: what is moved takes no more room than the run was allowed to fill.
        if (!move_entry(folder, name, target / output))
            return fmt::format("[prepare] made {} such that it cannot be moved: {}", output,
                               std::strerror(errno));
    }
    return {};
}

void Preparation::discard(const CommitId& refused) const {
    if (is_made(refused)) try_to_remove_tree(place_of(refused));
}

std::vector<Mount> Preparation::mounts(const CommitId& maker) const {
    std::vector<Mount> mounts;
    for (const std::string& output : campaign_.prepare->outputs)
        mounts.push_back({place_of(maker) / output, fs::path(inner_tree) / campaign_.folder / output, false});
    return mounts;
}

}  // namespace ratchet
