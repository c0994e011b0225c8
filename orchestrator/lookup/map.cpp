#include "orchestrator/lookup/map.hpp"

#include <unordered_set>

namespace ratchet {
namespace {

/// Of a ledger whose proposals each make a file of their own, the map is no help, and need not be read whole.
constexpr int touched_read = 200'000;

constexpr int functions_of_a_file = 5;

}  // namespace

TriedWhere tried_where(const Ledger& ledger, const std::vector<std::string>& in_scope, std::size_t limit) {
    TriedWhere map;
    map.files = ledger.map(touched_read);
    map.files_in_all = map.files.size();
    std::unordered_set<std::string> touched;
    for (const FileRecord& file : map.files)
        touched.insert(file.path);
    if (map.files.size() > limit) map.files.resize(limit);
    for (const FileRecord& file : map.files) {
        const std::vector<FunctionRecord> functions = ledger.functions_of(file.path, functions_of_a_file);
        map.functions.insert(map.functions.end(), functions.begin(), functions.end());
    }
    for (const std::string& path : in_scope) {
        if (touched.contains(path)) continue;
        ++map.untouched_in_all;
        if (map.untouched.size() < limit) map.untouched.push_back(path);
    }
    return map;
}

}  // namespace ratchet
