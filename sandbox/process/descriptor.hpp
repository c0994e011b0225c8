#pragma once

#include <string>
#include <utility>

namespace ratchet {

/// An owned descriptor; -1: none.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Descriptor();
    [[nodiscard]] int get() const { return value_; }
    explicit operator bool() const { return value_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(value_, -1); }

  private:
    int value_ = -1;
};

struct Pipe {
    Descriptor read;
    Descriptor write;
};

// All of these are closed on exec and throw MachineryError where the kernel refuses.

Pipe make_pipe();
/// A file in memory with this content, at its beginning; sealed, so that nobody who gets it can change it.
Descriptor memory_file(const std::string& content);
/// What a process reads as its standard input: a memory file, or /dev/null for an empty text.
Descriptor standard_input_of(const std::string& text);

}  // namespace ratchet
