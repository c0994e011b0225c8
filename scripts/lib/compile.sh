# shellcheck shell=bash
# Sourced: configures and builds with CMake and Ninja. find_boost comes first.

prepare_folder() { # prepare_folder FOLDER
    mkdir -p "$1" 2>/dev/null || true
    [ -w "$1" ] ||
        fail "$1 cannot be written by $(id -un); remove it, or build as the user that owns it"
}

configure() { # configure FOLDER CMAKE_OPTION...
    local folder=$1 launcher=()
    shift
    prepare_folder "$folder"
    if command -v ccache >/dev/null; then
        launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
    cmake -S "$checkout" -B "$folder" -G Ninja --log-level=WARNING \
        -DRATCHET_BOOST_INCLUDE_DIR="$boost_include_dir" -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$folder" "${launcher[@]}" "$@" ||
        fail "CMake could not configure $folder; its message is above (a folder from an older try can simply be removed)"
}

compile() { # compile FOLDER
    cmake --build "$1" --parallel "$(nproc)" || fail "the build in $1 failed; the compiler's message is above"
}
