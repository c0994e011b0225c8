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

# The examples measure for minutes, mostly on one processor. They run beside what follows, which gives way to them from here on:
# one after the other, because they would wait for each other's pairs; the second one as an ordinary user where we are root.
begin_examples() { # begin_examples BUILD_FOLDER
    local build=$1 as_user=()
    if is_root; then as_user=("$checkout/scripts/lib/as-ordinary-user" "$build"); fi
    say "The examples, beside what follows; their output comes at their end"
    examples_log=$build/examples.log
    (
        setsid --wait timeout 900 "$build/examples_tests" --gtest_filter='*text_processor*'
        setsid --wait timeout 900 "${as_user[@]}" "$build/examples_tests" --gtest_filter='*matmul*'
    ) >"$examples_log" 2>&1 &
    examples=$!
    trap 'pkill --parent "$examples" || true' EXIT
    renice -n 19 $$ >/dev/null
    (echo 19 >/proc/self/autogroup) 2>/dev/null || true # where the kernel weighs sessions
}

end_examples() {
    say "Waiting for the examples"
    wait "$examples" || true # what counts is what they say
    trap - EXIT
    [ "$(grep -c '^\[  PASSED  \] 1 test\.$' "$examples_log")" -eq 2 ] || {
        cat "$examples_log"
        print_summary
        fail "an example failed; its output is above and in $examples_log"
    }
    summary+=("the examples: 2 of 2 passed beside the others")
}

print_summary() { [ ${#summary[@]} -eq 0 ] || printf '\n%s\n' "${summary[@]}"; }
