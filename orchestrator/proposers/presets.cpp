#include "orchestrator/proposers/presets.hpp"

#include <algorithm>

namespace ratchet {

namespace {

// All of them: the prompt comes on standard input; everything is allowed without being asked, and an agent's
// own sandbox is off, because ratchet's holds; what phones home (updates, statistics) is off, because it only
// costs time where there is no network; retries are few, because an experiment that fails is tried again
// later and by ratchet's own clock. The key that stands here opens nothing: the gateway puts the true one in
// its place.

AgentPreset aider() {
    AgentPreset preset;
    preset.name = "aider";
    preset.program = "aider";
    // It commits by itself and writes beside the code if it is let. It does not say what was used, and asks
    // for no figures when it streams; the gateway counts.
    preset.command =
        R"(aider --message-file "$RATCHET_PROMPT" --model "${RATCHET_GATEWAY:+openai/}$RATCHET_MODEL" --yes-always --no-stream --no-pretty )"
        R"(--no-auto-commits --no-dirty-commits --no-gitignore --no-check-update --no-analytics --no-show-release-notes )"
        R"(--no-show-model-warnings --no-suggest-shell-commands --no-detect-urls --input-history-file /dev/null --chat-history-file /dev/null
status=$?
rm -rf .aider*
exit $status)";
    preset.gateway.environment = {"OPENAI_API_BASE=$RATCHET_GATEWAY/v1", "OPENAI_API_KEY=ratchet"};
    return preset;
}

/// Ratchet's own agent, for who has only an endpoint (orchestrator/api). Where this program is, is filled in
/// where the campaign is opened.
AgentPreset api() {
    AgentPreset preset;
    preset.name = "api";
    preset.program = own_program;
    preset.command =
        R"(ratchet agent --endpoint "$RATCHET_GATEWAY" --protocol "${RATCHET_PROTOCOL:-openai-chat}" --model "$RATCHET_MODEL")";
    return preset;
}

AgentPreset claude() {
    AgentPreset preset;
    preset.name = "claude";
    preset.program = "claude";
    preset.command =
        R"(claude -p --output-format stream-json --verbose --no-session-persistence --dangerously-skip-permissions )"
        R"(${RATCHET_MODEL:+--model "$RATCHET_MODEL"})";
    // IS_SANDBOX: without it, it refuses to be root, which it is where there is no sandbox and root runs
    // ratchet.
    preset.always.environment = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1",
                                 "CLAUDE_CODE_MAX_RETRIES=3", "API_TIMEOUT_MS=300000", "IS_SANDBOX=1"};
    preset.gateway.environment = {"ANTHROPIC_BASE_URL=$RATCHET_GATEWAY", "ANTHROPIC_API_KEY=ratchet"};
    preset.reporting = AgentReporting::claude;
    return preset;
}

AgentPreset codex() {
    AgentPreset preset;
    preset.name = "codex";
    preset.program = "codex";
    preset.command =
        R"(codex exec --json --skip-git-repo-check --ephemeral --dangerously-bypass-approvals-and-sandbox --disable plugins )"
        R"(${RATCHET_MODEL:+-m "$RATCHET_MODEL"} -c analytics.enabled=false -c 'otel.metrics_exporter="none"' -)";
    preset.gateway.environment = {"RATCHET_KEY=ratchet"};
    preset.gateway.files = {{".codex/config.toml", R"(model_provider = "ratchet"

[model_providers.ratchet]
name = "ratchet"
base_url = "$RATCHET_GATEWAY/v1"
env_key = "RATCHET_KEY"
wire_api = "responses"
request_max_retries = 3
stream_max_retries = 3
stream_idle_timeout_ms = 300000
)"}};
    preset.reporting = AgentReporting::codex;
    return preset;
}

AgentPreset gemini() {
    AgentPreset preset;
    preset.name = "gemini";
    preset.program = "gemini";
    preset.command = R"(gemini -o stream-json --yolo --skip-trust ${RATCHET_MODEL:+-m "$RATCHET_MODEL"})";
    const std::string quiet =
        R"("privacy": {"usageStatisticsEnabled": false}, "telemetry": {"enabled": false},
  "general": {"enableAutoUpdate": false, "enableAutoUpdateNotification": false, "maxAttempts": 3})";
    preset.always.files = {{".gemini/settings.json", "{\n  " + quiet + "\n}\n"}};
    preset.gateway.environment = {"GOOGLE_GEMINI_BASE_URL=$RATCHET_GATEWAY", "GEMINI_API_KEY=ratchet"};
    // The kind of key must be named: with a base URL it would be guessed wrong.
    preset.gateway.files = {{".gemini/settings.json",
                             R"({
  "security": {"auth": {"selectedType": "gemini-api-key"}},
  )" + quiet + "\n}\n"}};
    preset.reporting = AgentReporting::gemini;
    return preset;
}

AgentPreset opencode() {
    AgentPreset preset;
    preset.name = "opencode";
    preset.program = "opencode";
    preset.command = R"(opencode run --format json --auto -m "${RATCHET_GATEWAY:+ratchet/}$RATCHET_MODEL")";
    preset.always.environment = {"OPENCODE_DISABLE_AUTOUPDATE=1", "OPENCODE_DISABLE_MODELS_FETCH=1",
                                 "OPENCODE_DISABLE_LSP_DOWNLOAD=1", "OPENCODE_DISABLE_DEFAULT_PLUGINS=1"};
    // A title and copies of the tree are for people who come back to a session.
    preset.always.files = {{".config/opencode/opencode.json", R"({
  "autoupdate": false, "share": "disabled", "snapshot": false,
  "agent": {"title": {"disable": true}}
}
)"}};
    preset.gateway.environment = {"OPENCODE_CONFIG=$HOME/.config/opencode/gateway.json"};
    preset.gateway.files = {{".config/opencode/gateway.json", R"({
  "provider": {"ratchet": {
    "npm": "@ai-sdk/openai-compatible", "name": "ratchet",
    "options": {"baseURL": "$RATCHET_GATEWAY/v1", "apiKey": "ratchet"},
    "models": {"$RATCHET_MODEL": {"name": "$RATCHET_MODEL"}}
  }}
}
)"}};
    preset.reporting = AgentReporting::opencode;
    return preset;
}

AgentPreset pi() {
    AgentPreset preset;
    preset.name = "pi";
    preset.program = "pi";
    // Each letter that the model says is printed with all that it said before: too much to keep.
    preset.command =
        R"(pi -p --mode json --no-session ${RATCHET_GATEWAY:+--provider ratchet} --model "$RATCHET_MODEL" )"
        R"(| grep -v '^{"type":"message_update"')";
    preset.always.environment = {"PI_OFFLINE=1"};
    preset.always.files = {{".pi/agent/settings.json", R"({
  "retry": {"maxRetries": 3, "provider": {"timeoutMs": 300000, "maxRetries": 0, "maxRetryDelayMs": 60000}}
}
)"}};
    preset.gateway.files = {{".pi/agent/models.json", R"({
  "providers": {"ratchet": {
    "baseUrl": "$RATCHET_GATEWAY/v1", "api": "openai-completions", "apiKey": "ratchet",
    "models": [{"id": "$RATCHET_MODEL"}]
  }}
}
)"}};
    preset.reporting = AgentReporting::pi;
    return preset;
}

AgentPreset qwen() {
    AgentPreset preset;
    preset.name = "qwen";
    preset.program = "qwen";
    preset.command = R"(qwen -o stream-json --yolo --auth-type openai ${RATCHET_MODEL:+-m "$RATCHET_MODEL"})";
    preset.always.environment = {"QWEN_CODE_SUPPRESS_YOLO_WARNING=1"};
    preset.always.files = {{".qwen/settings.json", R"({
  "privacy": {"usageStatisticsEnabled": false},
  "telemetry": {"enabled": false},
  "general": {"enableAutoUpdate": false}
}
)"}};
    preset.gateway.environment = {"OPENAI_BASE_URL=$RATCHET_GATEWAY/v1", "OPENAI_API_KEY=ratchet"};
    preset.reporting = AgentReporting::qwen;
    return preset;
}

}  // namespace

const std::vector<AgentPreset>& built_in_presets() {
    static const std::vector<AgentPreset> presets = {aider(),  api(),      claude(), codex(),
                                                     gemini(), opencode(), pi(),     qwen()};
    return presets;
}

const AgentPreset* find_preset(const std::vector<AgentPreset>& presets, std::string_view name) {
    const auto found = std::find_if(presets.begin(), presets.end(),
                                    [&](const AgentPreset& preset) { return preset.name == name; });
    return found == presets.end() ? nullptr : &*found;
}

bool needs_model(const AgentPreset& preset) {
    // "${RATCHET_MODEL:+-m "$RATCHET_MODEL"}" says what to do without one.
    return preset.command.find("$RATCHET_MODEL") != std::string::npos &&
           preset.command.find("${RATCHET_MODEL:") == std::string::npos;
}

bool needs_gateway(const AgentPreset& preset) {
    return preset.command.find("$RATCHET_GATEWAY") != std::string::npos;
}

bool takes_protocol(const AgentPreset& preset) {
    return preset.command.find("RATCHET_PROTOCOL") != std::string::npos;
}

}  // namespace ratchet
