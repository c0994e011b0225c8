// How long it takes to find what a diff repeats among a million failed experiments: fingerprints, then
// statements. All of them have diffs of tests/data/duplicates, so that each has a thousand others that are as
// near as can be.

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "experiment_store/ledger.hpp"
#include "experiment_store/likeness.hpp"
#include "experiment_store/sqlite.hpp"
#include "experiment_store/values.hpp"
#include "tests/support/labelled_pairs.hpp"

namespace {

using namespace ratchet;
namespace fs = std::filesystem;
using Watch = std::chrono::steady_clock;

struct StoppedClock final : Clock {
    [[nodiscard]] Timestamp now() const override { return {}; }
};

double milliseconds_since(Watch::time_point start) {
    return std::chrono::duration<double, std::milli>(Watch::now() - start).count();
}

void fill(const fs::path& file, const std::vector<std::string>& diffs, std::int64_t count) {
    std::vector<std::uint64_t> fingerprints;
    for (const std::string& diff : diffs)
        fingerprints.push_back(fingerprint_of(diff));
    Database database(file, Database::Mode::read_write);
    Transaction transaction(database);
    for (std::int64_t id = 1; id <= count; ++id) {
        const std::size_t which = static_cast<std::size_t>(id) % diffs.size();
        database.run("INSERT INTO experiment VALUES (?, 1, '', 'command', 'explore', '', 0, 0)", id);
        database.run("INSERT INTO proposal VALUES (?, ?, '', '', '', '', '', '', NULL, 0, 0, 0, NULL, 0, 0)",
                     id, Compressed{diffs[which]});
        database.run(
            "INSERT INTO standing (experiment, epoch, stage, verdict) VALUES (?, 1, 'finished', 'regressed')",
            id);
        database.run(
            "INSERT INTO decision VALUES (?, 'regressed', NULL, 'evidence', '', -0.1, -0.1, -0.1, 0, 4, "
            "NULL, 0)",
            id);
        database.run("INSERT INTO fingerprint (experiment, value) VALUES (?, ?)", id, fingerprints[which]);
    }
    transaction.commit();
}

}  // namespace

int main(int argument_count, char** arguments) {
    const std::int64_t count = argument_count > 1 ? std::atoll(arguments[1]) : 1'000'000;
    std::vector<std::string> diffs;
    for (const auto& pair : ratchet::test::labelled_pairs(RATCHET_DUPLICATES))
        diffs.push_back(pair.other);
    const fs::path file = fs::temp_directory_path() / fmt::format("ratchet-repeats-{}.sqlite", ::getpid());
    const StoppedClock clock;
    {
        Ledger ledger(file, clock);
        CampaignIdentity identity;
        identity.base = {std::string(40, 'a')};
        ledger.found(identity);
        ledger.begin_epoch("", "", identity.base);
    }
    fill(file, diffs, count);
    const Ledger ledger(file, clock);
    const Watch::time_point begin = Watch::now();
    static_cast<void>(ledger.repeats(diffs.front(), {}, 4));
    fmt::print("{} experiments; the first look-up, which reads all fingerprints: {:.0f} ms\n", count,
               milliseconds_since(begin));
    std::vector<double> times;
    for (const std::string& diff : diffs) {
        const Watch::time_point start = Watch::now();
        static_cast<void>(ledger.repeats(diff, {}, 4));
        times.push_back(milliseconds_since(start));
    }
    std::sort(times.begin(), times.end());
    fmt::print("{} look-ups: median {:.2f} ms, 99th percentile {:.2f} ms, longest {:.2f} ms\n", times.size(),
               times[times.size() / 2], times[times.size() * 99 / 100], times.back());
    for (const char* end : {"", "-wal", "-shm"})
        fs::remove(file.string() + end);
}
