#include "sandbox/tiers/inner_files.hpp"

#include <fstream>
#include <iterator>
#include <system_error>

namespace ratchet {

std::vector<InnerFile> inner_files(bool network) {
    std::vector<InnerFile> files = {
        {"/etc/passwd",
         "root:x:0:0:root:/root:/usr/sbin/nologin\n"
         "sandbox:x:1000:1000:sandbox:/home/sandbox:/bin/sh\n"
         "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"},
        {"/etc/group", "root:x:0:\nsandbox:x:1000:\nnogroup:x:65534:\n"},
        {"/etc/hosts", "127.0.0.1 localhost sandbox\n::1 localhost sandbox\n"},
        {"/etc/nsswitch.conf",
         network ? "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n"
                 : "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n"},
    };
    if (network) {
        std::ifstream resolver("/etc/resolv.conf");
        const std::string content{std::istreambuf_iterator<char>(resolver), {}};
        files.push_back({"/etc/resolv.conf", content});
    }
    return files;
}

std::vector<std::filesystem::path> certificate_paths() {
    std::vector<std::filesystem::path> found;
    std::error_code ignored;
    for (const char* path : {"/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ca-certificates",
                             "/etc/pki/tls/certs", "/etc/pki/ca-trust", "/etc/services", "/etc/protocols"}) {
        if (std::filesystem::exists(path, ignored)) found.emplace_back(path);
    }
    return found;
}

std::filesystem::path time_zone() {
    std::error_code ignored;
    const std::filesystem::path zone = std::filesystem::canonical("/etc/localtime", ignored);
    return zone.string().starts_with("/usr/share/zoneinfo/") ? zone : std::filesystem::path();
}

}  // namespace ratchet
