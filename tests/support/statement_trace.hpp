#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace ratchet::test {

/// What one SQL text came to.
struct TracedStatement {
    std::int64_t runs = 0;
    std::int64_t steps = 0;  ///< instructions of SQLite's machine, over all runs: the same on any computer
};

/// Knows every statement that SQLite runs on connections which are opened while it is there. One at a time.
class StatementTrace {
  public:
    StatementTrace();
    ~StatementTrace();
    StatementTrace(const StatementTrace&) = delete;
    StatementTrace& operator=(const StatementTrace&) = delete;

    /// By their texts, without the values that were bound.
    [[nodiscard]] const std::map<std::string, TracedStatement>& statements() const { return statements_; }
    void forget() { statements_.clear(); }

  private:
    static int watch(void* connection, const char** error, const void* api);
    static int note(unsigned event, void* trace, void* statement, void* more);

    std::map<std::string, TracedStatement> statements_;
};

}  // namespace ratchet::test
