#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "benchmarks_adapter/inference.hpp"

namespace ratchet {
namespace {

/// c^2: the effect's prior is normal about zero with the noise's own variance, so it counts as one more pair.
constexpr double prior_pairs = 1;

double residual(const Moments& differences, const Moments& calibration) {
    return calibration.squares + differences.squares -
           differences.sum * differences.sum / (differences.count + prior_pairs);
}

}  // namespace

Moments moments_of(std::span<const double> values) {
    Moments moments;
    for (const double value : values)
        moments.add(value);
    return moments;
}

void Moments::add(double difference) {
    count += 1;
    sum += difference;
    squares += difference * difference;
}

double calibrated_log_bound(const Moments& differences, const Moments& calibration) {
    const double spread = residual(differences, calibration);
    const double total = calibration.squares + differences.squares;
    if (!(total > 0) || !(spread > 0)) return 0;
    const double degrees = differences.count + calibration.count;
    return 0.5 * std::log(prior_pairs / (differences.count + prior_pairs)) +
           degrees / 2 * std::log(total / spread);
}

double calibrated_e_value(const Moments& differences, const Moments& calibration) {
    const double spread = residual(differences, calibration);
    if (differences.count == 0 || !(spread > 0)) return 1;
    const double degrees = differences.count + calibration.count;
    const double t =
        differences.sum * std::sqrt(degrees) / std::sqrt((differences.count + prior_pairs) * spread);
    const double positive = boost::math::cdf(boost::math::students_t(degrees), t);
    return 2 * positive * std::exp(std::min(calibrated_log_bound(differences, calibration), 690.0));
}

double calibrated_e_value(std::span<const double> differences, std::span<const double> calibration) {
    return calibrated_e_value(moments_of(differences), moments_of(calibration));
}

}  // namespace ratchet
