#include "sandbox/process/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/process/v2/posix/vfork_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "experiment_store/errors.hpp"
#include "sandbox/machine/machine_load.hpp"
#include "sandbox/process/descriptor.hpp"

namespace ratchet {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::size_t report_limit = 64 << 10;
// How long a supervisor may take to clean up, and how long a stream may stay open once its process is gone
// (somebody who left the group can hold it).
constexpr auto supervisor_grace = std::chrono::seconds(2);
constexpr auto drain_grace = std::chrono::seconds(1);
// How often the stop's deadline is looked at once a stop was asked for: a second wish moves it nearer.
constexpr auto deadline_interval = std::chrono::milliseconds(50);

/// What happens in the new process before it executes. It shares the memory of its parent (vfork), so it only
/// makes system calls, on values prepared before.
struct ExecSetup {
    std::vector<int> descriptors;  ///< what becomes 0, 1, 2, …
    const char* folder = nullptr;
    int error = 0;
    const char* failed = nullptr;

    boost::process::v2::error_code give_up(const char* what) {
        error = errno;
        failed = what;
        ::_exit(127);
    }

    /// Executes by itself: where execve fails, the launcher would call exit(), and with it our own
    /// destructors (its hook for that case is never found: Boost 1.81 looks for another signature than it
    /// calls).
    template <typename Launcher>
    boost::process::v2::error_code on_exec_setup(Launcher& launcher,
                                                 const boost::filesystem::path& executable,
                                                 const char* const*& arguments) {
        // Out of the way first, so that no dup2 below hits a descriptor that is still to be given.
        const int count = static_cast<int>(descriptors.size());
        for (int& descriptor : descriptors) {
            descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, count);
            if (descriptor < 0) return give_up("fcntl");
        }
        for (int i = 0; i < count; ++i) {
            if (::dup2(descriptors[static_cast<std::size_t>(i)], i) < 0) return give_up("dup2");
        }
        if (::syscall(SYS_close_range, static_cast<unsigned>(count), ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
            return give_up("close_range");
        }
        // Its own session: a Ctrl-C on the terminal is not for it, and there is no terminal to write to.
        if (::setsid() < 0) return give_up("setsid");
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (folder != nullptr && ::chdir(folder) != 0) return give_up("chdir");
        for (int signal = 1; signal < NSIG; ++signal)
            ::signal(signal, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        // execve changes nothing behind these pointers; its type is older than const.
        // NOLINTBEGIN(cppcoreguidelines-pro-type-const-cast)
        ::execve(executable.c_str(), const_cast<char* const*>(arguments),
                 const_cast<char* const*>(launcher.env));
        // NOLINTEND(cppcoreguidelines-pro-type-const-cast)
        return give_up("execve");
    }
};

/// Blocks all signals while a process is made: until it executes it would run our handlers in our memory.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

/// One running process and what is read from it.
class Execution {
  public:
    Execution(const Command& command, const Limits& limits, const StopSignal& stop)
        : command_(command),
          limits_(limits),
          stop_(stop),
          output_(limits.capture),
          errors_(limits.capture),
          log_(limits.log_file, limits.capture.log_bytes) {}

    Outcome run() {
        const MachineLoad before = MachineLoad::read();
        started_ = Clock::now();
        if (launch()) {
            watch();
            context_.run();
        }
        outcome_.figures.wall_seconds = std::chrono::duration<double>(ended_ - started_).count();
        before.difference_to(MachineLoad::read(), outcome_.figures);
        outcome_.output = output_.finish();
        outcome_.errors = errors_.finish();
        log_.finish();
        return std::move(outcome_);
    }

  private:
    /// A stream that is read until its end.
    struct Reader {
        asio::posix::stream_descriptor descriptor;
        std::array<char, 32 << 10> buffer{};
        explicit Reader(asio::io_context& context) : descriptor(context) {}
    };

    bool launch();
    void watch();
    template <typename Sink>
    void read(Reader& reader, Sink sink);
    void wait_for_end();
    void wait_for_stop();
    void wait_until(Clock::time_point deadline, Ending ending);
    void look_at_stop();
    void kill(Ending ending);
    [[nodiscard]] bool has_ended() const;
    void reap();
    void drained();

    const Command& command_;
    const Limits& limits_;
    const StopSignal& stop_;
    StreamCapture output_;
    StreamCapture errors_;
    CompressedLog log_;
    Outcome outcome_;
    Clock::time_point started_;
    Clock::time_point ended_;
    pid_t pid_ = -1;
    bool running_ = false;
    bool killed_ = false;
    int open_streams_ = 0;

    // First a context without services, then the process, then everything that is waited for: see launch().
    asio::io_context context_{1};
    std::array<Descriptor, 3> streams_;
    std::unique_ptr<Reader> output_reader_;
    std::unique_ptr<Reader> errors_reader_;
    std::unique_ptr<Reader> report_reader_;
    std::unique_ptr<asio::posix::stream_descriptor> end_;
    std::unique_ptr<asio::posix::stream_descriptor> stop_descriptor_;
    std::unique_ptr<asio::steady_timer> wall_timer_;
    std::unique_ptr<asio::steady_timer> stop_timer_;
    std::unique_ptr<asio::steady_timer> grace_timer_;
};

bool Execution::launch() {
    Pipe output = make_pipe();
    Pipe errors = make_pipe();
    for (const Pipe* stream : {&output, &errors}) {
        const uid_t owner = command_.streams_owner;
        if (owner != 0 && ::fchown(stream->write.get(), owner, owner) != 0)
            throw std::system_error(errno, std::generic_category(), "giving a pipe away");
    }
    Pipe report = command_.wants_report ? make_pipe() : Pipe{};
    const Descriptor input = standard_input_of(command_.standard_input);
    std::vector<Descriptor> attachments;
    for (const std::string& content : command_.attachments)
        attachments.push_back(memory_file(content));

    ExecSetup setup;
    setup.descriptors = {input.get(), output.write.get(), errors.write.get()};
    if (command_.wants_report || !attachments.empty()) {
        setup.descriptors.push_back(command_.wants_report ? report.write.get() : input.get());
    }
    for (const Descriptor& attachment : attachments)
        setup.descriptors.push_back(attachment.get());
    const std::string folder = command_.working_directory.string();
    if (!folder.empty()) setup.folder = folder.c_str();

    std::vector<const char*> environment;
    for (const std::string& variable : command_.environment)
        environment.push_back(variable.c_str());
    environment.push_back(nullptr);
    const std::vector<std::string> arguments(command_.argv.begin() + 1, command_.argv.end());

    // The launcher tells the context's services of the fork *in the child*, which shares our memory: an asio
    // reactor would then be rebuilt on descriptors that only the child has. So no service may exist before
    // this point.
    boost::process::v2::posix::vfork_launcher launcher;
    launcher.env = environment.data();
    boost::process::v2::error_code error;
    {
        const SignalsBlocked blocked;
        auto process = launcher(context_.get_executor(), error,
                                boost::filesystem::path(command_.argv.front()), arguments, setup);
        pid_ = process.detach().id();
    }
    ended_ = Clock::now();
    if (launcher.pid < 0) throw MachineryError("cannot start a process: " + error.message());
    if (setup.error != 0) {
        ::waitpid(launcher.pid, nullptr, 0);
        const std::string& subject = setup.folder != nullptr && std::strcmp(setup.failed, "chdir") == 0
                                         ? folder
                                         : command_.argv.front();
        errors_.add(fmt::format("{}: {}: {}\n", setup.failed, subject, std::strerror(setup.error)));
        return false;
    }
    pid_ = launcher.pid;
    streams_ = {std::move(output.read), std::move(errors.read), std::move(report.read)};
    return true;
}

void Execution::watch() {
    running_ = true;
    wall_timer_ = std::make_unique<asio::steady_timer>(context_);
    stop_timer_ = std::make_unique<asio::steady_timer>(context_);
    grace_timer_ = std::make_unique<asio::steady_timer>(context_);

    const auto open = [this](std::unique_ptr<Reader>& reader, Descriptor& descriptor, auto sink) {
        reader = std::make_unique<Reader>(context_);
        reader->descriptor.assign(descriptor.release());
        ++open_streams_;
        read(*reader, sink);
    };
    open(output_reader_, streams_[0], [this](std::string_view text) {
        output_.add(text);
        log_.add(text);
    });
    open(errors_reader_, streams_[1], [this](std::string_view text) {
        errors_.add(text);
        log_.add(text);
    });
    if (command_.wants_report) {
        open(report_reader_, streams_[2], [this](std::string_view text) {
            outcome_.report.append(
                text.substr(0, report_limit - std::min(report_limit, outcome_.report.size())));
        });
    }
    wait_for_end();
    wait_for_stop();
    wall_timer_->expires_at(started_ + limits_.wall);
    wall_timer_->async_wait([this](const boost::system::error_code& error) {
        if (!error) kill(Ending::timed_out);
    });
}

template <typename Sink>
void Execution::read(Reader& reader, Sink sink) {
    reader.descriptor.async_read_some(
        asio::buffer(reader.buffer),
        [this, &reader, sink](const boost::system::error_code& error, std::size_t count) {
            if (count > 0) sink(std::string_view(reader.buffer.data(), count));
            if (!error) {
                read(reader, sink);
            } else {
                reader.descriptor.close();
                --open_streams_;
                drained();
            }
        });
}

void Execution::wait_for_end() {
    end_ = std::make_unique<asio::posix::stream_descriptor>(
        context_, static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    end_->async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code&) { reap(); });
}

void Execution::wait_for_stop() {
    if (stop_.descriptor() < 0) return;
    const int copy = ::fcntl(stop_.descriptor(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) throw MachineryError("cannot watch for a stop");
    stop_descriptor_ = std::make_unique<asio::posix::stream_descriptor>(context_, copy);
    stop_descriptor_->async_wait(asio::posix::stream_descriptor::wait_read,
                                 [this](const boost::system::error_code& error) {
                                     if (!error) look_at_stop();
                                 });
}

void Execution::look_at_stop() {
    if (!running_) return;
    const auto deadline = stop_.deadline();
    if (deadline && Clock::now() >= *deadline) {
        kill(Ending::stopped);
        return;
    }
    const auto next = Clock::now() + deadline_interval;
    stop_timer_->expires_at(deadline ? std::min(*deadline, next) : next);
    stop_timer_->async_wait([this](const boost::system::error_code& error) {
        if (!error) look_at_stop();
    });
}

/// Also where that is still to be heard of: whoever was stopped itself (SIGSTOP) finds the end of the process
/// and the end of its time at the same moment.
bool Execution::has_ended() const {
    siginfo_t ended{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == pid_;
}

void Execution::kill(Ending ending) {
    if (!running_ || killed_ || has_ended()) return;
    killed_ = true;
    outcome_.ending = ending;
    if (!command_.supervises) {
        ::kill(-pid_, SIGKILL);
        return;
    }
    ::kill(pid_, SIGTERM);
    grace_timer_->expires_after(supervisor_grace);
    grace_timer_->async_wait([this](const boost::system::error_code& error) {
        if (!error && running_) ::kill(-pid_, SIGKILL);
    });
}

void Execution::reap() {
    ended_ = Clock::now();
    running_ = false;
    // The rest of its group goes while the leader, not yet waited for, still keeps the number from being used
    // again.
    ::kill(-pid_, SIGKILL);
    int status = 0;
    rusage usage{};
    while (::wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    outcome_.figures.user_seconds = seconds(usage.ru_utime);
    outcome_.figures.system_seconds = seconds(usage.ru_stime);
    outcome_.figures.peak_memory_bytes = usage.ru_maxrss * 1024;
    outcome_.figures.involuntary_switches = usage.ru_nivcsw;
    outcome_.exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (!killed_) outcome_.ending = WIFSIGNALED(status) ? Ending::signalled : Ending::exited;

    wall_timer_->cancel();
    stop_timer_->cancel();
    if (stop_descriptor_) stop_descriptor_->close();
    grace_timer_->expires_after(drain_grace);
    grace_timer_->async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        for (const auto& reader : {&output_reader_, &errors_reader_, &report_reader_}) {
            if (*reader && (*reader)->descriptor.is_open()) (*reader)->descriptor.cancel();
        }
    });
    drained();
}

void Execution::drained() {
    if (!running_ && open_streams_ == 0) grace_timer_->cancel();
}

}  // namespace

Outcome run(const Command& command, const Limits& limits, const StopSignal& stop) {
    return Execution(command, limits, stop).run();
}

}  // namespace ratchet
