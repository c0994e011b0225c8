#pragma once

#include <filesystem>

namespace ratchet::test {

/// Makes the ledger of a long campaign, the same in every run: `experiments` finished ones whose facts are
/// written at once, which takes a small part of the time that the ledger's own calls would, and derived from
/// in one go. Every 997th is kept, the others fail in all ways; they touch 60 functions in 20 files.
void make_large_ledger(const std::filesystem::path& file, int experiments);

}  // namespace ratchet::test
