#pragma once

#include <string>

namespace ratchet::init {

/// Prints "ratchet-init: <what>: <errno in words>" on standard error and ends with status 125.
[[noreturn]] void fail(const std::string& what);

/// Takes the next argument of a list, or fails with the name of the option that misses it.
class Arguments {
  public:
    explicit Arguments(char** list) : next_(list) {}
    [[nodiscard]] bool done() const { return *next_ == nullptr; }
    std::string take(const char* what);
    long long take_number(const char* what);
    /// What is left, ended by a null pointer.
    [[nodiscard]] char** rest() const { return next_; }

  private:
    char** next_;
};

}  // namespace ratchet::init
