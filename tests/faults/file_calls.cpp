// Preloaded into the program: writes into its record of points what it does to the files below a folder, in
// the order in which it does it. RATCHET_POINTS names the record, RATCHET_CALLS the folder.
//
// A line is "call KIND PATH", or "call KIND PATH PATH" for a rename and a link, with tabs between. What fails
// and what changes nothing is left out. System calls are made here directly, since a process that is about
// to execute another program (vfork) comes by too.

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

constexpr std::size_t path_size = PATH_MAX + 64;
const char* record = nullptr;
const char* folder = nullptr;
pid_t program = 0;

/// The whole path of what a call names; false where it is not below the folder.
bool path_of(int at, const char* name, char* path) {
    char place[path_size] = {};
    if (name != nullptr && name[0] == '/') {
        std::snprintf(path, path_size, "%s", name);
    } else {
        char link[64];
        if (at == AT_FDCWD)
            std::snprintf(link, sizeof link, "/proc/self/cwd");
        else
            std::snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        if (::syscall(SYS_readlink, link, place, sizeof place - 1) < 0) return false;
        std::snprintf(path, path_size, name == nullptr || *name == '\0' ? "%s" : "%s/%s", place, name);
    }
    return folder != nullptr && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

/// With errno as it was.
void note(const char* kind, const char* path, const char* other = nullptr) {
    if (record == nullptr || ::syscall(SYS_getpid) != program) return;
    const int saved = errno;
    char line[2 * path_size + 64];
    const int length = other == nullptr
                           ? std::snprintf(line, sizeof line, "call\t%s\t%s\n", kind, path)
                           : std::snprintf(line, sizeof line, "call\t%s\t%s\t%s\n", kind, path, other);
    const long file =
        ::syscall(SYS_openat, AT_FDCWD, record, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0 || ::syscall(SYS_write, file, line, length) < 0) std::abort();
    ::syscall(SYS_close, file);
    errno = saved;
}

long noted(long result, const char* kind, int at, const char* name) {
    char path[path_size];
    if (result >= 0 && path_of(at, name, path)) note(kind, path);
    return result;
}

long noted_two(long result, const char* kind, int at, const char* name, int other_at, const char* other) {
    char from[path_size];
    char to[path_size];
    const bool from_here = path_of(at, name, from);
    if (result >= 0 && (path_of(other_at, other, to) || from_here)) note(kind, from, to);
    return result;
}

bool exists(int at, const char* name) {
    const int saved = errno;
    const bool found = ::syscall(SYS_faccessat, at, name, F_OK) == 0;
    errno = saved;
    return found;
}

int opened(int at, const char* name, int flags, mode_t mode) {
    const bool makes = (flags & O_CREAT) != 0 && !exists(at, name);
    const bool empties = !makes && (flags & O_TRUNC) != 0;
    const long result = ::syscall(SYS_openat, at, name, flags, mode);
    if (makes) noted(result, "create", at, name);
    if (empties) noted(result, "write", at, name);
    return static_cast<int>(result);
}

mode_t mode_behind(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

template <typename Function>
Function* original(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::FILE* opened_stream(const char* function, const char* name, const char* mode) {
    const bool writes = std::strpbrk(mode, "wa+") != nullptr;
    const bool makes = writes && !exists(AT_FDCWD, name);
    std::FILE* stream = original<std::FILE*(const char*, const char*)>(function)(name, mode);
    if (stream != nullptr && writes) noted(0, makes ? "create" : "write", AT_FDCWD, name);
    return stream;
}

[[gnu::constructor]] void begin() {
    record = std::getenv("RATCHET_POINTS");
    folder = std::getenv("RATCHET_CALLS");
    program = ::getpid();
}

}  // namespace

extern "C" {

int open(const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_behind(flags, arguments);
    va_end(arguments);
    return opened(AT_FDCWD, name, flags, mode);
}
int open64(const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_behind(flags, arguments);
    va_end(arguments);
    return opened(AT_FDCWD, name, flags, mode);
}
int openat(int at, const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_behind(flags, arguments);
    va_end(arguments);
    return opened(at, name, flags, mode);
}
int openat64(int at, const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_behind(flags, arguments);
    va_end(arguments);
    return opened(at, name, flags, mode);
}
int creat(const char* name, mode_t mode) {
    return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char* name, mode_t mode) {
    return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
std::FILE* fopen(const char* name, const char* mode) {
    return opened_stream("fopen", name, mode);
}
std::FILE* fopen64(const char* name, const char* mode) {
    return opened_stream("fopen64", name, mode);
}
int mkstemp(char* pattern) {
    const int result = original<int(char*)>("mkstemp")(pattern);
    return static_cast<int>(noted(result, "create", AT_FDCWD, pattern));
}
int mkstemp64(char* pattern) {
    const int result = original<int(char*)>("mkstemp64")(pattern);
    return static_cast<int>(noted(result, "create", AT_FDCWD, pattern));
}

ssize_t write(int file, const void* bytes, size_t count) {
    return noted(::syscall(SYS_write, file, bytes, count), "write", file, nullptr);
}
ssize_t writev(int file, const iovec* parts, int count) {
    return noted(::syscall(SYS_writev, file, parts, count), "write", file, nullptr);
}
ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
    return noted(::syscall(SYS_pwrite64, file, bytes, count, offset), "write", file, nullptr);
}
ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) {
    return noted(::syscall(SYS_pwrite64, file, bytes, count, offset), "write", file, nullptr);
}
int ftruncate(int file, off_t size) noexcept {
    return static_cast<int>(noted(::syscall(SYS_ftruncate, file, size), "write", file, nullptr));
}
int ftruncate64(int file, off64_t size) noexcept {
    return static_cast<int>(noted(::syscall(SYS_ftruncate, file, size), "write", file, nullptr));
}

int fsync(int file) {
    return static_cast<int>(noted(::syscall(SYS_fsync, file), "sync", file, nullptr));
}
int fdatasync(int file) {
    return static_cast<int>(noted(::syscall(SYS_fdatasync, file), "sync", file, nullptr));
}

int rename(const char* from, const char* to) noexcept {
    return static_cast<int>(noted_two(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0), "rename",
                                      AT_FDCWD, from, AT_FDCWD, to));
}
int renameat(int at, const char* from, int to_at, const char* to) noexcept {
    return static_cast<int>(
        noted_two(::syscall(SYS_renameat2, at, from, to_at, to, 0), "rename", at, from, to_at, to));
}
int renameat2(int at, const char* from, int to_at, const char* to, unsigned flags) noexcept {
    return static_cast<int>(
        noted_two(::syscall(SYS_renameat2, at, from, to_at, to, flags), "rename", at, from, to_at, to));
}
int link(const char* from, const char* to) noexcept {
    return static_cast<int>(noted_two(::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0), "link",
                                      AT_FDCWD, from, AT_FDCWD, to));
}
int linkat(int at, const char* from, int to_at, const char* to, int flags) noexcept {
    return static_cast<int>(
        noted_two(::syscall(SYS_linkat, at, from, to_at, to, flags), "link", at, from, to_at, to));
}
int symlink(const char* goal, const char* name) noexcept {
    return static_cast<int>(noted(::syscall(SYS_symlinkat, goal, AT_FDCWD, name), "create", AT_FDCWD, name));
}
int symlinkat(const char* goal, int at, const char* name) noexcept {
    return static_cast<int>(noted(::syscall(SYS_symlinkat, goal, at, name), "create", at, name));
}

int mkdir(const char* name, mode_t mode) noexcept {
    return static_cast<int>(noted(::syscall(SYS_mkdirat, AT_FDCWD, name, mode), "mkdir", AT_FDCWD, name));
}
int mkdirat(int at, const char* name, mode_t mode) noexcept {
    return static_cast<int>(noted(::syscall(SYS_mkdirat, at, name, mode), "mkdir", at, name));
}
int unlink(const char* name) noexcept {
    return static_cast<int>(noted(::syscall(SYS_unlinkat, AT_FDCWD, name, 0), "remove", AT_FDCWD, name));
}
int unlinkat(int at, const char* name, int flags) noexcept {
    return static_cast<int>(noted(::syscall(SYS_unlinkat, at, name, flags), "remove", at, name));
}
int rmdir(const char* name) noexcept {
    return static_cast<int>(
        noted(::syscall(SYS_unlinkat, AT_FDCWD, name, AT_REMOVEDIR), "remove", AT_FDCWD, name));
}
int remove(const char* name) noexcept {
    const long result = ::syscall(SYS_unlinkat, AT_FDCWD, name, 0);
    if (result == 0 || errno != EISDIR) return static_cast<int>(noted(result, "remove", AT_FDCWD, name));
    return rmdir(name);
}

}  // extern "C"
