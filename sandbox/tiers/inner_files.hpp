#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ratchet {

/// The user that a command sees itself as; outside it is whoever started ratchet, or the dedicated uid.
inline constexpr int inner_uid = 1000;

/// A file that is made inside a sandbox.
struct InnerFile {
    std::string path;
    std::string content;
};

/// What normal programs look up in /etc: made up, so that nothing of the host's is shown. With the network,
/// also how names are resolved here.
std::vector<InnerFile> inner_files(bool network);

/// Where the host keeps what checks the certificates of servers: folders and files that exist here.
std::vector<std::filesystem::path> certificate_paths();

/// The host's time zone as a path below /usr/share/zoneinfo; empty where /etc/localtime is no link into it.
std::filesystem::path time_zone();

}  // namespace ratchet
