#include "orchestrator/json_rendering.hpp"

#include <nlohmann/json.hpp>

#include "orchestrator/json_value.hpp"
#include "orchestrator/rendering.hpp"

namespace ratchet {
namespace {

using Json = nlohmann::ordered_json;

Json milliseconds(Timestamp at) {
    return at.time_since_epoch().count();
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

template <typename Enum>
Json name_or_null(const std::optional<Enum>& value) {
    return value ? Json(name_of(*value)) : Json(nullptr);
}

Json number_or_null(const std::optional<ExperimentId>& id) {
    return id ? Json(id->value) : Json(nullptr);
}

Json figures_json(const RunFigures& figures) {
    return {{"wall_seconds", figures.wall_seconds},
            {"user_seconds", figures.user_seconds},
            {"system_seconds", figures.system_seconds},
            {"peak_memory_bytes", figures.peak_memory_bytes},
            {"involuntary_switches", figures.involuntary_switches},
            {"read_bytes", figures.read_bytes},
            {"written_bytes", figures.written_bytes},
            {"processes", value_or_null(figures.processes)},
            {"steal_ticks", figures.steal_ticks},
            {"pressure_seconds", figures.pressure_seconds},
            {"instructions", value_or_null(figures.instructions)},
            {"processor_khz", value_or_null(figures.processor_khz)}};
}

Json sample_json(const Sample& sample) {
    return {{"value", sample.value}, {"metrics", sample.metrics}, {"figures", figures_json(sample.figures)}};
}

Json pair_json(const Pair& pair) {
    return {{"phase", name_of(pair.phase)},
            {"index", pair.index},
            {"candidate_first", pair.candidate_first},
            {"champion_commit", pair.champion_commit.hex},
            {"candidate_commit", pair.candidate_commit.hex},
            {"champion", sample_json(pair.champion)},
            {"candidate", sample_json(pair.candidate)},
            {"set_aside", text_or_null(pair.set_aside)},
            {"pressure_before", value_or_null(pair.pressure_before)},
            {"waited_seconds", pair.waited_seconds},
            {"at", milliseconds(pair.at)}};
}

Json run_json(const StageRun& run) {
    return {{"stage", name_of(run.stage)},
            {"name", run.name},
            {"succeeded", run.succeeded},
            {"timed_out", run.timed_out},
            {"exit_status", run.exit_status},
            {"figures", figures_json(run.figures)},
            {"tail", run.tail},
            {"log_file", text_or_null(run.log_file)}};
}

Json requests_json(const std::vector<ModelRequest>& requests) {
    Json list = Json::array();
    for (const ModelRequest& request : requests) {
        list.push_back({{"protocol", request.protocol},
                        {"model", request.model},
                        {"status", request.status},
                        {"streamed", request.streamed},
                        {"wall_seconds", request.wall_seconds},
                        {"input_tokens", request.input_tokens},
                        {"cached_tokens", request.cached_tokens},
                        {"output_tokens", request.output_tokens},
                        {"cost", value_or_null(request.cost)},
                        {"at", milliseconds(request.at)}});
    }
    return list;
}

Json notes_json(const Notes& notes) {
    return {{"hypothesis", text_or_null(notes.hypothesis)},
            {"expected_effect", text_or_null(notes.expected_effect)},
            {"risk", text_or_null(notes.risk)},
            {"learned", text_or_null(notes.learned)},
            {"next_ideas", notes.next_ideas},
            {"origin", notes.origin}};
}

Json proposal_json(const std::optional<Proposal>& proposal) {
    if (!proposal) return nullptr;
    Json files = Json::array();
    for (const TouchedFile& file : proposal->files) {
        files.push_back({{"path", file.path}, {"added", file.added}, {"removed", file.removed}});
    }
    return {{"notes", notes_json(proposal->notes)},
            {"usage", json_of(proposal->usage)},
            {"model", text_or_null(proposal->model)},
            {"model_requests", requests_json(proposal->model_requests)},
            {"failure", text_or_null(proposal->failure)},
            {"files", files},
            {"patch_id", text_or_null(proposal->patch_id)},
            {"diff", proposal->diff},
            {"captured_at", milliseconds(proposal->captured_at)}};
}

Json returned_json(const std::optional<Returned>& returned) {
    if (!returned) return nullptr;
    return {{"duplicate_of", returned->duplicate_of.value},
            {"likeness", name_of(returned->likeness)},
            {"notes", notes_json(returned->notes)},
            {"usage", json_of(returned->usage)},
            {"model_requests", requests_json(returned->model_requests)},
            {"failure", text_or_null(returned->failure)},
            {"diff", returned->diff},
            {"told", returned->told},
            {"at", milliseconds(returned->at)}};
}

}  // namespace

Json json_of(const std::optional<Interval>& interval) {
    if (!interval) return nullptr;
    return {{"low", interval->low}, {"estimate", interval->estimate}, {"high", interval->high}};
}

Json json_of(const Summary& experiment) {
    const std::optional<Decision>& decision = experiment.decision;
    const auto of_decision = [&](auto member) -> Json {
        return decision ? Json(member(*decision)) : Json(nullptr);
    };
    Json json;
    json["experiment"] = experiment.id.value;
    json["stage"] = name_of(experiment.stage);
    json["verdict"] = of_decision(
        [&](const Decision& d) { return name_of(experiment.vetoed ? Verdict::vetoed : d.verdict); });
    json["rejection"] = of_decision([](const Decision& d) { return name_or_null(d.rejection); });
    json["duplicate_of"] = of_decision([](const Decision& d) { return number_or_null(d.duplicate_of); });
    json["basis"] = of_decision([](const Decision& d) { return name_of(d.basis); });
    json["reason"] = of_decision([](const Decision& d) { return d.reason; });
    json["effect"] = of_decision([](const Decision& d) { return json_of(d.effect); });
    json["e_value"] = of_decision([](const Decision& d) { return d.e_value; });
    json["pairs"] = of_decision([](const Decision& d) { return d.pairs; });
    json["vetoed"] = experiment.vetoed;
    json["epoch"] = experiment.epoch;
    json["proposer"] = experiment.proposer;
    json["move"] = name_of(experiment.move);
    json["focus"] = text_or_null(experiment.focus);
    json["parent"] = experiment.parent.hex;
    json["candidate"] = text_or_null(experiment.candidate.hex);
    json["idea"] = text_or_null(experiment.idea);
    json["files"] = experiment.files;
    json["started_at"] = milliseconds(experiment.started_at);
    json["finished_at"] = experiment.finished_at ? milliseconds(*experiment.finished_at) : Json(nullptr);
    return json;
}

Json json_of(const Experiment& experiment) {
    Json json = json_of(summary_of(experiment));
    json["seed"] = experiment.brief.seed;
    json["move_reason"] = text_or_null(experiment.brief.reason);
    json["branched_off"] = text_or_null(experiment.brief.champion.hex);
    json["proposer_reason"] = text_or_null(experiment.brief.choice);
    json["repair_of"] = number_or_null(experiment.brief.repair_of);
    json["tree"] = text_or_null(experiment.tree.hex);
    json["test_number"] = experiment.test_number == 0 ? Json(nullptr) : Json(experiment.test_number);
    json["returned"] = returned_json(experiment.returned);
    json["margin"] = experiment.margin_test ? Json(experiment.margin_test->margin) : Json(nullptr);
    json["margin_test_number"] =
        experiment.margin_test ? Json(experiment.margin_test->number) : Json(nullptr);
    json["proposal"] = proposal_json(experiment.proposal);
    json["runs"] = Json::array();
    for (const StageRun& run : experiment.runs)
        json["runs"].push_back(run_json(run));
    json["samples"] = Json::array();
    for (const Pair& pair : experiment.pairs)
        json["samples"].push_back(pair_json(pair));
    return json;
}

Json json_of(const std::vector<Summary>& experiments) {
    Json list = Json::array();
    for (const Summary& experiment : experiments)
        list.push_back(json_of(experiment));
    return list;
}

Json json_of(const std::optional<TotalGain>& total) {
    if (!total) return nullptr;
    return {{"effect", json_of(std::optional(total->effect))},
            {"verified", total->verified},
            {"pairs", total->verified ? Json(total->pairs) : Json(nullptr)},
            {"steps", total->steps}};
}

Json json_of(const std::vector<LeaveOneOut>& steps) {
    Json list = Json::array();
    for (const LeaveOneOut& step : steps) {
        list.push_back({{"experiment", step.experiment.value},
                        {"worth", name_of(step.worth)},
                        {"reason", text_or_null(step.reason)},
                        {"effect", json_of(step.effect)},
                        {"pairs", step.pairs},
                        {"host", step.host},
                        {"at", milliseconds(step.at)}});
    }
    return list;
}

Json json_of(const ImportedExperiment& imported) {
    Json extra = Json::parse(imported.extra, nullptr, false);
    return {{"imported", imported.id.value},
            {"verified", false},
            {"source", imported.source},
            {"line", imported.line},
            {"segment", imported.segment},
            {"session", text_or_null(imported.session)},
            {"metric", text_or_null(imported.metric)},
            {"unit", text_or_null(imported.unit)},
            {"direction", name_or_null(imported.direction)},
            {"run", value_or_null(imported.run)},
            {"baseline", imported.baseline},
            {"commit_name", text_or_null(imported.commit_name)},
            {"commit", text_or_null(imported.commit.hex)},
            {"files", imported.files},
            {"value", value_or_null(imported.value)},
            {"status", name_of(imported.status)},
            {"description", text_or_null(imported.description)},
            {"learned", text_or_null(imported.learned)},
            {"confidence", value_or_null(imported.confidence)},
            {"measured_at", imported.measured_at ? milliseconds(*imported.measured_at) : Json(nullptr)},
            {"extra", extra.is_discarded() ? Json(imported.extra) : std::move(extra)},
            {"record", imported.record},
            {"at", milliseconds(imported.at)}};
}

Json json_of(const Replay& replay) {
    const Decision& decision = replay.decision;
    return {{"champion", replay.champion.hex},
            {"candidate", replay.candidate.hex},
            {"verdict", name_of(decision.verdict)},
            {"rejection", name_or_null(decision.rejection)},
            {"basis", name_of(decision.basis)},
            {"reason", decision.reason},
            {"effect", json_of(decision.effect)},
            {"e_value", decision.e_value},
            {"pairs", decision.pairs},
            {"epoch", replay.epoch},
            {"host", replay.host},
            {"at", milliseconds(replay.at)}};
}

Json exported_json(const Experiment& experiment, const CampaignIdentity& campaign,
                   const std::vector<DiscardedPairs>& discarded, const std::vector<Replay>& replays) {
    Json json = json_of(experiment);
    json["campaign"] = {{"name", campaign.name},
                        {"metric", campaign.metric},
                        {"unit", text_or_null(campaign.unit)},
                        {"direction", name_of(campaign.direction)},
                        {"scale", name_of(campaign.scale)},
                        {"base", campaign.base.hex}};
    json["discarded"] = Json::array();
    for (const DiscardedPairs& put_away : discarded) {
        Json samples = Json::array();
        for (const Pair& pair : put_away.pairs)
            samples.push_back(pair_json(pair));
        json["discarded"].push_back({{"reason", put_away.reason}, {"samples", std::move(samples)}});
    }
    json["replays"] = Json::array();
    for (const Replay& replay : replays) {
        if (replay.experiment == experiment.brief.id) json["replays"].push_back(json_of(replay));
    }
    return json;
}

Json json_of(const Usage& usage) {
    return {{"requests", usage.requests},
            {"input_tokens", usage.input_tokens},
            {"output_tokens", usage.output_tokens},
            {"cost", value_or_null(usage.cost)},
            {"wall_seconds", usage.wall_seconds}};
}

Json json_of(const Brief& brief) {
    return {{"experiment", brief.id.value},
            {"parent", brief.parent.hex},
            {"proposer", brief.proposer},
            {"move", name_of(brief.move)},
            {"focus", text_or_null(brief.focus)},
            {"seed", brief.seed},
            {"reason", text_or_null(brief.reason)},
            {"branched_off", text_or_null(brief.champion.hex)},
            {"proposer_reason", text_or_null(brief.choice)},
            {"repair_of", number_or_null(brief.repair_of)}};
}

Json json_of(const Note& note) {
    return {{"note", note.id}, {"text", note.text}, {"at", milliseconds(note.at)}};
}

std::string text_of(const Json& json, bool indented) {
    return json.dump(indented ? 2 : -1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace ratchet
