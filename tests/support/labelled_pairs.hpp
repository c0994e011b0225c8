#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace ratchet::test {

/// Two diffs of tests/data/duplicates, and what they are to each other.
struct LabelledPair {
    std::string label;  ///< reformatted, near, different
    std::string how;    ///< the transformation that made one of the other
    std::string name;   ///< of the second one: language/edit.transformation
    std::string one;
    std::string other;

    /// Of an edit of this repository's own history, and not made up for the set.
    [[nodiscard]] bool is_real() const { return name.find("_real/") != std::string::npos; }
    [[nodiscard]] bool is_duplicate() const { return label != "different"; }
};

inline std::vector<LabelledPair> labelled_pairs(const std::string& folder) {
    std::map<std::string, std::string> diffs;
    std::ifstream texts(folder + "/diffs.txt");
    std::string* diff = nullptr;
    for (std::string line; std::getline(texts, line);) {
        if (line.starts_with("# ")) {
            diff = &diffs[line.substr(2)];
        } else if (line.starts_with("= ")) {
            const std::string path = line.substr(2);
            *diff += "diff --git a/" + path + " b/" + path + "\n--- a/" + path + "\n+++ b/" + path + "\n";
        } else {
            diff->append(line).append(1, '\n');
        }
    }
    std::vector<LabelledPair> pairs;
    std::ifstream lines(folder + "/pairs.txt");
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string one;
        LabelledPair pair;
        words >> pair.label >> pair.how >> one >> pair.name;
        pair.one = diffs.at(one);
        pair.other = diffs.at(pair.name);
        pairs.push_back(std::move(pair));
    }
    if (pairs.empty()) throw std::runtime_error("there are no pairs in " + folder);
    return pairs;
}

}  // namespace ratchet::test
