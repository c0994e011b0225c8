#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <functional>
#include <optional>

namespace ratchet::init {

/// Kills and reaps everything that this process started, until nothing is left. As process 1 of a pid
/// namespace that is the whole namespace. Elsewhere (a subreaper) it is every descendant: those that escape
/// by being orphaned come to this process, and are found again as its children.
///
/// Somebody who forks all the time can outrun that for seconds. Where `own_uid` is given, a uid that only
/// runs of this tier have, whoever still runs after a moment is killed by it, all at once.
void end_everything(const std::function<void(const rusage&)>& reaped, std::optional<uid_t> own_uid = {});

}  // namespace ratchet::init
