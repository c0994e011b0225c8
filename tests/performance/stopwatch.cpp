#include "tests/performance/stopwatch.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace ratchet::performance {

long run_program(const std::string& program, const std::vector<std::string>& arguments,
                 const std::filesystem::path& folder) {
    std::vector<char*> words = {const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (::chdir(folder.c_str()) == 0 && ::dup2(nowhere, STDOUT_FILENO) >= 0)
            ::execv(program.c_str(), words.data());
        ::_exit(127);
    }
    int status = 0;
    rusage usage{};
    if (child < 0 || ::wait4(child, &status, 0, &usage) != child || status != 0)
        throw std::runtime_error("this failed: " + program + ' ' + arguments.at(0));
    return usage.ru_maxrss;
}

}  // namespace ratchet::performance
