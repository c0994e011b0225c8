#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "experiment_store/experiment.hpp"
#include "orchestrator/api/chat_protocol.hpp"

namespace ratchet {

/// What came of one request.
struct EndpointAnswer {
    int status = 0;                      ///< of HTTP; 0: there was none
    Reply reply;                         ///< of a status 200
    std::string failure;                 ///< in words; empty where there is a reply
    std::optional<Seconds> retry_after;  ///< as it said
};

/// Where a model is asked.
class ModelEndpoint {
  public:
    virtual ~ModelEndpoint() = default;
    virtual EndpointAnswer ask(const ChatProtocol& protocol, const Conversation& conversation) = 0;
};

/// Over HTTP, one request at a time.
class HttpEndpoint final : public ModelEndpoint {
  public:
    /// `base_url` without a slash at its end.
    explicit HttpEndpoint(std::string base_url) : base_url_(std::move(base_url)) {}
    EndpointAnswer ask(const ChatProtocol& protocol, const Conversation& conversation) override;

  private:
    std::string base_url_;
};

/// One that asks again, a few times, where the answer is that it may be better in a while: 408, 429, 5xx,
/// none at all, a stream that was cut.
class PatientEndpoint final : public ModelEndpoint {
  public:
    using Wait = std::function<void(Seconds)>;
    PatientEndpoint(ModelEndpoint& endpoint, Wait wait) : endpoint_(endpoint), wait_(std::move(wait)) {}
    EndpointAnswer ask(const ChatProtocol& protocol, const Conversation& conversation) override;

  private:
    ModelEndpoint& endpoint_;
    Wait wait_;
};

}  // namespace ratchet
