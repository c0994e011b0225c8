// `results.tsv`: a heading, then a run a line.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "experiment_store/exchange/foreign.hpp"
#include "experiment_store/exchange/foreign_lines.hpp"

namespace ratchet {

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> cells_of(std::string_view line) {
    std::vector<std::string> cells;
    while (true) {
        const std::size_t end = line.find('\t');
        cells.emplace_back(without_space(line.substr(0, end)));
        if (end == std::string_view::npos) return cells;
        line.remove_prefix(end + 1);
    }
}

/// Which column is what.
class TableHeading {
  public:
    explicit TableHeading(std::vector<std::string> names)
        : names_(std::move(names)),
          commit_(column("commit")),
          status_(column("status")),
          description_(column("description")) {
        while (metric_ == commit_ || metric_ == status_ || metric_ == description_)
            ++metric_;
    }

    [[nodiscard]] bool is_usable() const { return status_ < names_.size() && metric_ < names_.size(); }
    [[nodiscard]] bool is_repeated_by(const std::vector<std::string>& cells) const { return cells == names_; }

    /// Fills in the experiment, or says why the line is none.
    std::string read(std::vector<std::string> cells, ImportedExperiment& run) const {
        const std::size_t last = names_.size() - 1;
        // A description may hold what separates columns, where it is the last one.
        while (cells.size() > names_.size() && description_ == last) {
            cells[last] += "\t" + cells[last + 1];
            cells.erase(cells.begin() + static_cast<std::ptrdiff_t>(last) + 1);
        }
        if (cells.size() != names_.size())
            return fmt::format("it has {} columns, the heading has {}", cells.size(), names_.size());
        const auto ended = status_named(cells[status_]);
        if (!ended) return "its status is none of keep, discard, crash, checks_failed";
        run.status = *ended;
        run.metric = names_[metric_];
        run.value = number_in(cells[metric_]);
        if (!run.value && run.status != ImportedStatus::crash) return "its metric is no number";
        if (run.status == ImportedStatus::crash && run.value == 0.0) run.value.reset();
        if (commit_ < cells.size()) run.commit_name = cells[commit_];
        if (description_ < cells.size()) run.description = cells[description_];
        run.extra = further(cells);
        return {};
    }

  private:
    [[nodiscard]] std::size_t column(std::string_view name) const {
        return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
    }

    [[nodiscard]] std::string further(const std::vector<std::string>& cells) const {
        Json extra = Json::object();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i == commit_ || i == status_ || i == description_ || i == metric_) continue;
            const std::string name = names_[i].empty() ? fmt::format("column {}", i + 1) : names_[i];
            const auto number = number_in(cells[i]);
            extra[name] = number ? Json(*number) : Json(cells[i]);
        }
        return extra.dump(-1, ' ', false, Json::error_handler_t::replace);
    }

    std::vector<std::string> names_;
    std::size_t commit_;
    std::size_t status_;
    std::size_t description_;
    std::size_t metric_ = 0;
};

}  // namespace

ForeignRecords read_results_table(std::istream& in) {
    ForeignRecords records;
    std::optional<TableHeading> heading;
    bool begun = false;  // this segment has a run
    LineReader lines(in);
    while (lines.next()) {
        if (lines.is_blank()) continue;
        if (lines.is_too_long()) {
            records.broken.push_back({lines.number(), "it is longer than 1 MiB"});
            continue;
        }
        std::vector<std::string> cells = cells_of(lines.text());
        if (!heading || heading->is_repeated_by(cells)) {
            heading.emplace(std::move(cells));
            ++records.segments;
            begun = false;
            if (heading->is_usable()) continue;
            records.broken.push_back({lines.number(), "it is no heading with a metric and a status"});
            break;  // without one, no line means anything
        }
        ImportedExperiment run;
        run.line = lines.number();
        run.record = lines.text();
        run.segment = records.segments - 1;
        if (std::string problem = heading->read(std::move(cells), run); !problem.empty()) {
            records.broken.push_back({lines.number(), std::move(problem)});
            continue;
        }
        run.baseline = !begun && run.status == ImportedStatus::keep;
        begun = true;
        records.experiments.push_back(std::move(run));
    }
    return records;
}

}  // namespace ratchet
