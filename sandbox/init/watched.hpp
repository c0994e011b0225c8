#pragma once

#include <string>

namespace ratchet::init {

/// Where the folder that takes the writes of the tree's overlay stands open, until process 1 takes it over.
constexpr int upper_descriptor = 33;
/// From here on there are none with a meaning of their own.
constexpr int first_free_descriptor = 64;

/// The first of the watched files that a run wrote to, replaced, removed, hid or changed the mode of; empty:
/// none. `list` is a descriptor of their paths, relative to the tree, each ended by NUL; `upper` the folder
/// that took the overlay's writes; `tree` the overlay itself.
///
/// Whatever touches a file leaves a trace in the upper folder that cannot be taken back from within the
/// overlay: what was there below is copied up before it is changed, and leaves a mark where it was removed.
/// So nothing is read, and a file that was altered and put right again in the same run is found too.
std::string first_altered(int list, int upper, int tree);

}  // namespace ratchet::init
