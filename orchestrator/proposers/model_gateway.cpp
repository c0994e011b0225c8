#include "orchestrator/proposers/model_gateway.hpp"

#include <fmt/format.h>

#include <utility>

#include "experiment_store/crash_point.hpp"
#include "experiment_store/errors.hpp"
#include "sandbox/safe_text.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

constexpr const char* socket_name = "gateway.sock";

GatewaySettings settings_of(const GatewayAccess& access, const Assignment& assignment,
                            const fs::path& socket) {
    GatewaySettings settings;
    settings.socket = socket;
    settings.endpoint = access.endpoint;
    settings.key = access.key_value;
    settings.allowance = assignment.allowance;
    settings.cost_of = assignment.cost_of;
    settings.upstream.proxy = access.proxy;
    settings.upstream.no_proxy = access.no_proxy;
    settings.upstream.certificates = access.certificates;
    return settings;
}

/// Whoever may connect may use the key.
fs::path private_folder(const fs::path& folder) {
    const DurableStep step("proposal/make the gateway's folder");
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    return folder;
}

}  // namespace

void require_gateway(const ProposerSettings& proposer, Requirement tier) {
    if (!proposer.gateway) return;
    if (tier != Requirement::strong) {
        throw UserError(
            "proposer.gateway needs the strong sandbox, and this machine has a weaker one",
            "`ratchet check` says what is missing; or let the proposer reach its model by itself: "
            "without `gateway`, with sandbox.network = \"on\" and its key in sandbox.env");
    }
    if (!proposer.gateway->key.empty() && proposer.gateway->key_value.empty()) {
        throw UserError(
            fmt::format("the variable {} is not set, which proposer.key names", proposer.gateway->key),
            fmt::format("export {}=… where `ratchet run` is started", proposer.gateway->key));
    }
}

ModelGateway::ModelGateway(const GatewayAccess& access, const Assignment& assignment, const fs::path& folder)
    : socket_(private_folder(folder) / socket_name), gateway_(settings_of(access, assignment, socket_)) {}

void ModelGateway::provide(ConfinedCommand& command) const {
    command.gateway = socket_;
    command.network = false;
}

void ModelGateway::tell(ProposerAnswer& answer) {
    GatewayReport report = gateway_.finish();
    answer.usage.requests = report.usage.requests;
    answer.usage.input_tokens = report.usage.input_tokens;
    answer.usage.output_tokens = report.usage.output_tokens;
    // Where the price is not known, what the agent itself says counts.
    if (report.usage.cost) answer.usage.cost = report.usage.cost;
    // Some agents end well whatever their model's endpoint said.
    const bool in_vain = !report.last_failure.empty() && !report.any_answered;
    if (in_vain && !answer.stopped) {
        const std::string words =
            "the model gave no whole answer; the last request " + one_line(report.last_failure);
        answer.failure += (answer.failure.empty() ? "" : "; ") + words;
        if (!answer.retry_after) answer.retry_after = report.retry_after;
    }
    if (!report.refusal.empty() && !answer.stopped)
        answer.failure += (answer.failure.empty() ? "" : "; ") + report.refusal;
    answer.model_requests = std::move(report.requests);
}

std::unique_ptr<ModelGateway> model_gateway(const ProposerSettings& proposer, const Assignment& assignment,
                                            const fs::path& state_folder) {
    if (!proposer.gateway) return nullptr;
    return std::make_unique<ModelGateway>(*proposer.gateway, assignment, state_folder / "gateway");
}

}  // namespace ratchet
