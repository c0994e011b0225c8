#include "tests/fuzz/patch_target.hpp"

#include "sandbox/workspace/hunks.hpp"
#include "sandbox/workspace/patch_text.hpp"
#include "sandbox/workspace/repository_handles.hpp"

// libgit2's parser loses some bytes where a file's part of a patch has one header twice.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libgit2";
}

namespace ratchet::fuzz {

std::string problem_with_patch(const std::string& text) {
    static const std::string before = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten";
    start_git();
    const GitDiff diff = read_patch(text);
    if (!diff) return {};
    for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
        GitPatch patch;
        if (git_patch_from_diff(out(patch), diff.get(), i) != 0 || !patch) continue;
        const auto after = apply_hunks(patch.get(), before);
        if (after && after->size() > before.size() + text.size()) return "a text longer than what was put in";
    }
    return {};
}

}  // namespace ratchet::fuzz
