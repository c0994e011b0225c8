#include <gmock/gmock.h>
#include <sqlite3.h>

#include "experiment_store/sqlite.hpp"
#include "ledger_fixture.hpp"

// File systems on which SQLite cannot lock, played by a thin layer over its own view of the system.

namespace ratchet::test {
namespace {

using ::testing::HasSubstr;

sqlite3_vfs* real_system = nullptr;
sqlite3_io_methods methods;
bool without_shared_memory = false;

int cannot_lock(sqlite3_file*, int) {
    return SQLITE_IOERR_LOCK;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* given) {
    const int result = real_system->xOpen(real_system, name, file, flags, given);
    if (result != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0) return result;
    methods = *file->pMethods;
    if (without_shared_memory) {
        methods.iVersion = 1;
    } else {
        methods.xLock = cannot_lock;
    }
    file->pMethods = &methods;
    return result;
}

/// While it lives, databases that are opened stand on such a file system.
class PoorFileSystem {
  public:
    explicit PoorFileSystem(bool no_shared_memory) {
        without_shared_memory = no_shared_memory;
        real_system = sqlite3_vfs_find(nullptr);
        poor_ = *real_system;
        poor_.zName = "poor";
        poor_.xOpen = open_file;
        sqlite3_vfs_register(&poor_, 1);
    }
    ~PoorFileSystem() {
        sqlite3_vfs_unregister(&poor_);
        sqlite3_vfs_register(real_system, 1);
    }
    PoorFileSystem(const PoorFileSystem&) = delete;
    PoorFileSystem& operator=(const PoorFileSystem&) = delete;

  private:
    sqlite3_vfs poor_{};
};

class LockingTest : public ::testing::TestWithParam<bool> {};

TEST_P(LockingTest, a_file_system_without_locks_is_explained) {
    HandClock clock;
    const TemporaryFolder folder(memory_folder());
    const PoorFileSystem poor(GetParam());
    try {
        const Ledger ledger(folder.file(), clock);
        FAIL() << "it opened";
    } catch (const UserError& error) {
        EXPECT_THAT(error.what(), HasSubstr("the file system of the ledger " + folder.file().string() +
                                            " cannot lock files or share memory"));
        EXPECT_THAT(error.hint(), HasSubstr("local disk"));
    }
}

INSTANTIATE_TEST_SUITE_P(SharedMemory, LockingTest, ::testing::Bool());

}  // namespace
}  // namespace ratchet::test
