#include "tests/faults/small_disk.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

namespace ratchet::test {

namespace fs = std::filesystem;

namespace {

bool write_text(const char* file, const std::string& text) {
    std::ofstream stream(file);
    stream << text;
    return static_cast<bool>(stream.flush());
}

/// Mounts of our own, once in this process: as root, or as an ordinary user who is root nowhere but may mount
/// here.
std::string enter_namespace() {
    const uid_t user = ::getuid();
    const gid_t group = ::getgid();
    if (::unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0)
        return std::string("no mount namespace: ") + std::strerror(errno);
    if (user != 0) {
        const auto same = [](auto id) { return std::to_string(id) + " " + std::to_string(id) + " 1\n"; };
        if (!write_text("/proc/self/setgroups", "deny") || !write_text("/proc/self/uid_map", same(user)) ||
            !write_text("/proc/self/gid_map", same(group)))
            return "no user namespace";
    }
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return std::string("mounts cannot be made private: ") + std::strerror(errno);
    return {};
}

}  // namespace

SmallDisk::SmallDisk() {
    static const std::string obstacle = enter_namespace();
    std::string name = (fs::temp_directory_path() / "ratchet-disk-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    problem_ = obstacle;
    if (problem_.empty() && ::mount("ratchet-disk", folder_.c_str(), "tmpfs", 0, "size=64m,mode=755") != 0)
        problem_ = std::string("no tmpfs: ") + std::strerror(errno);
}

SmallDisk::~SmallDisk() {
    ::umount2(folder_.c_str(), MNT_DETACH);
    ::rmdir(folder_.c_str());
}

void SmallDisk::fill(std::size_t but_for) const {
    const fs::path file = folder_ / "filler";
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(descriptor, 0) << std::strerror(errno);
    const std::vector<char> block(std::size_t{1} << 20, 'x');
    for (std::size_t size = block.size(); size > 0;) {
        if (::write(descriptor, block.data(), size) < 0) size /= 2;
    }
    EXPECT_EQ(errno, ENOSPC);
    const off_t end = ::lseek(descriptor, 0, SEEK_END);
    EXPECT_EQ(::ftruncate(descriptor, end - static_cast<off_t>(but_for)), 0);
    ::close(descriptor);
}

void SmallDisk::make_room() const {
    fs::remove(folder_ / "filler");
}

}  // namespace ratchet::test
