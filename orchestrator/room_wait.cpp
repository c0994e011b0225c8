#include "orchestrator/room_wait.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <optional>

#include "orchestrator/backoff.hpp"
#include "orchestrator/notation.hpp"
#include "sandbox/machine/room.hpp"

namespace ratchet {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// A disk that is full for an hour is not asked every moment; one that is full for a second is not waited for
// longer than that.
constexpr Seconds shortest_look = std::chrono::milliseconds(100);
constexpr Seconds longest_look = std::chrono::seconds(5);

// Where many campaigns wait for one disk, each of them was told so at its own moment.
constexpr std::uint64_t no_chance = 512;

SteadyTime from_now(Seconds time) {
    return std::chrono::steady_clock::now() + std::chrono::duration_cast<Milliseconds>(time);
}

}  // namespace

bool DisksOf::have_room() const {
    return std::all_of(folders_.begin(), folders_.end(), has_room);
}

std::uintmax_t DisksOf::least_left() const {
    std::optional<std::uintmax_t> least;
    for (const auto& folder : folders_) {
        const auto free = free_bytes(folder);
        if (free && (!least || *free < *least)) least = free;
    }
    return least.value_or(0);
}

RoomWait::RoomWait(const Disks& disks, Status& status, const Events& events, const TimeBudget& time,
                   Seconds first_try)
    : disks_(disks), status_(status), events_(events), time_(time), first_try_(first_try) {}

bool RoomWait::wait(const NoRoom& full, std::int64_t finished, const StopSignal& stop) {
    if (finished != finished_) in_vain_ = 0;
    finished_ = finished;
    // A disk that is full now waits for somebody who makes room, whatever time that takes.
    const bool had_room = disks_.have_room();
    const std::uintmax_t not_enough = disks_.least_left();
    const Seconds rest = had_room ? backoff(++in_vain_, first_try_, no_chance, std::nullopt) : Seconds(0);
    const SteadyTime next_try = from_now(rest);
    const auto may_go_on = [&] {
        return disks_.have_room() &&
               (std::chrono::steady_clock::now() >= next_try || disks_.least_left() / 2 >= not_enough);
    };
    tell(full, rest);
    pollfd wish{stop.descriptor(), POLLIN, 0};
    for (Seconds look = shortest_look; !stop.requested(); look = std::min(2 * look, longest_look)) {
        const auto left = time_.left();
        if (left && left->count() <= 0) throw NoRoom(full);
        if (may_go_on()) {
            status_.message("there is room on the disk again: the run goes on");
            events_.resumed("there is room on the disk again");
            return true;
        }
        const auto milliseconds = std::chrono::ceil<Milliseconds>(std::min(look, left.value_or(look)));
        ::poll(&wish, 1, static_cast<int>(milliseconds.count()));
    }
    return false;
}

void RoomWait::tell(const NoRoom& full, Seconds rest) const {
    const std::string until =
        rest.count() > 0
            ? fmt::format(
                  "what is left now was not enough; it tries again in {}, or once there is twice as much",
                  format_duration(rest))
            : fmt::format("it goes on by itself once there is room ({} MiB at least)",
                          NoRoom::least_bytes >> 20);
    status_.warning(
        fmt::format("{}. The run waits, and nothing that was recorded is lost: {}", full.what(), until));
    events_.paused(full.what());
}

}  // namespace ratchet
