#pragma once

#include <functional>
#include <string>
#include <vector>

#include "benchmarks_adapter/random_numbers.hpp"

namespace ratchet {

/// What a night's proposals are worth, before anybody has measured them.
struct Prior {
    std::string name;
    std::string description;
    int experiments = 0;                         ///< a night
    std::function<double(RandomNumbers&)> draw;  ///< a true effect over the champion, ln: > 0 is a gain
};

/// mixed: 120 proposals, 45 % nothing, 40 % losses |N(0, 3 %)|, 15 % gains |N(0, 2 %)|.
/// rare: 200 proposals, 75 % nothing, 15 % losses and 10 % gains, uniform in 1 to 4 %.
/// none: 200 proposals that all change nothing.
const std::vector<Prior>& prior_presets();

/// A preset, or a file with one true effect a line in per cent ("2.5", "-1", "0"; # begins a comment), drawn
/// from at random, as many a night as it has lines. Throws UserError.
Prior prior_named(const std::string& name);

}  // namespace ratchet
