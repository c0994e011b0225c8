#include "experiment_store/ledger_implementation.hpp"

// What proposals cost: the requests to models as facts, and what adds up from them.

namespace ratchet {

void insert_model_requests(Database& database, ExperimentId id, bool returned,
                           const std::vector<ModelRequest>& requests) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const ModelRequest& request = requests[i];
        database.run(
            "INSERT INTO model_request (experiment, returned, position, protocol, model, status, streamed, "
            "wall_seconds, input_tokens, cached_tokens, output_tokens, cost, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, returned, i, request.protocol, request.model, request.status, request.streamed,
            request.wall_seconds, request.input_tokens, request.cached_tokens, request.output_tokens,
            request.cost, request.at);
    }
}

std::vector<ModelRequest> read_model_requests(Database& database, ExperimentId id, bool returned) {
    std::vector<ModelRequest> requests;
    Statement rows = database.query(
        "SELECT protocol, model, status, streamed, wall_seconds, input_tokens, cached_tokens, output_tokens, "
        "at, cost FROM model_request WHERE experiment = ? AND returned = ? ORDER BY position",
        id, returned);
    while (rows.next()) {
        requests.push_back({rows.take<std::string>(), rows.take<std::string>(), rows.take<int>(),
                            rows.take<bool>(), rows.take<double>(), rows.take<std::int64_t>(),
                            rows.take<std::int64_t>(), rows.take<std::int64_t>(), rows.take<Timestamp>(),
                            rows.take<std::optional<double>>()});
    }
    return requests;
}

std::vector<Spend> Ledger::spend() const {
    std::vector<Spend> lines;
    Statement rows = implementation_->database.query(
        "SELECT proposer, model, verdict, experiments, requests, input_tokens, output_tokens, priced, "
        "cost / 1e9, wall / 1e3, gain / 1e9 FROM spend ORDER BY proposer, model, verdict");
    while (rows.next()) {
        lines.push_back({rows.take<std::string>(), rows.take<std::string>(), rows.take<Verdict>(),
                         rows.take<std::int64_t>(), rows.take<std::int64_t>(), rows.take<std::int64_t>(),
                         rows.take<std::int64_t>(), rows.take<std::int64_t>(), rows.take<double>(),
                         rows.take<double>(), rows.take<double>()});
    }
    return lines;
}

std::vector<ModelSpend> Ledger::model_spend() const {
    std::vector<ModelSpend> lines;
    Statement rows = implementation_->database.query(
        "SELECT model, requests, failed, input_tokens, cached_tokens, output_tokens, unpriced, cost / 1e9, "
        "wall / 1e3 FROM model_spend ORDER BY model");
    while (rows.next()) {
        lines.push_back({rows.take<std::string>(), rows.take<std::int64_t>(), rows.take<std::int64_t>(),
                         rows.take<std::int64_t>(), rows.take<std::int64_t>(), rows.take<std::int64_t>(),
                         rows.take<std::int64_t>(), rows.take<double>(), rows.take<double>()});
    }
    return lines;
}

std::vector<FinishedExperiment> Ledger::newest_finished(int most) const {
    std::vector<FinishedExperiment> outcomes;
    Statement rows = implementation_->database.query(
        "SELECT experiment.id, proposer, move, standing.verdict, rejection, decision.reason, "
        "iif(standing.verdict = 'kept', coalesce(effect_estimate, 0.0), 0.0), coalesce(requests, 0), "
        "coalesce(input_tokens, 0), coalesce(output_tokens, 0), cost, coalesce(wall_seconds, 0.0), "
        "decision.at - started_at, repair_of "
        "FROM decision JOIN experiment ON experiment.id = decision.experiment "
        "JOIN standing ON standing.experiment = decision.experiment "
        "LEFT JOIN proposal ON proposal.experiment = decision.experiment "
        "LEFT JOIN repair ON repair.experiment = decision.experiment "
        "ORDER BY decision.experiment DESC LIMIT ?",
        most);
    while (rows.next()) {
        FinishedExperiment outcome;
        outcome.id = rows.take<ExperimentId>();
        outcome.proposer = rows.take<std::string>();
        outcome.move = rows.take<Move>();
        outcome.verdict = rows.take<Verdict>();
        outcome.rejection = rows.take<std::optional<Rejection>>();
        outcome.reason = rows.take<std::string>();
        outcome.gain = rows.take<double>();
        outcome.usage = {rows.take<std::int64_t>(), rows.take<std::int64_t>(), rows.take<std::int64_t>(),
                         rows.take<std::optional<double>>(), rows.take<double>()};
        outcome.duration = std::chrono::milliseconds(rows.take<std::int64_t>());
        outcome.repair_of = rows.take<std::optional<ExperimentId>>();
        outcomes.push_back(std::move(outcome));
    }
    return outcomes;
}

std::optional<ExperimentId> Ledger::repaired_by(ExperimentId id) const {
    return implementation_->database.value<ExperimentId>("SELECT experiment FROM repair WHERE repair_of = ?",
                                                         id);
}

}  // namespace ratchet
