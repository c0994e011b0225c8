// What SQLite's results mean to a person, and what to do about them.

#include <sqlite3.h>

#include <fmt/format.h>

#include "experiment_store/errors.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

namespace {

/// The file system does not do what SQLite's locks and the memory beside the write-ahead log need.
bool is_about_locking(int result) {
    switch (result) {
        case SQLITE_IOERR_LOCK:
        case SQLITE_IOERR_UNLOCK:
        case SQLITE_IOERR_RDLOCK:
        case SQLITE_IOERR_CHECKRESERVEDLOCK:
        case SQLITE_IOERR_SHMOPEN:
        case SQLITE_IOERR_SHMSIZE:
        case SQLITE_IOERR_SHMLOCK:
        case SQLITE_IOERR_SHMMAP:
            return true;
        default:
            return (result & 0xff) == SQLITE_PROTOCOL || (result & 0xff) == SQLITE_NOLFS;
    }
}

/// What stands in the file cannot be: it was overwritten, or its end is missing.
bool is_damage(int result) {
    return (result & 0xff) == SQLITE_CORRUPT || result == SQLITE_IOERR_SHORT_READ ||
           result == SQLITE_IOERR_CORRUPTFS || result == SQLITE_IOERR_DATA;
}

}  // namespace

void Database::fail(int result, const std::string& what) const {
    // A copy without a name tells of the ledger that it was made of.
    const std::string name = file_.string();
    const std::string ledger = file_.empty() ? "the ledger" : "the ledger " + name;
    const bool told = handle_ != nullptr && sqlite3_extended_errcode(handle_) == result;
    const std::string cause = told ? sqlite3_errmsg(handle_) : sqlite3_errstr(result);
    const int kind = result & 0xff;
    const bool broke_off = (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN) && handle_ != nullptr;
    const bool copy_is_full = file_.empty() && kind == SQLITE_FULL;
    if (!copy_is_full && (kind == SQLITE_FULL || (broke_off && means_no_room(sqlite3_system_errno(handle_)))))
        throw NoRoom(fmt::format("{} cannot be written", ledger));
    if (is_about_locking(result)) {
        throw UserError(fmt::format("the file system of the ledger {} cannot lock files or share memory: {}",
                                    name, cause),
                        "Nothing was changed. Keep the repository on a local disk: network file systems and "
                        "some of containers cannot do it.");
    }
    if (is_damage(result)) {
        throw DamagedLedger(fmt::format("{} is damaged: {}", ledger, cause));
    }
    switch (kind) {
        case SQLITE_NOTADB:
            throw DamagedLedger(
                fmt::format("{} is not a ledger of ratchet, or its beginning was overwritten", name));
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            throw UserError(fmt::format("the ledger {} cannot be {}: {}", name,
                                        mode_ == Mode::read_only ? "read" : "written", cause),
                            "Nothing was changed. Check that the file and its folder exist and that you may "
                            "write to both.");
        case SQLITE_BUSY:
            throw UserError(
                fmt::format(
                    "the ledger {} stays locked by another process, or its file system cannot lock files",
                    name),
                "Nothing that was recorded is lost. `fuser` names who has it open; a step of ratchet's own "
                "takes milliseconds. Keep the "
                "repository on a local disk.");
        case SQLITE_FULL:
            throw UserError(
                "there is no room in the folder for temporary files for a copy of the ledger",
                "Make room there, or set TMPDIR to a folder with room; the ledger itself needs none.");
        default:
            throw MachineryError(fmt::format("ledger {}: {} ({})", name, cause, what));
    }
}

}  // namespace ratchet
