#include "benchmarks_adapter/simulation/noise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

/// Noise whose runs are `run_seconds` times e to the power of what the model draws.
class ModelledNoise : public Noise {
  public:
    ModelledNoise(double deviation, double run_seconds) : deviation_(deviation), run_seconds_(run_seconds) {}
    void pause(RandomNumbers&) override {}
    double run(RandomNumbers& random) final { return run_seconds_ * std::exp(logarithm(random)); }

  protected:
    [[nodiscard]] double deviation() const { return deviation_; }
    /// How far ln of the next run lies from that of a typical one.
    virtual double logarithm(RandomNumbers& random) = 0;

  private:
    double deviation_;
    double run_seconds_;
};

class NormalNoise final : public ModelledNoise {
  public:
    using ModelledNoise::ModelledNoise;

  protected:
    double logarithm(RandomNumbers& random) override { return deviation() * random.normal(); }
};

class HeavyNoise final : public ModelledNoise {
  public:
    using ModelledNoise::ModelledNoise;

  protected:
    double logarithm(RandomNumbers& random) override {
        // t of 3 degrees of freedom: a normal number over the root of a mean of three squares. Its upper
        // quartile, 0.7649, makes 1.4826 x MAD = 1.134.
        constexpr double robust_scale_of_t3 = 1.134;
        double squares = 0;
        for (int i = 0; i < 3; ++i) {
            const double draw = random.normal();
            squares += draw * draw;
        }
        return deviation() / robust_scale_of_t3 * random.normal() / std::sqrt(squares / 3);
    }
};

class DriftingNoise final : public ModelledNoise {
  public:
    using ModelledNoise::ModelledNoise;
    void pause(RandomNumbers& random) override { level_ += 2 * deviation() * random.normal(); }

  protected:
    double logarithm(RandomNumbers& random) override {
        constexpr double pull = 1.0 / 200;
        level_ += deviation() / 5 * random.normal() - pull * level_;
        return level_ + deviation() * random.normal();
    }

  private:
    double level_ = 0;
};

class BurstyNoise final : public ModelledNoise {
  public:
    using ModelledNoise::ModelledNoise;

  protected:
    double logarithm(RandomNumbers& random) override {
        constexpr double begins = 1.0 / 100;
        constexpr double ends = 1.0 / 20;
        const double draw = random.uniform();
        bursting_ = bursting_ ? draw >= ends : draw < begins;
        const double late = bursting_ ? -10 * deviation() * std::log(random.uniform()) : 0;
        return late + deviation() * random.normal();
    }

  private:
    bool bursting_ = false;
};

class RecordedNoise final : public Noise {
  public:
    explicit RecordedNoise(std::shared_ptr<const std::vector<double>> run_seconds)
        : run_seconds_(std::move(run_seconds)) {}
    void pause(RandomNumbers& random) override { place_ = random.next() % run_seconds_->size(); }
    double run(RandomNumbers&) override { return (*run_seconds_)[place_++ % run_seconds_->size()]; }

  private:
    std::shared_ptr<const std::vector<double>> run_seconds_;
    std::size_t place_ = 0;
};

template <typename Kind>
NoiseModel modelled(double deviation, double run_seconds) {
    return [=] { return std::make_unique<Kind>(deviation, run_seconds); };
}

/// The place of the column in a line of CSV, from 0.
std::optional<std::size_t> column_of(std::string_view head, std::string_view name) {
    for (std::size_t column = 0;; ++column) {
        const std::size_t comma = head.find(',');
        if (head.substr(0, comma) == name) return column;
        if (comma == std::string_view::npos) return std::nullopt;
        head.remove_prefix(comma + 1);
    }
}

std::optional<double> number_in(std::string_view line, std::size_t column) {
    for (; column > 0; --column) {
        const std::size_t comma = line.find(',');
        if (comma == std::string_view::npos) return std::nullopt;
        line.remove_prefix(comma + 1);
    }
    double value = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), value);
    if (read.ec != std::errc() || !std::isfinite(value) || value <= 0) return std::nullopt;
    return value;
}

/// "2%" or "0.02" as a fraction.
std::optional<double> fraction_of(std::string_view text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view rest(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
    if (read.ec != std::errc() || (rest != "%" && !rest.empty())) return std::nullopt;
    const double fraction = rest == "%" ? value / 100 : value;
    if (!(fraction > 0) || fraction > 1) return std::nullopt;
    return fraction;
}

}  // namespace

NoiseModel normal_noise(double deviation, double run_seconds) {
    return modelled<NormalNoise>(deviation, run_seconds);
}

NoiseModel heavy_noise(double deviation, double run_seconds) {
    return modelled<HeavyNoise>(deviation, run_seconds);
}

NoiseModel drifting_noise(double deviation, double run_seconds) {
    return modelled<DriftingNoise>(deviation, run_seconds);
}

NoiseModel bursty_noise(double deviation, double run_seconds) {
    return modelled<BurstyNoise>(deviation, run_seconds);
}

NoiseModel recorded_noise(std::vector<double> run_seconds) {
    const auto shared = std::make_shared<const std::vector<double>>(std::move(run_seconds));
    return [shared] { return std::make_unique<RecordedNoise>(shared); };
}

std::vector<double> read_trace(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    if (!in || !std::getline(in, line)) {
        throw UserError(fmt::format("the trace {} cannot be read", file.string()),
                        "`ratchet check --record-noise FILE` makes one");
    }
    auto column = column_of(line, "value");
    if (!column) column = column_of(line, "wall");
    if (!column) {
        throw UserError(
            fmt::format("the trace {} has no column `value` or `wall` in its first line", file.string()),
            "a trace is CSV with a head line; `value` holds the metric of each run, `wall` its milliseconds");
    }
    std::vector<double> seconds;
    while (std::getline(in, line)) {
        const auto milliseconds = number_in(line, *column);
        if (!milliseconds) {
            throw UserError(
                fmt::format("line {} of the trace {} has no number above zero where its value should be",
                            seconds.size() + 2, file.string()),
                "the noise of a metric that can be zero or negative cannot be simulated");
        }
        seconds.push_back(*milliseconds / 1000);
    }
    constexpr std::size_t fewest_runs = 200;
    if (seconds.size() < fewest_runs) {
        throw UserError(fmt::format("the trace {} has {} runs only", file.string(), seconds.size()),
                        fmt::format("a night needs {} different ones at the least", fewest_runs));
    }
    return seconds;
}

std::string trace_text(std::span<const Pair> pairs) {
    std::string text = "value,wall,ut,st,nivcsw,steal,psi\n";
    const auto add = [&](const Sample& sample) {
        const RunFigures& figures = sample.figures;
        text +=
            fmt::format("{},{:.3f},{:.3f},{:.3f},{},{},{:.0f}\n", sample.value, 1e3 * figures.wall_seconds,
                        1e3 * figures.user_seconds, 1e3 * figures.system_seconds,
                        figures.involuntary_switches, figures.steal_ticks, 1e6 * figures.pressure_seconds);
    };
    for (const Pair& pair : pairs) {
        add(pair.candidate_first ? pair.candidate : pair.champion);
        add(pair.candidate_first ? pair.champion : pair.candidate);
    }
    return text;
}

NoiseModel noise_named(const std::string& name, double run_seconds) {
    const std::size_t colon = name.find(':');
    const std::string kind = name.substr(0, colon);
    if (const auto deviation = colon == std::string::npos
                                   ? std::nullopt
                                   : fraction_of(std::string_view(name).substr(colon + 1))) {
        if (kind == "normal") return normal_noise(*deviation, run_seconds);
        if (kind == "heavy") return heavy_noise(*deviation, run_seconds);
        if (kind == "drift") return drifting_noise(*deviation, run_seconds);
        if (kind == "bursts") return bursty_noise(*deviation, run_seconds);
    }
    if (!std::filesystem::exists(name)) {
        throw UserError(fmt::format("there is no noise \"{}\"", name),
                        "say normal:2%, heavy:2%, drift:2%, bursts:2%, or the file of a recorded trace");
    }
    return recorded_noise(read_trace(name));
}

}  // namespace ratchet
