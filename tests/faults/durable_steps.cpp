#include "tests/faults/durable_steps.hpp"

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

namespace ratchet::test {

namespace fs = std::filesystem;

namespace {

void add_steps(const std::string& source, std::set<std::string>& points) {
    static const std::regex step(R"re(DurableStep \w+\("([^"]+)"\))re");
    for (std::sregex_iterator found(source.begin(), source.end(), step), end; found != end; ++found) {
        for (const char* moment : {" begin", " end"})
            points.insert(found->str(1) + moment);
    }
    static const std::regex point(R"re(crash_point\("([^"]+)", "([^"]+)"\))re");
    for (std::sregex_iterator found(source.begin(), source.end(), point), end; found != end; ++found)
        points.insert(found->str(1) + " " + found->str(2));
}

/// A transaction is named by the function that commits it.
void add_transactions(const std::string& source, std::set<std::string>& points) {
    static const std::regex begin_of_function(R"re(^[A-Za-z][^;]*?(\w+)\()re");
    std::istringstream lines(source);
    std::string function;
    std::smatch found;
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_search(line, found, begin_of_function)) function = found.str(1);
        if (line.find("transaction.commit()") == std::string::npos) continue;
        for (const char* moment : {" commit", " committed"})
            points.insert("ledger/" + function + moment);
    }
}

}  // namespace

std::set<std::string> points_in_sources(const fs::path& project) {
    std::set<std::string> points;
    for (const char* room : {"experiment_store", "sandbox", "benchmarks_adapter", "orchestrator"}) {
        for (const auto& entry : fs::recursive_directory_iterator(project / room)) {
            if (entry.path().extension() != ".cpp") continue;
            std::ifstream stream(entry.path());
            const std::string source{std::istreambuf_iterator<char>(stream), {}};
            add_steps(source, points);
            add_transactions(source, points);
        }
    }
    return points;
}

const std::map<std::string, std::string>& points_passed_elsewhere() {
    static const std::map<std::string, std::string> all = {
        {"ledger/bring_up_to_date commit", "CrashElsewhere"},
        {"ledger/bring_up_to_date committed", "CrashElsewhere"},
        {"ledger/rebuild_in_place commit", "LedgerCheckTest.a_rebuild_that_is_killed_changes_nothing"},
        {"ledger/rebuild_in_place committed", "LedgerCheckTest.a_rebuild_that_is_killed_changes_nothing"},
        {"ledger/take_over_facts commit", "in a copy that one transaction puts in the ledger's place"},
        {"ledger/take_over_facts committed", "in a copy that one transaction puts in the ledger's place"},
        {"lookup/name the program begin", "LookingUp.works_without_a_sandbox_too"},
        {"lookup/name the program end", "LookingUp.works_without_a_sandbox_too"},
        {"lookup/remove the copy begin", "LookupCopyTest.is_made_again_where_it_is_damaged"},
        {"lookup/remove the copy end", "LookupCopyTest.is_made_again_where_it_is_damaged"},
        {"tree/put .git back begin", "for whom a command of the weak tier has replaced it"},
        {"tree/put .git back end", "for whom a command of the weak tier has replaced it"},
        {"ledger/follow HEAD begin", "CrashElsewhere"},
        {"ledger/follow HEAD old one closed", "CrashElsewhere"},
        {"ledger/follow HEAD end", "CrashElsewhere"},
    };
    return all;
}

}  // namespace ratchet::test
