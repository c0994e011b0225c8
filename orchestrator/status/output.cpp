#include "orchestrator/status/output.hpp"

#include <ios>

namespace ratchet {

void put(std::ostream& out, std::string_view text) noexcept {
    try {
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        out.flush();
    } catch (const std::ios_base::failure&) {  // NOLINT(bugprone-empty-catch): nobody is there to be told
    }
}

}  // namespace ratchet
