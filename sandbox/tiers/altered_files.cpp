#include "sandbox/tiers/altered_files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace ratchet {
namespace {

namespace fs = std::filesystem;

bool same_contents(const fs::path& left, const fs::path& right) {
    std::ifstream one(left, std::ios::binary);
    std::ifstream other(right, std::ios::binary);
    return one && other &&
           std::equal(std::istreambuf_iterator<char>(one), {}, std::istreambuf_iterator<char>(other), {});
}

bool same(const fs::path& original, const fs::path& copy) {
    std::error_code error;
    const fs::file_status before = fs::symlink_status(original, error);
    const fs::file_status after = fs::symlink_status(copy, error);
    if (before.type() != after.type() || before.permissions() != after.permissions()) return false;
    if (fs::is_symlink(before)) return fs::read_symlink(original, error) == fs::read_symlink(copy, error);
    return !fs::is_regular_file(before) || same_contents(original, copy);
}

}  // namespace

std::string first_difference(const fs::path& original, const fs::path& copy,
                             const std::vector<std::string>& files) {
    const auto altered = std::find_if(files.begin(), files.end(), [&](const std::string& file) {
        return !same(original / file, copy / file);
    });
    return altered == files.end() ? std::string() : *altered;
}

}  // namespace ratchet
