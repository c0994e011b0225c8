#include "sandbox/init/outside.hpp"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "sandbox/init/cgroups.hpp"
#include "sandbox/init/counter.hpp"
#include "sandbox/init/everything.hpp"
#include "sandbox/init/staging.hpp"

namespace ratchet::init {
namespace {

struct Plan {
    pid_t parent = 0;
    uid_t drop = 0;                                 ///< 0: stay who we are
    Escape::Answer escape = Escape::Answer::go_on;  ///< to who outruns the end
    std::string counter;                            ///< empty: nothing is counted
    std::vector<ControlGroup> groups;
    long long stage_bytes = 0;  ///< 0: no stage
    std::vector<StagingStep> steps;
    char** program = nullptr;
};

Plan read_plan(Arguments& arguments) {
    Plan plan;
    for (;;) {
        const std::string option = arguments.take("outside");
        if (option == "--parent") {
            plan.parent = static_cast<pid_t>(arguments.take_number("--parent"));
        } else if (option == "--drop") {
            plan.drop = static_cast<uid_t>(arguments.take_number("--drop"));
        } else if (option == "--own-uid") {
            plan.escape = Escape::Answer::kill_by_uid;
        } else if (option == "--bounded") {
            plan.escape = Escape::Answer::leave_rest;
        } else if (option == "--count") {
            plan.counter = arguments.take("--count");
        } else if (option == "--cgroup") {
            plan.groups.push_back({arguments.take("--cgroup"), {}, {}});
        } else if (option == "--set" && !plan.groups.empty()) {
            const std::string file = arguments.take("--set");
            plan.groups.back().settings.emplace_back(file, arguments.take("--set"));
        } else if (option == "--read" && !plan.groups.empty()) {
            plan.groups.back().readings.push_back(arguments.take("--read"));
        } else if (option == "--stage") {
            plan.stage_bytes = arguments.take_number("--stage");
        } else if (option == "--" && !arguments.done()) {
            plan.program = arguments.rest();
            return plan;
        } else if (!take_step(option, arguments, plan.steps)) {
            errno = EINVAL;
            fail(option);
        }
    }
}

/// Dies with `parent`. Called again after a change of uid, which clears it; a parent that is gone already
/// sends none.
void die_with(pid_t parent, int signal) {
    ::prctl(PR_SET_PDEATHSIG, signal);
    if (parent != 0 && ::getppid() != parent) _exit(125);
}

/// While this is still whoever started ratchet, since it may take a privilege. What cannot be counted is
/// missing from the report.
void hand_down_counter(const std::string& kind) {
    const int counter = open_counter(kind);
    if (counter < 0) return;
    ::dup2(counter, counter_descriptor);
    ::close(counter);
}

[[noreturn]] void become_program(const Plan& plan, pid_t supervisor) {
    die_with(supervisor, SIGKILL);
    if (!plan.counter.empty()) hand_down_counter(plan.counter);
    if (plan.stage_bytes > 0)
        set_stage(plan.steps, plan.stage_bytes, plan.drop != 0 ? plan.drop : ::getuid());
    // The helper may lie where only root may enter: opened before, executed by its descriptor.
    const int executable = plan.stage_bytes == 0 ? ::open(plan.program[0], O_PATH | O_CLOEXEC) : -1;
    if (plan.drop != 0) {
        if (::setgroups(0, nullptr) != 0 || ::setresgid(plan.drop, plan.drop, plan.drop) != 0 ||
            ::setresuid(plan.drop, plan.drop, plan.drop) != 0) {
            fail("cannot drop privileges");
        }
        die_with(supervisor, SIGKILL);
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (executable >= 0) ::fexecve(executable, plan.program, environ);
    ::execv(plan.program[0], plan.program);
    fail(plan.program[0]);
}

/// Waits for the program; when told to end, kills it. Returns its wait status.
int supervise(pid_t program) {
    sigset_t awaited;
    sigfillset(&awaited);
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(-1, &status, WNOHANG);
        if (ended == program) return status;
        if (ended > 0) continue;
        const int signal = ::sigwaitinfo(&awaited, nullptr);
        if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) ::kill(program, SIGKILL);
    }
}

}  // namespace

int run_outside(Arguments arguments) {
    const Plan plan = read_plan(arguments);
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    die_with(plan.parent, SIGTERM);
    // bubblewrap's children come to us when it is killed before they are bound to its life.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    make(plan.groups);
    const pid_t self = ::getpid();
    const pid_t program = fork_into(plan.groups);
    if (program == 0) become_program(plan, self);
    const int status = supervise(program);
    const auto count_nothing = [](const rusage&) {};
    end_everything(count_nothing, {plan.escape, plan.drop});
    if (plan.escape == Escape::Answer::leave_rest) {
        forbid_forks(plan.groups);
        end_everything(count_nothing);
    }
    read_and_remove(plan.groups);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace ratchet::init
