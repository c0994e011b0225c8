#pragma once

// Real git repositories for tests, made with the git command line under a private HOME: no configuration of
// whoever runs the tests plays a role.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet::test {

/// A folder of its own below the system's temporary folder, removed at the end, however it was left.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ratchet-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = std::filesystem::canonical(pattern);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        make_removable(path_);
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    static void make_removable(const std::filesystem::path& folder) {
        namespace fs = std::filesystem;
        std::error_code ignored;
        fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add, ignored);
        for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
            if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) make_removable(entry.path());
        }
    }
    std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& file, std::string_view bytes) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << bytes;
    stream.close();
    if (!stream) throw std::runtime_error("cannot write " + file.string());
}

inline std::string read_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error("cannot read " + file.string());
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// Everything in a folder: path -> mode, time of the last change, and the contents themselves. Two equal
/// snapshots mean that nothing was touched. `leave_out` are paths relative to the folder.
inline std::map<std::string, std::string> snapshot(const std::filesystem::path& folder,
                                                   const std::vector<std::string>& leave_out = {}) {
    namespace fs = std::filesystem;
    std::map<std::string, std::string> result;
    for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator();
         ++entry) {
        const std::string path = fs::relative(entry->path(), folder).string();
        bool left_out = false;
        for (const std::string& name : leave_out)
            left_out = left_out || path == name;
        if (left_out) {
            entry.disable_recursion_pending();
            continue;
        }
        struct stat status = {};
        if (::lstat(entry->path().c_str(), &status) != 0) throw std::runtime_error("lstat " + path);
        std::string text = std::to_string(status.st_mode);
        // A folder's time changes with what is put into it; the entries themselves tell that.
        if (!S_ISDIR(status.st_mode)) {
            text +=
                " " + std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
        }
        if (S_ISLNK(status.st_mode)) text += " -> " + fs::read_symlink(entry->path()).string();
        if (S_ISREG(status.st_mode)) text += "\n" + read_file(entry->path());
        result[path] = text;
    }
    return result;
}

/// The paths at which two snapshots differ.
inline std::vector<std::string> differences(const std::map<std::string, std::string>& before,
                                            const std::map<std::string, std::string>& after) {
    std::vector<std::string> result;
    for (const auto& [path, text] : before) {
        const auto found = after.find(path);
        if (found == after.end())
            result.push_back("gone: " + path);
        else if (found->second != text)
            result.push_back("changed: " + path);
    }
    for (const auto& [path, text] : after) {
        if (!before.contains(path)) result.push_back("new: " + path);
    }
    return result;
}

class TemporaryRepository {
  public:
    /// An empty repository at `<temporary folder>/<name>` with the branch `main`.
    explicit TemporaryRepository(const std::string& name = "project") : root_(folder_.path() / name) {
        std::filesystem::create_directories(home());
        std::filesystem::create_directories(root_);
        git({"init", "--quiet", "--initial-branch=main"});
    }

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    /// The HOME of every git command; write a .gitconfig into it to play the user.
    [[nodiscard]] std::filesystem::path home() const { return folder_.path() / "home"; }

    /// Runs git in the repository's root and returns its standard output. Throws where it fails.
    std::string git(const std::vector<std::string>& arguments) const { return git_in(root_, arguments); }
    std::string git_in(const std::filesystem::path& where, const std::vector<std::string>& arguments) const {
        std::string output;
        if (const int status = run(where, arguments, output); status != 0) {
            throw std::runtime_error("git " + (arguments.empty() ? std::string() : arguments.front()) +
                                     " failed: " + read_file(folder_.path() / "stderr"));
        }
        return output;
    }
    /// The exit status of a git command that may fail.
    int git_status(const std::vector<std::string>& arguments) const {
        std::string output;
        return run(root_, arguments, output);
    }
    /// git's output without its closing newline.
    std::string git_line(const std::vector<std::string>& arguments) const {
        std::string output = git(arguments);
        if (output.ends_with('\n')) output.pop_back();
        return output;
    }

    void write(const std::string& path, std::string_view bytes) const { write_file(root_ / path, bytes); }
    [[nodiscard]] std::string read(const std::string& path) const { return read_file(root_ / path); }
    void make_executable(const std::string& path) const {
        std::filesystem::permissions(root_ / path, static_cast<std::filesystem::perms>(0755));
    }
    void make_symlink(const std::string& goal, const std::string& path) const {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::filesystem::create_symlink(goal, root_ / path);
    }

    /// Adds and commits everything; the id of the commit.
    std::string commit_all(const std::string& message = "change") const {
        git({"add", "--all"});
        git({"commit", "--quiet", "--allow-empty", "--message", message});
        return git_line({"rev-parse", "HEAD"});
    }
    [[nodiscard]] std::string head() const { return git_line({"rev-parse", "HEAD"}); }

  private:
    static std::string shell_word(const std::string& text) {
        std::string result = "'";
        for (const char c : text) {
            if (c == '\'')
                result += "'\\''";
            else
                result += c;
        }
        return result + "'";
    }

    int run(const std::filesystem::path& where, const std::vector<std::string>& arguments,
            std::string& output) const {
        std::string command =
            "cd " + shell_word(where.string()) +
            " && exec env -i PATH=\"$PATH\" LC_ALL=C HOME=" + shell_word(home().string()) +
            " GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=Somebody GIT_AUTHOR_EMAIL=somebody@localhost"
            " GIT_COMMITTER_NAME=Somebody GIT_COMMITTER_EMAIL=somebody@localhost"
            " git -c protocol.file.allow=always -c core.quotePath=true";
        for (const std::string& argument : arguments)
            command += " " + shell_word(argument);
        command += " 2>" + shell_word((folder_.path() / "stderr").string());
        FILE* pipe = ::popen(command.c_str(), "r");
        if (pipe == nullptr) throw std::runtime_error("popen failed");
        char buffer[4096];
        while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe))
            output.append(buffer, count);
        return ::pclose(pipe);
    }

    TemporaryFolder folder_;
    std::filesystem::path root_;
};

}  // namespace ratchet::test
