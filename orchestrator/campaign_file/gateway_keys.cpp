// The keys of [proposer] that lead it to its model by way of ratchet.

#include <fmt/format.h>

#include "orchestrator/campaign_file/sections.hpp"
#include "orchestrator/gateway/endpoint.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

std::optional<GatewayAccess> read_gateway(const TableReader& reader) {
    if (!reader.switched("gateway").value_or(false)) {
        for (const char* key : {"endpoint", "key"}) {
            if (reader.find(key) != nullptr)
                reader.refuse(key, "is the gateway's, and there is none", "set proposer.gateway = true");
        }
        return std::nullopt;
    }
    GatewayAccess access;
    access.endpoint = reader.required_text("endpoint");
    if (!parse_endpoint(access.endpoint)) {
        reader.expected("endpoint",
                        "a base URL such as \"https://api.openai.com/v1\", \"https://api.anthropic.com\" or "
                        "\"http://127.0.0.1:8000/v1\"");
    }
    access.key = reader.text("key").value_or("");
    if (!access.key.empty() && !is_variable_name(access.key)) {
        // Not in quotes: it may be the key itself.
        reader.refuse(
            "key", "is no name of a variable",
            "name the variable of the environment that holds the key; the key itself never stands in "
            "a file");
    }
    return access;
}

void require_key_apart(const ProposerSettings& proposer, const SandboxSettings& sandbox,
                       const std::string& file) {
    if (!proposer.gateway || proposer.gateway->key.empty()) return;
    for (const std::string& variable : sandbox.env) {
        if (variable.substr(0, variable.find('=')) != proposer.gateway->key) continue;
        throw UserError(fmt::format("{}: sandbox.env names {}, which is proposer.key", file,
                                    in_quotes(proposer.gateway->key)),
                        "the gateway adds the key to requests; take it out of sandbox.env, so that it never "
                        "enters a sandbox");
    }
}

}  // namespace ratchet
