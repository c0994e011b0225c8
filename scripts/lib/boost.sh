# shellcheck shell=bash
# Sourced: finds or fetches the Boost headers (1.80 or newer; Boost is used for its headers only).
#
# Debian 12's default Boost is 1.74, and its libboost1.81-dev cannot stand beside the 1.74 headers. Nobody's
# packages are removed for us: where it cannot be installed, its headers are unpacked into the build folder.

has_new_boost() { # has_new_boost INCLUDE_DIR
    awk '/^#define BOOST_VERSION /{version = $3} END{exit !(version >= 108000)}' "$1/boost/version.hpp" 2>/dev/null
}

# The distribution's default where that is new enough, else the one that Debian 12 has beside it.
boost_package() {
    local candidate
    candidate=$(apt-cache policy libboost-dev | awk '/Candidate:/{print $2}')
    if [[ $candidate == [0-9]* ]] && dpkg --compare-versions "$candidate" ge 1.80; then
        echo libboost-dev
    else
        echo libboost1.81-dev
    fi
}

# The headers themselves: libboost-dev is only a name that points to the package that holds them.
boost_headers_package() {
    local package
    package=$(boost_package)
    if [ "$package" = libboost-dev ]; then
        apt-cache depends --no-recommends --no-suggests libboost-dev | awk '/Depends: libboost[0-9.]+-dev/{print $2; exit}'
    else
        echo "$package"
    fi
}

unpack_boost() { # unpack_boost FOLDER
    local package
    package=$(boost_headers_package)
    say "Unpacking the headers of $package into $1 (no package is installed or removed)"
    rm -rf "$1"
    mkdir -p "$1"
    (cd "$1" && apt-get download -qq -o APT::Sandbox::User="$(id -un)" "$package" && dpkg-deb -x ./*.deb . && rm ./*.deb) ||
        fail "Boost 1.80 or newer is missing and $package could not be downloaded; as root, run: apt-get update && apt-get install $package"
}

# find_boost BUILD_FOLDER: sets boost_include_dir; empty means that the system's own headers serve.
find_boost() {
    local unpacked=$1/boost package
    boost_include_dir=
    if has_new_boost /usr/include; then return; fi
    if ! has_new_boost "$unpacked/usr/include"; then
        if can_become_root; then refresh_package_lists; fi
        package=$(boost_package)
        if can_become_root && apt-get install --simulate -qq --no-remove "$package" >/dev/null 2>&1; then
            install_packages "$package"
            return
        fi
        unpack_boost "$unpacked"
    fi
    boost_include_dir=$unpacked/usr/include
}
