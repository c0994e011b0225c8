#pragma once

// How the vocabulary of experiment.hpp stands in the ledger's columns.

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "experiment_store/compression.hpp"
#include "experiment_store/errors.hpp"
#include "experiment_store/experiment.hpp"
#include "experiment_store/imported.hpp"
#include "experiment_store/sqlite.hpp"

namespace ratchet {

/// A text that stands compressed.
struct Compressed {
    std::string text;
};

template <>
struct Column<Compressed> {
    static Compressed read(const Statement& row, int column) { return {decompressed(row.bytes(column))}; }
    static void bind(Statement& to, int position, const Compressed& value) {
        to.bind_blob(position, compressed(value.text));
    }
};

/// A number that uses all 64 bits; SQLite's integers have a sign.
template <>
struct Column<std::uint64_t> {
    static std::uint64_t read(const Statement& row, int column) {
        return std::bit_cast<std::uint64_t>(row.integer(column));
    }
    static void bind(Statement& to, int position, std::uint64_t value) {
        to.bind_integer(position, std::bit_cast<std::int64_t>(value));
    }
};

/// Numbers in a row, 8 bytes each, the lowest byte first.
template <>
struct Column<std::vector<std::uint64_t>> {
    static constexpr std::size_t bytes_of_each = 8;

    static std::vector<std::uint64_t> read(const Statement& row, int column) {
        const std::string_view bytes = row.bytes(column);
        std::vector<std::uint64_t> numbers(bytes.size() / bytes_of_each);
        for (std::size_t at = 0; at < numbers.size() * bytes_of_each; ++at)
            numbers[at / bytes_of_each] |= std::uint64_t{static_cast<unsigned char>(bytes[at])}
                                           << (8 * (at % bytes_of_each));
        return numbers;
    }
    static void bind(Statement& to, int position, const std::vector<std::uint64_t>& numbers) {
        std::string bytes;
        bytes.reserve(numbers.size() * bytes_of_each);
        for (const std::uint64_t number : numbers) {
            for (std::size_t i = 0; i < bytes_of_each; ++i)
                bytes += static_cast<char>(number >> (8 * i) & 0xffU);
        }
        to.bind_blob(position, bytes);
    }
};

template <>
struct Column<ExperimentId> {
    static ExperimentId read(const Statement& row, int column) { return {row.integer(column)}; }
    static void bind(Statement& to, int position, ExperimentId id) { to.bind_integer(position, id.value); }
};

template <>
struct Column<ImportedId> {
    static ImportedId read(const Statement& row, int column) { return {row.integer(column)}; }
    static void bind(Statement& to, int position, ImportedId id) { to.bind_integer(position, id.value); }
};

template <>
struct Column<CommitId> {
    static CommitId read(const Statement& row, int column) { return {std::string(row.bytes(column))}; }
    static void bind(Statement& to, int position, const CommitId& id) { to.bind_text(position, id.hex); }
};

template <>
struct Column<TreeId> {
    static TreeId read(const Statement& row, int column) { return {std::string(row.bytes(column))}; }
    static void bind(Statement& to, int position, const TreeId& id) { to.bind_text(position, id.hex); }
};

template <>
struct Column<Timestamp> {
    static Timestamp read(const Statement& row, int column) {
        return Timestamp(std::chrono::milliseconds(row.integer(column)));
    }
    static void bind(Statement& to, int position, Timestamp at) {
        to.bind_integer(position, at.time_since_epoch().count());
    }
};

/// An enumeration, by name.
template <typename Enum>
    requires(std::is_enum_v<Enum>)
struct Column<Enum> {
    static Enum read(const Statement& row, int column) {
        const std::string_view name = row.bytes(column);
        if (const auto value = named<Enum>(name)) return *value;
        throw DamagedLedger("the ledger has a name that this program does not know: \"" + std::string(name) +
                            "\"");
    }
    static void bind(Statement& to, int position, Enum value) { to.bind_text(position, name_of(value)); }
};

}  // namespace ratchet
