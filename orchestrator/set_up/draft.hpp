#pragma once

#include <string>
#include <string_view>

#include "experiment_store/campaign.hpp"

namespace ratchet {

/// What an agent is told that is to draft a campaign file, which stands as this file already. `problem` is
/// what is wrong with what stands there; empty: it is a first guess.
std::string draft_prompt(const std::string& file_name, const std::string& problem);

/// Why the text of a draft cannot be taken, whatever it says; empty: it can. Whoever looks through it must
/// see all of it.
std::string objection_to(std::string_view text);

/// Why a draft cannot be taken, in a sentence for the agent and for a person; empty: it can. A draft says
/// what is to become better and how that is judged; all else (what opens the sandbox, runs outside of it,
/// or costs money) is the user's to write, and must be as it is in `given`.
std::string objection_to(const Campaign& draft, const Campaign& given);

}  // namespace ratchet
