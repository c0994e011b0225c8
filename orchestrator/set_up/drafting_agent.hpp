#pragma once

#include <string>

namespace ratchet {

/// The agent that drafts a campaign file, and makes the proposals of the campaign then; empty where it is not
/// said.
struct DraftingAgent {
    std::string name;      ///< of a preset
    std::string model;     ///< as the endpoint calls it
    std::string protocol;  ///< of an agent that speaks several
    std::string endpoint;  ///< of the gateway; empty: the agent has the network
    std::string key;       ///< the variable that holds it: the gateway's, or the agent's own
    std::string login;     ///< a file that is shown to an agent that has the network
};

}  // namespace ratchet
