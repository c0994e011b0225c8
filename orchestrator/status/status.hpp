#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "experiment_store/campaign.hpp"
#include "experiment_store/experiment.hpp"

namespace ratchet {

/// Where a campaign stands at this moment, for the live line.
struct Progress {
    ExperimentId experiment;
    std::string stage;  ///< "ask tune", "build", "gate unit tests", "measure", "confirm", "calibrate"
    int pairs = 0;
    int pairs_wanted = 0;              ///< 0: not known
    double evidence = 0;               ///< e-value of "better"
    double threshold = 0;              ///< what it needs
    std::optional<double> gain;        ///< of the candidate so far, log ratio
    std::optional<double> total_gain;  ///< of the champion over the base, log ratio
    std::int64_t experiments_done = 0;
    std::optional<std::int64_t> experiments_budget;
    std::optional<Seconds> time_left;
};

/// What is shown while a campaign runs. Libraries never print: they tell this port.
class Status {
  public:
    virtual ~Status() = default;
    virtual void progress(const Progress& progress) = 0;      ///< often; a live line shows the newest
    virtual void finished(const Experiment& experiment) = 0;  ///< one line an experiment
    virtual void message(const std::string& line) = 0;        ///< worth a line of its own
    virtual void warning(const std::string& line) = 0;
};

/// A live line on a terminal and one line an experiment. `scale` is the campaign's, for the effects. None of
/// these ports ever throws because its stream broke.
std::unique_ptr<Status> make_terminal_status(std::ostream& out, bool colour, int columns,
                                             Scale scale = Scale::ratio);
/// One line an experiment, no control characters.
std::unique_ptr<Status> make_plain_status(std::ostream& out, Scale scale = Scale::ratio);
/// One JSON object a line.
std::unique_ptr<Status> make_json_status(std::ostream& out);
std::unique_ptr<Status> make_silent_status();

}  // namespace ratchet
