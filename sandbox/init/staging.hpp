#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "sandbox/init/failure.hpp"

namespace ratchet::init {

/// One step of what a sandbox's root is put together from. A place is a path relative to the stage.
struct StagingStep {
    enum class Kind {
        bind,            ///< source at place
        bind_read_only,  ///< the same, read-only
        bind_device,     ///< the same, and a device node may be used
        overlay,         ///< lower places (top first) below `upper`, shown at place
        mask,            ///< an empty read-only file or folder over what is at place, if anything is
        protect,         ///< what is at place, if anything is, becomes read-only and cannot be renamed
        tmpfs,           ///< an empty folder of its own size and mode
        terminals,       ///< pseudo terminals of its own
        folder,          ///< a folder
        link,            ///< a symlink to source
        file,            ///< a file with what `descriptor` holds
        seal,            ///< the mount at place becomes read-only, what is mounted below it stays as it is
    };
    Kind kind = Kind::bind;
    std::string source;  ///< bind: a path of the host
    std::string below;   ///< bind: where below that, through no symlink; empty: that itself
    std::string place;
    std::vector<std::string> lower;  ///< overlay: places
    std::string upper;        ///< overlay: place of the folder that takes the writes; empty: they vanish
    std::string work;         ///< overlay: place of its work folder; empty with `upper`
    bool keep_upper = false;  ///< overlay: what takes the writes stays open as upper_descriptor, also on exec
    int descriptor = -1;      ///< file
    long long bytes = 0;      ///< tmpfs
    std::string mode;         ///< tmpfs: octal
};

/// The stage: a size-capped tmpfs over /tmp, in a mount namespace of this process alone. Everybody may enter
/// it, so bubblewrap finds there, under whatever uid, what lies below a folder that only its owner may enter.
/// Goes with the last process of the namespace.
constexpr const char* stage = "/tmp";
/// The places of what becomes the sandbox's root, and of its tree.
constexpr const char* staged_root = "root";
constexpr const char* staged_tree = "root/tree";

/// Takes one step off the arguments, as `option` says; false where that names none.
bool take_step(const std::string& option, Arguments& arguments, std::vector<StagingStep>& steps);

/// Makes the mount namespace (with a user namespace where this is not root) and takes the steps. Places are
/// resolved without following a symlink and never leave the stage: a tree is hostile. New folders and what
/// vanishes belong to `owner`. Fails where a step cannot be taken.
void set_stage(const std::vector<StagingStep>& steps, long long bytes, uid_t owner);

}  // namespace ratchet::init
