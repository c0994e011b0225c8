# shellcheck shell=bash
# Sourced by scripts/test: its steps, one function each.

# The sources that belong to the project, tracked or new. Names the checkout as safe for this one command:
# a container's root often works on somebody else's files.
project_sources() {
    git -c safe.directory="$checkout" -C "$checkout" ls-files -z --cached --others --exclude-standard '*.cpp' '*.hpp'
}

check_format() {
    say "Format: clang-format-19"
    (cd "$checkout" && project_sources | xargs -0 clang-format-19 --dry-run -Werror) ||
        fail "the format differs; run: git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i"
}

compiled_files() { # compiled_files BUILD_FOLDER
    sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$1/compile_commands.json" | sort -u
}

# A unity build, which includes sources, because reading the headers takes longer than all checks.
check_tidy() { # check_tidy BUILD_FOLDER
    local started=$SECONDS log=$1/tidy.log
    # The tests are left out: GoogleTest's headers alone would double the time.
    say "Tidy: clang-tidy-19 over the sources that $1 compiles, but for the tests"
    if ! compiled_files "$1" | grep -v -e "^$checkout/tests/" -e "^$1/tests/" | xargs -d '\n' -n 1 -P "$(nproc)" clang-tidy-19 --quiet -p "$1" \
        --checks=-bugprone-suspicious-include >"$log" 2>"$log.errors"; then
        cat "$log"
        grep -v ' generated\.$' "$log.errors" >&2 || true
        fail "clang-tidy has findings; they are above and in $log"
    fi
    say "Tidy: nothing found, $((SECONDS - started)) s"
}

# run_ctest NAME BUILD_FOLDER COMMAND...: runs ctest by way of COMMAND and keeps its closing lines for the summary.
summary=()
run_ctest() {
    local name=$1 log=$2/ctest.log
    shift 2
    say "Tests: $name"
    "$@" 2>&1 | tee "$log" || { print_summary; fail "tests failed ($name); their output is above and in $log"; }
    summary+=("$name: $(sed -n '/tests passed/,$p' "$log")")
}

print_summary() { [ ${#summary[@]} -eq 0 ] || printf '\n%s\n' "${summary[@]}"; }
