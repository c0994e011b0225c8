#pragma once

#include <string>
#include <vector>

#include "experiment_store/experiment.hpp"

namespace ratchet {

/// Tells the user's own command (`campaign.on_event`) what happened, as a JSON line on its standard input.
/// The command is the user's, from the user's file, and runs as the user does; that it fails changes nothing.
class Events {
  public:
    Events(std::string command, std::vector<std::string> environment);
    void kept(const Experiment& experiment) const;
    void finished(const std::string& reason) const;
    void paused(const std::string& reason) const;
    /// Behind a pause that ended by itself.
    void resumed(const std::string& reason) const;

  private:
    void tell(const std::string& json_line) const;

    std::string command_;
    std::vector<std::string> environment_;
};

}  // namespace ratchet
