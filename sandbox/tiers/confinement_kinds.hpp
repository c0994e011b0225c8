#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "experiment_store/errors.hpp"
#include "sandbox/confinement.hpp"
#include "sandbox/machine/resources.hpp"
#include "sandbox/process/process.hpp"
#include "sandbox/tiers/init_report.hpp"

namespace ratchet {

/// Namespaces by bubblewrap. Throws UserError where it is not installed or cannot work here.
std::unique_ptr<Confinement> confinement_bubblewrap(const ConfinementSettings& settings,
                                                    std::unique_ptr<Resources> resources);
/// Landlock and a system call filter, where there are no namespaces; `strong` is why it is not the strong
/// one. Throws UserError where not even that works here.
std::unique_ptr<Confinement> confinement_weak(const ConfinementSettings& settings,
                                              std::unique_ptr<Resources> resources, const UserError& strong);
/// No confinement: limits, a session of its own and the end of everything that was started; nothing is
/// hidden.
std::unique_ptr<Confinement> confinement_plain(const ConfinementSettings& settings,
                                               std::unique_ptr<Resources> resources);

/// What a run of the helper amounts to: the report where there is one, else how the helper itself ended.
/// Throws MachineryError where the command was never started and nobody had asked for its end.
RunResult result_of(Outcome outcome, const InitReport& report, const ResourceReadings& readings,
                    const ConfinedCommand& command);

/// The first path that the command needs and that does not exist; empty: none.
std::string missing_source(const ConfinedCommand& command);
/// A run that could not begin, and why.
RunResult not_started(std::string diagnosis);

/// Gives a tree away, following no symlink; to 0: stays as it is. Throws MachineryError.
void give_to(const std::filesystem::path& tree, uid_t owner);

/// The outer limits of a run: the helper keeps the wall limit itself, so this is only for when it cannot.
Limits outer_limits(const ConfinedCommand& command);

/// "ratchet-<pid>-<number>": a control group's name, never used twice.
std::string next_group_name();

}  // namespace ratchet
