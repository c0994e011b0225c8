#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "experiment_store/errors.hpp"
#include "orchestrator/budget.hpp"
#include "orchestrator/events.hpp"
#include "orchestrator/status/status.hpp"
#include "sandbox/process/stop_signal.hpp"

namespace ratchet {

/// What is asked about the disks that a campaign writes to.
class Disks {
  public:
    virtual ~Disks() = default;
    /// Whether each of them has the room that a campaign needs to go on.
    [[nodiscard]] virtual bool have_room() const = 0;
    /// Bytes left on the one that has least.
    [[nodiscard]] virtual std::uintmax_t least_left() const = 0;
};

/// The disks of these folders, which need not be there.
class DisksOf final : public Disks {
  public:
    explicit DisksOf(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}
    [[nodiscard]] bool have_room() const override;
    [[nodiscard]] std::uintmax_t least_left() const override;

  private:
    std::vector<std::filesystem::path> folders_;
};

/// A run that found the disk full waits here and goes on by itself.
class RoomWait {
  public:
    /// `first_try` is how long it waits at first where there is room and yet it was not enough; then twice as
    /// long each time.
    RoomWait(const Disks& disks, Status& status, const Events& events, const TimeBudget& time,
             Seconds first_try = Seconds(10));

    /// Tells that the run is paused, and why, waits until there is room, and tells that it goes on. Where
    /// there is room by now (the worktrees' own was given back, or somebody else's came and went), what
    /// failed may fail again: then it waits for twice as much, or for its time. `finished` tells whether the
    /// campaign got on since the last time. False: the user asked to stop. Throws `full` where the time is
    /// up.
    bool wait(const NoRoom& full, std::int64_t finished, const StopSignal& stop);

  private:
    void tell(const NoRoom& full, Seconds rest) const;

    const Disks& disks_;
    Status& status_;
    const Events& events_;
    const TimeBudget& time_;
    Seconds first_try_;
    std::int64_t finished_ = -1;
    int in_vain_ = 0;  ///< how often there was room, and not enough, since an experiment was finished
};

}  // namespace ratchet
