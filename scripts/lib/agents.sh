# shellcheck shell=bash
# Sourced by scripts/test: installs the coding agents that tests/agents drives, and a Node that is new enough for them.

# find_agents FOLDER: installs them into FOLDER, once, and exports RATCHET_TEST_AGENTS, a folder of programs; where that cannot be,
# says so, and the tests with the real agents are skipped.
find_agents() {
    local wanted=$checkout/tests/agents/clis folder=$1/agents
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        say "SKIPPED: the tests with real coding agents need node and npm (apt-get install nodejs npm)"
        return
    fi
    if ! cmp -s "$wanted/package-lock.json" "$folder/installed-lock.json"; then
        say "Installing the coding agents that tests drive from npm (1.7 GB, a minute)"
        rm -rf "$folder"
        mkdir -p "$folder"
        cp "$wanted"/package*.json "$folder"
        # Versions and hashes are those of the lock; no script of a package runs. Not `npm ci`, which fails where a program for another
        # kind of machine is in no lock, since not every registry has them all.
        if ! (cd "$folder" && timeout 400 npm install --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 >npm.log 2>&1 && link_agents); then
            say "SKIPPED: npm could not install the coding agents; $folder/npm.log says why"
            return
        fi
        cp "$wanted/package-lock.json" "$folder/installed-lock.json"
    fi
    export RATCHET_TEST_AGENTS=$folder/node_modules/.bin
}

# What the scripts of two packages would do: put the program for this machine where the package's own name points to. Of opencode's
# two, where there are two, the one that runs on every processor.
link_agents() {
    local modules=node_modules machine=arm64 opencode
    [ "$(uname -m)" != x86_64 ] || machine=x64
    opencode=$modules/opencode-linux-$machine
    [ ! -d "$opencode-baseline" ] || opencode=$opencode-baseline
    ln -f "$modules/@anthropic-ai/claude-code-linux-$machine/claude" "$modules/@anthropic-ai/claude-code/bin/claude.exe" &&
        ln -f "$opencode/bin/opencode" "$modules/opencode-ai/bin/opencode.exe"
}
