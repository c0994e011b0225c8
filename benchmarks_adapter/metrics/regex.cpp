#include <fmt/format.h>

#include <boost/regex.hpp>

#include "benchmarks_adapter/metrics/metric_reader.hpp"
#include "benchmarks_adapter/metrics/output_text.hpp"

// Boost's regular expressions, because the standard library's recurse: a long line overflows the stack. These
// give up with an exception when a match gets too costly.

namespace ratchet {

MetricReading read_regex(const std::string& text, const std::string& metric, const std::string& pattern) {
    MetricReading reading;
    try {
        const boost::regex expression(pattern, boost::regex::ECMAScript);
        if (expression.mark_count() < 1) {
            reading.error = fmt::format("the pattern {} has no group for the number", in_quotes(pattern));
            return reading;
        }
        boost::sregex_iterator match(text.begin(), text.end(), expression, boost::match_not_dot_newline);
        for (; match != boost::sregex_iterator(); ++match) {
            if (!(*match)[1].matched) continue;
            const std::string group = (*match)[1].str();
            const auto number = whole_number(group);
            if (const auto* problem = std::get_if<std::string>(&number)) {
                reading.error = fmt::format("metric {}: {}", metric, *problem);
                break;
            }
            const double value = std::get<double>(number);
            const auto [place, is_new] = reading.metrics.try_emplace(metric, Metric{value, ""});
            if (!is_new && place->second.value != value) {
                reading.error = fmt::format("metric {} has two different values, {} and {}", metric,
                                            place->second.value, value);
                break;
            }
        }
        if (reading.metrics.empty() && reading.error.empty()) {
            reading.error = fmt::format("nothing in the output matches {}", in_quotes(pattern));
        }
    } catch (const boost::regex_error&) {
        reading.error = fmt::format("{} is not a regular expression", in_quotes(pattern));
    } catch (const std::runtime_error&) {
        reading.error = fmt::format("the pattern {} is too costly on this output", in_quotes(pattern));
    }
    if (!reading.error.empty()) reading.metrics.clear();
    return reading;
}

}  // namespace ratchet
