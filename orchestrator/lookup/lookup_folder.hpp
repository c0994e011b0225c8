#pragma once

// What a proposer that looks into the ledger finds in its sandbox, and how it is told. std only.

namespace ratchet {

/// The variable that names the folder of the ledger's copy to the `ratchet` in a proposer's sandbox.
inline constexpr const char* lookup_variable = "RATCHET_LOOKUP";

/// Below the campaign's state folder.
inline constexpr const char* lookup_folder = "lookup";
/// In that folder: the copy; the files in scope, each ended by a NUL; which commit that list is of.
inline constexpr const char* lookup_ledger = "ledger.sqlite";
inline constexpr const char* lookup_files = "files";
inline constexpr const char* lookup_files_commit = "files.commit";

/// Where folder and program are seen in a sandbox with mounts.
inline constexpr const char* inner_lookup = "/ratchet/lookup";
inline constexpr const char* inner_programs = "/ratchet/bin";

}  // namespace ratchet
