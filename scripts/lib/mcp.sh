# shellcheck shell=bash
# Sourced by scripts/test: installs the official clients of the Model Context Protocol, with which a test speaks to `ratchet mcp`.

# find_mcp_client FOLDER: installs them into FOLDER, once, and exports RATCHET_MCP_CLIENT; where that cannot be, says so, and the
# test is skipped.
find_mcp_client() {
    local wanted=$checkout/tests/end_to_end/mcp_client folder=$1/mcp-client
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        say "SKIPPED: the test with the official MCP clients needs node and npm (apt-get install nodejs npm)"
        return
    fi
    if ! cmp -s "$wanted/package-lock.json" "$folder/installed-lock.json"; then
        say "Installing the official MCP clients from npm (10 s)"
        rm -rf "$folder"
        mkdir -p "$folder"
        cp "$wanted"/package*.json "$folder"
        # Versions and hashes are those of the lock; no script of a package runs.
        if ! (cd "$folder" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 >npm.log 2>&1); then
            say "SKIPPED: npm could not install the official MCP clients; $folder/npm.log says why"
            return
        fi
        cp "$wanted/package-lock.json" "$folder/installed-lock.json"
    fi
    export RATCHET_MCP_CLIENT=$folder
}
