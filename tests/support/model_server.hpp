#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace ratchet::test {

/// A request as the server's log has it.
struct ServedRequest {
    std::string path;
    std::string model;
    std::string answer;  ///< "turn", "aside", "fault: 429", "models", …
    std::string key;     ///< of whichever header has one
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
};

/// tests/support/model_server.py, running until the end of this object.
class ModelServer {
  public:
    /// Returns when it can be asked. `folder` gets its script, log and output. With a `certificate`, a file
    /// that has its key too, it speaks TLS.
    ModelServer(const std::filesystem::path& folder, const nlohmann::json& script,
                const std::filesystem::path& certificate = {});
    ~ModelServer();
    ModelServer(const ModelServer&) = delete;
    ModelServer& operator=(const ModelServer&) = delete;

    /// "http://127.0.0.1:PORT", or https
    [[nodiscard]] std::string url() const;
    /// That offered tools or were answered by the script's turns; lists of models and the like left out.
    [[nodiscard]] std::vector<ServedRequest> requests() const;

  private:
    std::filesystem::path folder_;
    bool tls_ = false;
    pid_t pid_ = -1;
    int port_ = 0;
};

}  // namespace ratchet::test
