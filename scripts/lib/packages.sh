# shellcheck shell=bash
# Sourced: installs the Debian packages that are missing, and never removes one.

build_packages=(
    g++ cmake ninja-build pkg-config git bubblewrap
    libgit2-dev libsqlite3-dev libzstd-dev libseccomp-dev libutf8proc-dev libarchive-dev libcurl4-openssl-dev
    nlohmann-json3-dev libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev
)
example_packages=(make python3)
test_packages=(libgtest-dev libgmock-dev librapidcheck-dev clang-format-19 clang-tidy-19 clang-19 lld-19 libclang-rt-19-dev openssl)

is_installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

can_become_root() { is_root || command -v sudo >/dev/null; }

as_root() { if is_root; then "$@"; else sudo "$@"; fi; }

# Once a run, and only when something is missing. A third party's broken source must not stop us:
# if ours is the broken one, the installation itself says so.
refresh_package_lists() {
    [ -z "${package_lists_are_fresh:-}" ] || return 0
    package_lists_are_fresh=yes
    as_root apt-get update -qq || say "apt-get update complained; going on with the lists that are there"
}

# install_packages PACKAGE...
install_packages() {
    command -v dpkg-query >/dev/null || fail "this is not Debian or Ubuntu; install by hand what $* are here, then run cmake"
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    can_become_root || fail "packages are missing; as root, run: apt-get update && apt-get install ${missing[*]}"
    say "Installing ${missing[*]} (a minute or two)"
    refresh_package_lists
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null ||
        fail "apt-get could not install ${missing[*]}; its message is above (Debian 12 or newer and Ubuntu 24.04 have them all)"
}
