#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "experiment_store/errors.hpp"
#include "sandbox/machine/processors.hpp"
#include "tests/containment/sandbox_fixture.hpp"

namespace ratchet {
namespace {

class Limits : public SandboxTest {};

bool have_control_groups(const Confinement& confinement) {
    for (const Protection& protection : confinement.protections()) {
        if (protection.name == "memory") return protection.present;
    }
    return false;
}

TEST_F(Limits, ForkBombIsBounded) {
    ConfinedCommand confined = command(attacker("fork-bomb 400"));
    confined.processes = 40;
    const RunResult result = run(confined);
    const int count = std::atoi(result.output.text().c_str());
    EXPECT_GT(count, 10) << describe(result);
    EXPECT_LE(count, 44) << describe(result);
}

TEST_F(Limits, MemoryHogEnds) {
    ConfinedCommand confined = command(attacker("take-memory 400"));
    confined.memory_bytes = 100 << 20;
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text().find("done"), std::string::npos) << describe(result);
    if (have_control_groups(*confinement)) {
        EXPECT_EQ(result.ending, Ending::out_of_memory) << describe(result);
        EXPECT_NE(result.diagnosis.find("100 MiB"), std::string::npos) << result.diagnosis;
    }
}

TEST_F(Limits, ManySmallHogsTogetherEndWhereThereAreControlGroups) {
    if (!have_control_groups(*confinement)) GTEST_SKIP() << "only rlimits of single processes here";
    // Each tail holds its 30 MiB until the sleep, which reads nothing, is over: all of them at the same time.
    ConfinedCommand confined = command(
        "for i in 1 2 3 4 5 6; do "
        "(head -c 31457280 /dev/zero | tail -c 31457280 | sleep 2) & done; wait; exit 1");
    confined.memory_bytes = 64 << 20;
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::out_of_memory) << describe(result);
}

TEST_F(Limits, BigFileIsCapped) {
    ConfinedCommand confined = command("dd if=/dev/zero of=big bs=65536 count=64 2>/dev/null");
    confined.disk_bytes = 1 << 20;
    EXPECT_FALSE(run(confined).succeeded());
    EXPECT_LE(std::filesystem::file_size(tree / "big"), 1U << 20);
}

TEST_F(Limits, FillingATreeWhoseWritesStayEndsTheRun) {
    ConfinedCommand confined = command("i=0; while head -c 1000000 /dev/zero > $i; do i=$((i+1)); done");
    confined.disk_bytes = 16 << 20;
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::out_of_disk) << describe(result);
    EXPECT_NE(result.diagnosis.find("16 MiB (sandbox.disk)"), std::string::npos) << result.diagnosis;
}

TEST_F(Limits, FillingATreeWithFilesThatHoldNothingEndsTheRun) {
    // 4 KiB are counted of each.
    ConfinedCommand confined = command("mkdir a; i=0; while : > a/$i; do i=$((i+1)); done");
    confined.disk_bytes = 4 << 20;
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::out_of_disk) << describe(result);
}

TEST_F(Limits, DepthDoesNotKeepATreeFromBeingWeighed) {
    ConfinedCommand confined = command(
        "perl -e 'for (1..5000) { mkdir \"d\"; chdir \"d\" or die } "
        "for $i (1..1000) { open F, q(>), $i or die; print F q(x) x 1000000; close F }'");
    confined.disk_bytes = 16 << 20;
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::out_of_disk) << describe(result);
    EXPECT_GT(result.figures.wall_seconds, 0) << "process 1 lives to report";
}

TEST_F(Limits, FillingTheDiskWithFilesThatWereDeletedEndsTheRun) {
    ConfinedCommand confined = command(attacker("fill-deleted 8388608"));
    confined.disk_bytes = 16 << 20;
    const RunResult result = run(confined);
    EXPECT_EQ(result.ending, Ending::out_of_disk) << describe(result);
    EXPECT_NE(result.diagnosis.find("file system"), std::string::npos) << result.diagnosis;
}

TEST_F(Limits, ATreeThatWasBigBeforeIsNotWeighed) {
    put("big", "");
    const int big = ::open((tree / "big").c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(::posix_fallocate(big, 0, 300 << 20), 0);
    ::close(big);
    // More than a quarter of the limit, so that the tree is weighed.
    ConfinedCommand confined = command("fallocate -l 100M more; sleep 0.3; echo done");
    confined.disk_bytes = 256 << 20;
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), "done\n") << describe(result);
}

TEST_F(Limits, ManyFilesInWhatVanishesAreCapped) {
    ConfinedCommand confined = command(
        "for folder in /tree /tmp /dev/shm $HOME; do "
        "for i in 1 2 3 4 5 6 7 8; do head -c 500000 /dev/zero > $folder/$i || break; done; "
        "du -s --block-size=1 $folder | cut -f1; done");
    confined.access = TreeAccess::discarded;
    confined.disk_bytes = 1 << 20;
    const RunResult result = run(confined);
    std::istringstream sizes(result.output.text());
    int folders = 0;
    for (std::uint64_t bytes = 0; sizes >> bytes; ++folders)
        EXPECT_LE(bytes, 3U << 20) << describe(result);
    EXPECT_EQ(folders, 4) << describe(result);
}

TEST_F(Limits, OutputIsCapturedInBoundedMemory) {
    ConfinedCommand confined =
        command("echo first; head -c 100000000 /dev/zero | tr '\\0' 'x'; echo; echo last");
    confined.capture = {1000, 1000, 1 << 20};
    confined.log_file = folder.path / "log.zst";
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.total_bytes, 100000000U + 6 + 1 + 5) << describe(result);
    EXPECT_TRUE(result.output.head.starts_with("first\n"));
    EXPECT_EQ(result.output.head.size(), 1000U);
    EXPECT_EQ(result.output.tail.size(), 1000U);
    EXPECT_EQ(result.output.last(5), "last\n");
    EXPECT_LT(std::filesystem::file_size(confined.log_file), 1U << 20);
}

TEST_F(Limits, StandardOutputMayBeClosedEarly) {
    const RunResult result = run("exec >&- 2>&-; head -c 1000 /dev/zero > made; exit 7");
    EXPECT_EQ(result.exit_status, 7) << describe(result);
    EXPECT_EQ(std::filesystem::file_size(tree / "made"), 1000U);
}

TEST_F(Limits, NoCoreIsLeft) {
    const RunResult result = run("ulimit -c; sh -c 'kill -ABRT $$'; ls");
    EXPECT_EQ(result.output.text(), "0\n") << describe(result);
}

TEST_F(Limits, ARunGetsTheProcessorsThatAreNamed) {
    const std::vector<int> chosen = choose_processors(allowed_processors(), 1);
    ConfinedCommand confined = command(
        "while read -r key value; do [ $key = Cpus_allowed_list: ] && echo $value; "
        "done < /proc/self/status; nproc");
    confined.processors = chosen;
    const RunResult result = run(confined);
    EXPECT_EQ(result.output.text(), list_text(chosen) + "\n1\n") << describe(result);
}

TEST_F(Limits, ARunThatCannotHaveItsProcessorsDoesNotStart) {
    ConfinedCommand confined = command("echo started");
    confined.processors = {1023};
    EXPECT_THROW(run(confined), MachineryError);
}

TEST_F(Limits, FiguresAreTheCommandsOwn) {
    const RunResult result =
        run("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; " + attacker("take-memory 50"));
    EXPECT_GT(result.figures.user_seconds, 0.001) << describe(result);
    EXPECT_GE(result.figures.peak_memory_bytes, 50 << 20);
    EXPECT_LE(result.figures.peak_memory_bytes, 80 << 20);
    EXPECT_GE(result.figures.wall_seconds * 2, result.figures.user_seconds);
}

TEST_F(Limits, ProcessesAndWritesAreCounted) {
    const RunResult nothing = run("true");
    const RunResult result = run("/bin/true; /bin/true; head -c 8000000 /dev/zero > made; sync; exit 0");
    EXPECT_EQ(nothing.figures.processes, 1) << describe(nothing);
    EXPECT_EQ(result.figures.processes, 1 + 4) << describe(result);
    EXPECT_GE(result.figures.written_bytes, 8000000) << describe(result);
    EXPECT_LE(result.figures.written_bytes, 16000000) << describe(result);
}

}  // namespace
}  // namespace ratchet
