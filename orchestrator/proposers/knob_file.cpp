#include "orchestrator/proposers/knob_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <regex>
#include <string_view>

#include "experiment_store/errors.hpp"
#include "sandbox/process/descriptor.hpp"

namespace ratchet {

namespace {

/// A file in which a knob stands is source text; more than this is something else.
constexpr std::size_t most_knob_file_bytes = std::size_t{4} << 20;

/// The matcher of the standard library recurses for every character that a repetition takes: a line of this
/// length is well within the stack, and no line of source text is longer.
constexpr std::size_t longest_line = 4000;

[[noreturn]] void refuse(const std::string& file, const std::string& problem) {
    throw UserError(fmt::format("the knob file {} {}", file, problem),
                    "a knob's file is a regular file of the repository, relative to the campaign file");
}

/// Opens a file below `tree` without following a symlink in any component: a commit may hold links that lead
/// out.
Descriptor open_below(const std::filesystem::path& tree, const std::string& file, int flags) {
    Descriptor folder(::open(tree.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const std::filesystem::path relative = std::filesystem::path(file).lexically_normal();
    for (auto part = relative.begin(); folder.get() >= 0 && part != relative.end(); ++part) {
        const bool last = std::next(part) == relative.end();
        const int how = last ? flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
                             : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        folder = Descriptor(::openat(folder.get(), part->c_str(), how));
    }
    if (folder.get() < 0) refuse(file, fmt::format("cannot be opened: {}", std::strerror(errno)));
    struct stat status{};
    if (::fstat(folder.get(), &status) != 0 || !S_ISREG(status.st_mode)) refuse(file, "is no regular file");
    if (status.st_size > static_cast<off_t>(most_knob_file_bytes)) refuse(file, "is larger than 4 MiB");
    return folder;
}

std::string read_whole(const Descriptor& descriptor, const std::string& file) {
    std::string text;
    std::string chunk(std::size_t{64} << 10, '\0');
    while (text.size() <= most_knob_file_bytes) {
        const ssize_t count = ::read(descriptor.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse(file, fmt::format("cannot be read: {}", std::strerror(errno)));
        if (count == 0) return text;
        text.append(chunk, 0, static_cast<std::size_t>(count));
    }
    refuse(file, "is larger than 4 MiB");
}

/// Writes into the file that is there, so that its mode and owner stay; the worktree is remade from a commit
/// before anybody relies on it, so a torn write is of no consequence.
void write_all(const std::filesystem::path& tree, const std::string& file, const std::string& text) {
    const Descriptor descriptor = open_below(tree, file, O_WRONLY);
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count =
            ::pwrite(descriptor.get(), text.data() + done, text.size() - done, static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            throw MachineryError(fmt::format("cannot write {}: {}", file, std::strerror(errno)));
        }
        done += static_cast<std::size_t>(count);
    }
    if (::ftruncate(descriptor.get(), static_cast<off_t>(text.size())) != 0) {
        throw MachineryError(fmt::format("cannot write {}: {}", file, std::strerror(errno)));
    }
}

std::string_view line_without_return(const std::string& text, std::size_t begin, std::size_t end) {
    if (end > begin && text[end - 1] == '\r') --end;
    return std::string_view(text).substr(begin, end - begin);
}

[[noreturn]] void not_once(const Knob& knob, const std::string& how) {
    throw UserError(fmt::format("the pattern of the knob \"{}\" matches {} in {}", knob.name, how, knob.file),
                    fmt::format("it must match exactly once, within one line: {}", knob.pattern));
}

std::string read_below(const std::filesystem::path& tree, const std::string& file) {
    return read_whole(open_below(tree, file, O_RDONLY), file);
}

}  // namespace

std::optional<std::string> pattern_problem(const std::string& pattern) {
    // Longer ones are no pattern of a person's, and the library's compiler recurses on them.
    constexpr std::size_t longest = 1000;
    if (pattern.size() > longest) return "is longer than 1000 characters";
    try {
        const std::regex expression(pattern);
        if (expression.mark_count() == 1) return {};
        return fmt::format("must have exactly one group ( ), found {}", expression.mark_count());
    } catch (const std::regex_error& error) {
        return fmt::format("is no regular expression: {}", error.what());
    }
}

KnobPlace find_knob(const Knob& knob, const std::string& text) {
    const std::regex expression(knob.pattern);
    KnobPlace place;
    int matches = 0;
    for (std::size_t begin = 0; begin < text.size() && matches < 2;) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = line_without_return(text, begin, end);
        std::cregex_iterator match;
        if (line.size() <= longest_line) match = {line.data(), line.data() + line.size(), expression};
        for (; match != std::cregex_iterator() && matches < 2; ++match, ++matches) {
            place = {begin + static_cast<std::size_t>(match->position(1)),
                     static_cast<std::size_t>(match->length(1))};
            // A group that took no part in the match (one of several alternatives) is no place at all.
            if (!(*match)[1].matched) not_once(knob, "without its group");
        }
        begin = end + 1;
    }
    if (matches == 1) return place;
    not_once(knob, matches == 0 ? "nothing" : "several times");
}

std::vector<std::string> read_knobs(const std::filesystem::path& tree, const std::vector<Knob>& knobs) {
    std::map<std::string, std::string> texts;
    std::vector<std::string> values;
    for (const Knob& knob : knobs) {
        const auto found = texts.find(knob.file);
        const std::string& text =
            found != texts.end() ? found->second : (texts[knob.file] = read_below(tree, knob.file));
        const KnobPlace place = find_knob(knob, text);
        values.push_back(text.substr(place.offset, place.length));
    }
    return values;
}

void write_knobs(const std::filesystem::path& tree, const std::vector<KnobSetting>& settings) {
    std::map<std::string, std::string> texts;
    for (const KnobSetting& setting : settings) {
        const std::string& file = setting.knob->file;
        if (!texts.contains(file)) texts[file] = read_below(tree, file);
        std::string& text = texts[file];
        const KnobPlace place = find_knob(*setting.knob, text);
        text.replace(place.offset, place.length, setting.value);
    }
    for (const auto& [file, text] : texts)
        write_all(tree, file, text);
}

}  // namespace ratchet
