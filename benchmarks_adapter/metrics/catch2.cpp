#include <fmt/format.h>

#include "benchmarks_adapter/metrics/benchmark_entries.hpp"
#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"
#include "benchmarks_adapter/metrics/xml_tags.hpp"

// The XML of Catch2's reporter `xml`, versions 2 and 3; its times are always nanoseconds. The console's table
// cuts long names and picks a unit by size, so it is not read.

namespace ratchet {
namespace {

using Kind = XmlTag::Kind;

/// What is read so far: where in the report the next tag stands, and the benchmarks before it.
class CatchReport {
  public:
    /// Returns what is wrong with the tag, else an empty string.
    std::string add(const XmlTag& tag) {
        const bool is_place = tag.name == "TestCase" || tag.name == "Section";
        if (tag.name == "Catch" || tag.name == "Catch2TestRun") {
            (tag.kind == Kind::closing ? closed_ : opened_) = true;
        } else if (is_place && tag.kind == Kind::opening) {
            places_.push_back(attribute(tag, "name"));
        } else if (is_place && tag.kind == Kind::closing && !places_.empty()) {
            places_.pop_back();
        } else if (tag.name == "BenchmarkResults") {
            return tag.kind == Kind::closing ? finish() : begin(tag);
        } else if (current_ && tag.kind != Kind::closing) {
            return add_result(tag);
        }
        return {};
    }

    /// Returns what is wrong with the whole.
    [[nodiscard]] std::string problem() const {
        if (!opened_) return "the output is not Catch2's XML; run the benchmarks with `-r xml`";
        return closed_ ? "" : "Catch2's XML breaks off before its end";
    }
    [[nodiscard]] const std::vector<BenchmarkEntry>& entries() const { return entries_; }

  private:
    static std::string attribute(const XmlTag& tag, const char* name) {
        const auto found = tag.attributes.find(name);
        return found == tag.attributes.end() ? std::string() : found->second;
    }

    std::string begin(const XmlTag& tag) {
        const std::string name = attribute(tag, "name");
        std::string full;
        for (const std::string& place : places_) {
            full += place + "/";
            if (full.size() > longest_name)
                return fmt::format("benchmark {} stands too deep", in_quotes(name));
        }
        current_.emplace();
        current_->names = {full + name, name};
        has_mean_ = false;
        return tag.kind == Kind::empty ? finish() : std::string();
    }

    std::string add_result(const XmlTag& tag) {
        const std::string name = in_quotes(current_->names.back());
        if (tag.name == "failed")
            return fmt::format("benchmark {} failed: {}", name, in_quotes(attribute(tag, "message")));
        if (tag.name != "mean" && tag.name != "standardDeviation") return {};
        const auto number = whole_number(attribute(tag, "value"));
        if (const auto* problem = std::get_if<std::string>(&number))
            return fmt::format("benchmark {}: {} {}", name, tag.name, *problem);
        const Metric metric{std::get<double>(number), "ns"};
        current_->fields[tag.name] = metric;
        if (tag.name == "standardDeviation") return {};
        current_->value = metric;
        has_mean_ = true;
        return {};
    }

    std::string finish() {
        if (!current_) return {};
        if (!has_mean_) return fmt::format("benchmark {} has no mean", in_quotes(current_->names.back()));
        entries_.push_back(std::move(*current_));
        current_.reset();
        return {};
    }

    bool opened_ = false;
    bool closed_ = false;
    std::vector<std::string> places_;
    std::optional<BenchmarkEntry> current_;
    bool has_mean_ = false;
    std::vector<BenchmarkEntry> entries_;
};

}  // namespace

MetricReading read_catch2(const std::string& text) {
    CatchReport report;
    XmlTags tags(text);
    std::string error;
    for (auto tag = tags.next(); tag && error.empty(); tag = tags.next())
        error = report.add(*tag);
    if (error.empty()) error = report.problem();
    return error.empty() ? metrics_of(report.entries()) : MetricReading{{}, error};
}

}  // namespace ratchet
