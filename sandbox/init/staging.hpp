#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ratchet::init {

/// One step of what a sandbox's tree is put together from. A place is a path relative to the stage.
struct StagingStep {
    enum class Kind {
        bind,            ///< source at place
        bind_read_only,  ///< the same, read-only
        overlay,         ///< lower places (top first) below `upper`, shown at place
        mask,            ///< an empty read-only file or folder over what is at place, if anything is
        protect,         ///< what is at place, if anything is, becomes read-only and cannot be renamed
    };
    Kind kind = Kind::bind;
    std::string source;  ///< bind: a path of the host
    std::string place;
    std::vector<std::string> lower;  ///< overlay: places
    std::string upper;        ///< overlay: place of the folder that takes the writes; empty: they vanish
    std::string work;         ///< overlay: place of its work folder; empty with `upper`
    bool keep_upper = false;  ///< overlay: what takes the writes stays open as upper_descriptor, also on exec
};

/// The stage: a size-capped tmpfs over /tmp, in a mount namespace of this process alone. Everybody may enter
/// it, so bubblewrap finds there, under whatever uid, what lies below a folder that only its owner may enter.
/// Goes with the last process of the namespace.
constexpr const char* stage = "/tmp";

/// Makes the mount namespace (with a user namespace where this is not root) and takes the steps. Places are
/// resolved without following a symlink and never leave the stage: a tree is hostile. New folders and what
/// vanishes belong to `owner`. Fails where a step cannot be taken.
void set_stage(const std::vector<StagingStep>& steps, long long bytes, uid_t owner);

}  // namespace ratchet::init
