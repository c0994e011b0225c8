#include "orchestrator/proposers/notes_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string>

#include "experiment_store/crash_point.hpp"

namespace ratchet {

namespace {

constexpr std::size_t most_notes_bytes = std::size_t{256} << 10;
/// A text of this length is a page; the digest shows a line or two of it.
constexpr std::size_t most_text = 4000;
constexpr std::size_t most_next_ideas = 20;

/// Cut between characters, without NUL.
std::string bounded(std::string text) {
    std::erase(text, '\0');
    if (text.size() <= most_text) return text;
    std::size_t end = most_text;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    text.resize(end);
    return text + "…";
}

std::string text_at(const nlohmann::json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return {};
    return bounded(found->get<std::string>());
}

std::optional<std::string> read_bounded(int descriptor) {
    std::string text(most_notes_bytes + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t count = ::read(descriptor, text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::nullopt;
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    if (size > most_notes_bytes) return std::nullopt;
    text.resize(size);
    return text;
}

}  // namespace

Notes read_notes(std::string_view text) {
    Notes notes;
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return notes;
    notes.hypothesis = text_at(json, "hypothesis");
    notes.expected_effect = text_at(json, "expected_effect");
    notes.risk = text_at(json, "risk");
    notes.learned = text_at(json, "learned");
    const auto ideas = json.find("next_ideas");
    if (ideas == json.end()) return notes;
    // One idea as a plain text is what some write.
    if (ideas->is_string()) notes.next_ideas.push_back(bounded(ideas->get<std::string>()));
    if (!ideas->is_array()) return notes;
    for (const nlohmann::json& idea : *ideas) {
        if (notes.next_ideas.size() == most_next_ideas) break;
        if (idea.is_string() && !idea.get_ref<const std::string&>().empty()) {
            notes.next_ideas.push_back(bounded(idea.get<std::string>()));
        }
    }
    return notes;
}

std::optional<Notes> take_notes(const std::filesystem::path& tree, const std::filesystem::path& folder) {
    constexpr int as_folder = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int directory = ::open(tree.c_str(), as_folder);
    for (const std::filesystem::path& part : folder) {
        if (directory < 0) return std::nullopt;
        const int below = ::openat(directory, part.c_str(), as_folder);
        ::close(directory);
        directory = below;
    }
    if (directory < 0) return std::nullopt;
    // Not blocking: it may be a FIFO.
    const int descriptor =
        ::openat(directory, notes_file_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    std::optional<std::string> text;
    if (descriptor >= 0) {
        struct stat status{};
        if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) text = read_bounded(descriptor);
        ::close(descriptor);
    }
    {
        const DurableStep step("proposal/take the notes away");
        ::unlinkat(directory, notes_file_name, 0);
    }
    ::close(directory);
    if (!text) return std::nullopt;
    return read_notes(*text);
}

}  // namespace ratchet
