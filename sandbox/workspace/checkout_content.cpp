#include "sandbox/workspace/checkout_content.hpp"

#include <git2/sys/repository.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <fmt/core.h>

#include "sandbox/workspace/directory.hpp"

namespace ratchet {
namespace {

constexpr std::size_t most_pointer_bytes = 1024;  // git-lfs reads no longer pointers
constexpr std::size_t chunk = std::size_t{1} << 16;

/// The value of "key value" in the pointer's lines.
std::optional<std::string_view> pointer_value(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
            return line.substr(key.size() + 1);
        }
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return std::nullopt;
}

std::string_view content_of(const git_blob* blob) {
    return {static_cast<const char*>(git_blob_rawcontent(blob)),
            static_cast<std::size_t>(git_blob_rawsize(blob))};
}

GitBlob read_blob(git_repository* repository, const git_oid& id) {
    GitBlob blob;
    check_git(git_blob_lookup(out(blob), repository, &id), "reading the blob " + to_hex(id));
    return blob;
}

std::uint64_t size_of_blob(git_repository* repository, const git_oid& id) {
    GitOdb odb;
    check_git(git_repository_odb(out(odb), repository), "opening the object database");
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    check_git(git_odb_read_header(&size, &type, odb.get(), &id), "reading the blob " + to_hex(id));
    return size;
}

bool same_bytes(int file, const std::filesystem::path& other_path) {
    const Descriptor other(::open(other_path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!other) return false;
    std::string left(chunk, '\0');
    std::string right(chunk, '\0');
    while (true) {
        const ssize_t count = ::read(file, left.data(), chunk);
        if (count < 0) throw_errno("reading a file");
        std::size_t wanted = static_cast<std::size_t>(count);
        for (std::size_t done = 0; done < wanted;) {
            const ssize_t more = ::read(other.get(), right.data() + done, wanted - done);
            if (more <= 0) return false;
            done += static_cast<std::size_t>(more);
        }
        if (count == 0) return ::read(other.get(), right.data(), 1) == 0;
        if (std::memcmp(left.data(), right.data(), wanted) != 0) return false;
    }
}

std::string setting(git_repository* repository, const char* name) {
    GitConfig config;
    GitBuffer value;
    check_git(git_repository_config_snapshot(out(config), repository),
              "reading the repository's configuration");
    if (git_config_get_string_buf(value.get(), config.get(), name) != 0) return {};
    std::string text(value.view());
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

bool is_true(const std::string& text) {
    int value = 0;
    return !text.empty() && git_config_parse_bool(&value, text.c_str()) == 0 && value != 0;
}

}  // namespace

std::optional<LfsPointer> lfs_pointer(std::string_view text) {
    if (text.size() > most_pointer_bytes || !text.starts_with("version https://git-lfs.github.com/spec/")) {
        return std::nullopt;
    }
    const auto oid = pointer_value(text, "oid");
    const auto size = pointer_value(text, "size");
    constexpr std::string_view method = "sha256:";
    if (!oid || !size || !oid->starts_with(method)) return std::nullopt;
    LfsPointer pointer;
    pointer.sha256 = oid->substr(method.size());
    if (pointer.sha256.size() != 64 ||
        pointer.sha256.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return std::nullopt;
    }
    if (std::from_chars(size->data(), size->data() + size->size(), pointer.size).ec != std::errc{}) {
        return std::nullopt;
    }
    return pointer;
}

bool ExpectedContent::is_in(int file) const {
    if (!lfs_object.empty()) return same_bytes(file, lfs_object);
    // One byte more than expected is enough to tell that it is longer.
    const std::string found = read_all(file, size + 1);
    if (found.size() != size) return false;
    if (converted) return found == *converted;
    git_oid id = {};
    check_git(git_odb_hash(&id, found.data(), found.size(), GIT_OBJECT_BLOB), "hashing a file");
    return git_oid_equal(&id, &blob) != 0;
}

void ExpectedContent::write_to(int file) const {
    if (converted) return write_all(file, *converted);
    if (lfs_object.empty()) return write_all(file, content_of(read_blob(repository, blob).get()));
    const Descriptor object(::open(lfs_object.c_str(), O_RDONLY | O_CLOEXEC));
    if (!object) throw_errno("opening the LFS object " + printable(lfs_object.native()));
    std::string bytes(chunk, '\0');
    ssize_t count = 0;
    while ((count = ::read(object.get(), bytes.data(), chunk)) > 0) {
        write_all(file, std::string_view(bytes).substr(0, static_cast<std::size_t>(count)));
    }
    if (count < 0) throw_errno("reading the LFS object " + printable(lfs_object.native()));
}

CheckoutContent::CheckoutContent(git_repository* repository, const std::filesystem::path& git_directory,
                                 const TreeListing& listing)
    : git_directory_(git_directory) {
    const std::string autocrlf = setting(repository, "core.autocrlf");
    automatic_ = autocrlf == "input" || is_true(autocrlf);
    crlf_ = autocrlf != "input" && (is_true(autocrlf) || setting(repository, "core.eol") == "crlf");
    GitIndex index;
    check_git(git_index_new(out(index)), "making an index");
    bool any = automatic_ || std::filesystem::exists(git_directory / "info" / "attributes");
    identity_ = fmt::format("{}{}", automatic_, crlf_);
    for (const TrackedFile& file : listing.files()) {
        if (file.in_submodule || file.mode == GIT_FILEMODE_LINK ||
            name_of_path(file.path) != ".gitattributes") {
            continue;
        }
        any = true;
        identity_ += to_hex(file.blob) + file.path + '\n';
        git_index_entry entry = {};
        entry.mode = file.mode;
        entry.id = file.blob;
        entry.path = file.path.c_str();
        check_git(git_index_add(index.get(), &entry), "reading the attributes");
    }
    if (!any) return;
    check_git(git_repository_open_bare(out(attributes_), git_directory.c_str()), "opening the repository");
    check_git(git_repository_set_index(attributes_.get(), index.get()), "reading the attributes");
}

CheckoutContent::Attributes CheckoutContent::attributes(const std::string& path) const {
    using Kind = TextConversion::Kind;
    Attributes result;
    if (!attributes_) return result;
    std::array<const char*, 4> names = {"text", "crlf", "eol", "filter"};
    std::array<const char*, 4> values = {};
    check_git(git_attr_get_many(values.data(), attributes_.get(),
                                GIT_ATTR_CHECK_INDEX_ONLY | GIT_ATTR_CHECK_NO_SYSTEM, path.c_str(),
                                names.size(), names.data()),
              "reading the attributes of " + printable(path));
    const auto is = [](const char* value, std::string_view text) {
        return git_attr_value(value) == GIT_ATTR_VALUE_STRING && text == value;
    };
    result.lfs = is(values[3], "lfs");
    // `crlf` is the older name of `text`.
    const char* text = git_attr_value(values[0]) == GIT_ATTR_VALUE_UNSPECIFIED ? values[1] : values[0];
    if (git_attr_value(text) == GIT_ATTR_VALUE_FALSE) return result;
    result.text.worktree_has_crlf = crlf_;
    if (git_attr_value(text) == GIT_ATTR_VALUE_TRUE || is(text, "input")) {
        result.text.kind = Kind::text;
        if (is(text, "input")) result.text.worktree_has_crlf = false;
    } else if (is(text, "auto") || automatic_) {
        result.text.kind = Kind::automatic;
    }
    if (is(values[2], "crlf") || is(values[2], "lf")) {
        if (!is(text, "auto")) result.text.kind = Kind::text;
        result.text.worktree_has_crlf = is(values[2], "crlf");
    }
    return result;
}

std::filesystem::path CheckoutContent::lfs_object(const LfsPointer& pointer) const {
    return git_directory_ / "lfs" / "objects" / pointer.sha256.substr(0, 2) / pointer.sha256.substr(2, 2) /
           pointer.sha256;
}

std::optional<LfsPointer> CheckoutContent::pointer_in(const TrackedFile& file,
                                                      const Attributes& found) const {
    if (!found.lfs || size_of_blob(file.repository, file.blob) > most_pointer_bytes) return std::nullopt;
    return lfs_pointer(content_of(read_blob(file.repository, file.blob).get()));
}

std::optional<LfsPointer> CheckoutContent::missing_lfs_object(const TrackedFile& file) const {
    if (!attributes_ || file.in_submodule || file.mode == GIT_FILEMODE_LINK) return std::nullopt;
    auto pointer = pointer_in(file, attributes(file.path));
    if (pointer && std::filesystem::exists(lfs_object(*pointer))) pointer.reset();
    return pointer;
}

ExpectedContent CheckoutContent::expected(const TrackedFile& file) const {
    ExpectedContent content;
    content.blob = file.blob;
    content.repository = file.repository;
    if (attributes_ && !file.in_submodule) {
        const Attributes found = attributes(file.path);
        if (const auto pointer = pointer_in(file, found)) {
            const std::filesystem::path object = lfs_object(*pointer);
            std::error_code failed;
            if (std::filesystem::file_size(object, failed) == pointer->size && !failed) {
                content.lfs_object = object;
                content.size = pointer->size;
                return content;
            }
        } else if (found.text.kind != TextConversion::Kind::none && found.text.worktree_has_crlf) {
            const GitBlob blob = read_blob(file.repository, file.blob);
            content.converted = ratchet::to_worktree(found.text, std::string(content_of(blob.get())));
            content.size = content.converted->size();
            return content;
        }
    }
    content.size = size_of_blob(file.repository, file.blob);
    return content;
}

std::string CheckoutContent::to_worktree(const std::string& path, std::string bytes) const {
    return attributes_ ? ratchet::to_worktree(attributes(path).text, std::move(bytes)) : bytes;
}

std::string CheckoutContent::to_repository(const std::string& path, std::string bytes,
                                           std::string_view before) const {
    if (!attributes_) return bytes;
    return ratchet::to_repository(attributes(path).text, std::move(bytes), before);
}

}  // namespace ratchet
