#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/confinement.hpp"

namespace ratchet {

/// What the helper said about a run.
struct InitReport {
    bool started = false;  ///< the command was about to be executed
    std::string error;     ///< why it was not
    struct End {
        Ending ending = Ending::exited;
        int status = 0;
        RunFigures figures;
        std::string altered;  ///< see RunResult
        std::string excess;   ///< see init/disk.hpp
    };
    std::optional<End> end;
    std::map<std::string, std::string> resources;  ///< from file name to content
};

/// Reads the helper's lines of JSON; a line that is none (a helper that was killed while writing) is left
/// out.
InitReport parse_init_report(std::string_view text);

}  // namespace ratchet
