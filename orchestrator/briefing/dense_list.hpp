#pragma once

// Many experiments in few bytes: a line for each file and each function, in it number and idea of all that
// was tried there, the idea in key words. The place is said once.

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "experiment_store/ledger.hpp"
#include "orchestrator/briefing/idea_line.hpp"
#include "orchestrator/briefing/key_words.hpp"

namespace ratchet {

/// "#3 #9 #14 to #17", of rising numbers.
std::string numbers_text(const std::vector<ExperimentId>& numbers);

/// What a dense list tells of one experiment, or of several that are one.
struct DenseItem {
    std::string numbers;  ///< "#12", with what is said of its end: "#12?"
    IdeaLine idea;
    std::string file;  ///< where; may be empty
};

class DenseList {
  public:
    /// Where an idea names one of these functions of its file, it stands below the function's name, unless
    /// that could be any word ("add").
    DenseList(const std::vector<DenseItem>& items, const std::vector<FunctionRecord>& functions);

    /// How many of the items, in this order, fit into the room: `lines` of them takes no more, with a line
    /// feed each.
    [[nodiscard]] std::size_t fitting(const std::vector<std::size_t>& order, std::size_t idea_bytes,
                                      std::size_t room) const;

    /// The chosen items, with so many bytes an idea: the files in the order in which they come up among the
    /// chosen, below each its functions likewise. Safe for a fenced block.
    [[nodiscard]] std::vector<std::string> lines(const std::vector<std::size_t>& chosen,
                                                 std::size_t idea_bytes) const;

  private:
    struct Place {
        std::string heading;             ///< "src/a.cpp:", " parse_number:"
        std::size_t file = 0;            ///< the place of the file; its own where it is one
        std::vector<std::string> names;  ///< that the headings say, in lower case
    };

    std::size_t place_of_file(const std::string& path);
    std::size_t place_of_function(std::size_t file, const FunctionRecord& function);
    void append_entry(std::string& line, std::size_t item, std::size_t idea_bytes) const;

    KeyWords key_words_;
    std::vector<std::string> numbers_;
    std::vector<FewWords> ideas_;  ///< without what the place says
    std::vector<Place> places_;
    std::vector<std::size_t> place_of_;  ///< of each item
    // Where the places are; looked up while the list is made, and only then do the records have to be there.
    std::unordered_map<std::string, std::size_t> files_;
    std::unordered_map<const FunctionRecord*, std::size_t> functions_;
};

}  // namespace ratchet
