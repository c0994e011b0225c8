#pragma once

#include <string>
#include <string_view>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// The heading of `ratchet export --format tsv`, with a line feed.
std::string experiment_table_heading();

/// The line of an experiment, with a line feed. `idea` is what lists show. Empty cells mean that there is
/// nothing; a tab, a line feed, a carriage return and a backslash in a text stand as \t, \n, \r and \\.
std::string experiment_table_row(const Experiment& experiment, std::string_view idea);

}  // namespace ratchet
