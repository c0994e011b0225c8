#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"
#include "orchestrator/gateway/upstream.hpp"

namespace ratchet {

/// What a gateway is opened with.
struct GatewaySettings {
    /// Where it listens; made anew, for everybody, in a folder that is there. A folder that only its owner
    /// may enter keeps others of the machine away: who may connect may use the key.
    std::filesystem::path socket;
    std::string endpoint;  ///< the base URL, see parse_endpoint
    std::string key;       ///< empty: the endpoint needs none
    Allowance allowance;
    /// What a request cost, in US dollars; nothing where its price is not known. Called in the gateway's
    /// thread.
    std::function<std::optional<double>(const ModelRequest&)> cost_of;
    UpstreamLimits upstream;
    /// Of a request. Anthropic's own is 32 MB, Gemini's 20.
    std::size_t most_body_bytes = std::size_t{32} << 20;
    std::function<Timestamp()> now;  ///< none: the machine's clock. Called in the gateway's thread
};

/// What went through a gateway.
struct GatewayReport {
    std::vector<ModelRequest> requests;  ///< that were sent to the endpoint, in order
    Usage usage;                         ///< their sums; without wall time
    int refused = 0;                     ///< requests that were not sent, since the allowance was used up
    std::string refusal;                 ///< the reason of the first of them; empty: none
    bool any_answered = false;           ///< whether the model gave an answer, and all of it, even once
    /// How the last request failed that did, in words: "was answered with 401: …"; empty where none did.
    std::string last_failure;
    /// When it said to come back.
    std::optional<Seconds> retry_after;
};

/// The way to a model for who has no network: serves HTTP/1.1 on a Unix socket in a thread of its own, passes
/// on what belongs to one of the four wire formats, with the key, and counts. Everything else it refuses, and
/// everything once the allowance is used up. Answers are passed on as they come. See docs/gateway.md.
class Gateway {
  public:
    /// Listens from here on. Throws UserError where the endpoint is no URL, std::system_error where it cannot
    /// listen.
    explicit Gateway(GatewaySettings settings);
    /// As finish(), but nobody is told.
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    /// Ends all connections and the thread, and tells what went through. To be called once.
    GatewayReport finish();

  private:
    class Thread;
    std::unique_ptr<Thread> thread_;
};

}  // namespace ratchet
