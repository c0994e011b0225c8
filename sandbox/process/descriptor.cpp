#include "sandbox/process/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

[[noreturn]] void fail(const char* what) {
    throw MachineryError(fmt::format("cannot start a process: {}: {}", what, std::strerror(errno)));
}

}  // namespace

Descriptor::~Descriptor() {
    if (value_ >= 0) ::close(value_);
}

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor memory_file(const std::string& content) {
    Descriptor file(::memfd_create("ratchet", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (file.get() < 0) fail("memfd_create");
    for (std::size_t written = 0; written < content.size();) {
        const ssize_t count = ::pwrite(file.get(), content.data() + written, content.size() - written,
                                       static_cast<off_t>(written));
        if (count < 0) fail("write");
        written += static_cast<std::size_t>(count);
    }
    ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    return file;
}

Descriptor standard_input_of(const std::string& text) {
    if (!text.empty()) return memory_file(text);
    Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing.get() < 0) fail("/dev/null");
    return nothing;
}

}  // namespace ratchet
