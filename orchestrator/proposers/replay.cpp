#include "orchestrator/proposers/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <vector>

#include "experiment_store/errors.hpp"
#include "orchestrator/proposers/declared.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// Four times what a capture accepts: a larger patch would be refused anyway.
constexpr std::uintmax_t most_patch_bytes = std::uintmax_t{16} << 20;
constexpr std::size_t most_header_value = 2000;

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool begins_diff(std::string_view line) {
    return line.starts_with("diff --git ") || line.starts_with("--- ");
}

/// `Key: value` with a key of letters, digits and hyphens, else nothing.
std::optional<std::pair<std::string, std::string>> header_line(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    std::string key;
    for (const char c : line.substr(0, colon)) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool fits = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        if (!fits) return std::nullopt;
        key += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const std::string_view value = without_blanks(line.substr(colon + 1)).substr(0, most_header_value);
    return std::pair(key, std::string(value));
}

/// The subject of a mail without its "[PATCH 1/2] ".
std::string subject_line(std::string subject) {
    if (!subject.starts_with('[')) return subject;
    const std::size_t end = subject.find("] ");
    return end == std::string::npos ? subject : subject.substr(end + 2);
}

std::vector<fs::path> patches_in(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> patches;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string extension = entry->path().extension().string();
        if (extension == ".patch" || extension == ".diff") patches.push_back(entry->path());
    }
    if (error) {
        throw UserError(
            fmt::format("the folder of patches, {}, cannot be read: {}", folder.string(), error.message()),
            "proposer.patches names it, relative to the campaign file");
    }
    if (patches.empty()) {
        throw UserError(fmt::format("there is no *.patch and no *.diff in {}", folder.string()),
                        "proposer.patches names the folder, relative to the campaign file");
    }
    // By bytes: the same order on every machine.
    std::sort(patches.begin(), patches.end(), [](const fs::path& a, const fs::path& b) {
        return a.filename().string() < b.filename().string();
    });
    return patches;
}

std::optional<std::string> read_patch(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error) || fs::file_size(file, error) > most_patch_bytes || error)
        return {};
    std::ifstream stream(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream.good() && !stream.eof()) return {};
    return text;
}

}  // namespace

PatchFile read_patch_file(std::string_view text) {
    PatchFile patch;
    bool in_header = true;
    while (!text.empty()) {
        std::string_view rest = text;
        const std::string_view line = take_line(rest);
        if (begins_diff(line)) {
            patch.diff = text;
            return patch;
        }
        if (line.empty()) in_header = false;
        if (in_header) {
            if (auto entry = header_line(line)) patch.header.insert(std::move(*entry));
        }
        text = rest;
    }
    return patch;
}

ReplayProposer::ReplayProposer(const Campaign& campaign, const Ledger& ledger,
                               const std::filesystem::path& campaign_folder)
    : name_(name_of(campaign.proposer)),
      patches_(campaign_folder / campaign.proposer.patches),
      ledger_(ledger) {}

std::optional<fs::path> ReplayProposer::next_patch() const {
    std::set<std::string> done;
    for (const Summary& summary : ledger_.proposals_of(name_)) {
        const std::map<std::string, std::string> origin = ledger_.origin(summary.id);
        if (const auto name = origin.find("patch"); name != origin.end()) done.insert(name->second);
    }
    for (fs::path& patch : patches_in(patches_)) {
        if (!done.contains(patch.filename().string())) return std::move(patch);
    }
    return std::nullopt;
}

bool ReplayProposer::exhausted() const {
    return !next_patch().has_value();
}

ProposerAnswer ReplayProposer::propose(const Assignment&, Worktree& worktree, const StopSignal&) {
    ProposerAnswer answer;
    const std::optional<fs::path> file = next_patch();
    if (!file) {
        answer.failure = "every patch has been proposed";
        answer.exhausted = true;
        return answer;
    }
    const std::string name = file->filename().string();
    answer.notes.origin["patch"] = name;
    const std::optional<std::string> text = read_patch(*file);
    if (!text) {
        answer.failure = fmt::format("the patch {} cannot be read, or is larger than 16 MiB", name);
        return answer;
    }
    PatchFile patch = read_patch_file(*text);
    const auto take = [&patch](const char* key) {
        auto entry = patch.header.extract(key);
        return entry.empty() ? std::string() : std::move(entry.mapped());
    };
    answer.notes.hypothesis = take("hypothesis");
    if (answer.notes.hypothesis.empty()) answer.notes.hypothesis = subject_line(take("subject"));
    if (answer.notes.hypothesis.empty()) answer.notes.hypothesis = name;
    answer.notes.expected_effect = take("expected-effect");
    answer.notes.risk = take("risk");
    answer.notes.origin.merge(patch.header);

    if (!patch.diff.empty() && !worktree.apply(patch.diff)) {
        answer.refused = Rejection::conflict;
        answer.failure = fmt::format("the patch {} does not apply to the champion", name);
    }
    return answer;
}

}  // namespace ratchet
