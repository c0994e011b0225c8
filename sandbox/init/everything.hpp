#pragma once

#include <sys/resource.h>

#include <functional>

namespace ratchet::init {

/// Kills and reaps everything that this process started, until nothing is left. As process 1 of a pid
/// namespace that is the whole namespace. Elsewhere (a subreaper) it is every descendant: those that escape
/// by being orphaned come to this process, and are found again as its children.
void end_everything(const std::function<void(const rusage&)>& reaped);

}  // namespace ratchet::init
