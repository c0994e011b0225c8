#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace ratchet::test {

/// The points that the sources of the product name: `DurableStep`, `crash_point`, and the commit of each
/// transaction.
std::set<std::string> points_in_sources(const std::filesystem::path& project);

/// Those that no campaign of crash_test.cpp passes, with the reason.
const std::map<std::string, std::string>& points_passed_elsewhere();

}  // namespace ratchet::test
