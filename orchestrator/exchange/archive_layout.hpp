#pragma once

// The names in an archive; for the .cpp files of this folder.

namespace ratchet::layout {

inline constexpr const char* about = "archive.json";  ///< the first
inline constexpr const char* facts_folder = "ledger/";
inline constexpr const char* facts_suffix = ".jsonl";
inline constexpr const char* logs_folder = "logs/";
inline constexpr const char* run_log = "ratchet.log";
inline constexpr const char* bundle = "repository.bundle";

inline constexpr const char* format_name = "ratchet archive";
inline constexpr int format_version = 1;

}  // namespace ratchet::layout
