#include "experiment_store/source_syntax.hpp"

#include <algorithm>
#include <array>

namespace ratchet {

namespace {

using namespace std::string_view_literals;

constexpr std::array semicolon_languages = {"c"sv,   "h"sv,   "cc"sv,  "cpp"sv, "cxx"sv, "hpp"sv, "hh"sv,
                                            "hxx"sv, "inl"sv, "ipp"sv, "cu"sv,  "cuh"sv, "cl"sv,  "rs"sv,
                                            "m"sv,   "mm"sv,  "cs"sv,  "zig"sv, "d"sv,   "java"sv};
constexpr std::array line_languages = {"go"sv,  "js"sv, "jsx"sv,   "mjs"sv,   "cjs"sv, "ts"sv,
                                       "tsx"sv, "kt"sv, "swift"sv, "scala"sv, "dart"sv};
constexpr std::array script_languages = {"rb"sv, "sh"sv, "bash"sv, "pl"sv,
                                         "r"sv,  "jl"sv, "toml"sv, "cmake"sv};
constexpr std::array indented_languages = {"py"sv, "pyx"sv, "pxd"sv, "pyi"sv, "yaml"sv, "yml"sv, "mk"sv};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& all, std::string_view one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

SourceSyntax syntax_of(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    const std::string_view extension =
        dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
    SourceSyntax syntax;
    if (holds(semicolon_languages, extension)) {
        syntax.slash_comments = syntax.quotes = true;
    } else if (holds(line_languages, extension)) {
        syntax.slash_comments = syntax.quotes = syntax.line_is_statement = true;
        syntax.either_quote = extension != "go";
    } else if (holds(script_languages, extension) || name == "CMakeLists.txt") {
        syntax.hash_comments = syntax.quotes = syntax.line_is_statement = true;
    } else {
        syntax.line_is_statement = syntax.indented = true;
        const bool python = extension.starts_with("py") || extension == "pxd";
        syntax.hash_comments = holds(indented_languages, extension) || name == "Makefile";
        syntax.quotes = syntax.either_quote = syntax.docstrings = python;
    }
    return syntax;
}

}  // namespace ratchet
