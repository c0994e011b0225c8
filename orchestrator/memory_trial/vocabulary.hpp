#pragma once

#include <array>
#include <string_view>

#include "orchestrator/memory_trial/idea_pool.hpp"

namespace ratchet {

/// No word of a deed stands for another deed, none of a thing's pairs of words for another thing, and none of
/// them in what ratchet itself writes about an experiment: a test sees to it.
extern const std::array<std::array<std::string_view, wordings>, deeds> deed_vocabulary;
extern const std::array<std::array<std::string_view, wordings>, things> thing_vocabulary;

}  // namespace ratchet
