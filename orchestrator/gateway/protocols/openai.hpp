#pragma once

#include <string>
#include <utility>

// What OpenAI's two formats have in common.

namespace ratchet {

std::pair<std::string, std::string> openai_key_header(const std::string& key);
std::string openai_error_body(int status, const std::string& message);

}  // namespace ratchet
