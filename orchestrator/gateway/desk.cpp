#include "orchestrator/gateway/desk.hpp"

#include <utility>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

Endpoint endpoint_of(const GatewaySettings& settings) {
    if (const auto endpoint = parse_endpoint(settings.endpoint)) return *endpoint;
    throw UserError("\"" + settings.endpoint + "\" is no endpoint of a model",
                    "it is a base URL such as \"https://api.openai.com/v1\"");
}

}  // namespace

Desk::Desk(GatewaySettings given)
    : settings(std::move(given)),
      endpoint(endpoint_of(settings)),
      protocols(
          {openai_chat_protocol(), openai_responses_protocol(), anthropic_protocol(), gemini_protocol()}),
      spending(settings.allowance, settings.cost_of) {}

std::optional<Desk::Destination> Desk::destination(std::string_view path) const {
    for (const auto& protocol : protocols) {
        if (auto route = protocol->route(path, endpoint.base_path))
            return Destination{protocol.get(), std::move(*route)};
    }
    return std::nullopt;
}

}  // namespace ratchet
