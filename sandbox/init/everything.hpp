#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <functional>

namespace ratchet::init {

/// What is done about somebody who forks all the time and so outruns the end of a run.
struct Escape {
    enum class Answer {
        go_on,       ///< nothing else can be done: try again and again
        leave_rest,  ///< to somebody who can forbid them to fork
        kill_by_uid  ///< all at once: only runs of this tier have the uid
    };
    Answer answer = Answer::go_on;
    uid_t uid = 0;
};

/// Kills and reaps everything that this process started, until nothing is left. As process 1 of a pid
/// namespace that is the whole namespace. Elsewhere (a subreaper) it is every descendant: those that escape
/// by being orphaned come to this process, and are found again as its children.
///
/// Somebody who forks all the time can outrun that for seconds: `escape` says what is done after a moment.
void end_everything(const std::function<void(const rusage&)>& reaped, Escape escape = {});

}  // namespace ratchet::init
