#pragma once

#include <sys/types.h>

#include <string>

#include "sandbox/init/staging.hpp"

namespace ratchet::init {

/// The stage while it is being set: its folder, and what can be done in it. Every function fails where it
/// cannot do what it says; what the hostile tree is to blame for is reported as a run that did not start.
class Stage {
  public:
    /// Mounts it; `bytes` is what may be written to it.
    Stage(long long bytes, uid_t owner);
    /// `mounts`: the clone that a bind shows.
    void take(const StagingStep& step, int mounts);

  private:
    void show(int mounts, const std::string& place, unsigned long long attributes);
    void show_read_only(int folder_or_file, const std::string& place);
    void mask(const std::string& place);
    void protect(const std::string& place);
    void overlay(const StagingStep& step);
    void tmpfs(const StagingStep& step);
    void terminals(const std::string& place);
    void link(const StagingStep& step);
    void file(const StagingStep& step);
    void seal(const std::string& place);

    void mount_at(const std::string& place, const char* type, unsigned long flags,
                  const std::string& options);
    void keep(const std::string& upper) const;
    [[nodiscard]] int open_place(const std::string& place) const;
    /// -1 where nothing is there.
    [[nodiscard]] int open_existing(const std::string& place) const;
    int open_or_make(const std::string& place, bool folder);
    /// The folder that holds `place`, made where it is missing, and the last name of the place.
    int open_parent(const std::string& place, std::string& name);
    void give_away(int parent, const std::string& name) const;
    void look_like(const std::string& place, const std::string& model);

    uid_t owner_;
    int root_ = -1;
    int overlays_ = 0;
};

}  // namespace ratchet::init
