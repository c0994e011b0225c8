#include "benchmarks_adapter/simulation/prior.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

double mixed_effect(RandomNumbers& random) {
    const double kind = random.uniform();
    const double size = std::abs(random.normal());
    if (kind < 0.45) return 0;
    return kind < 0.85 ? -0.03 * size : 0.02 * size;
}

double rare_effect(RandomNumbers& random) {
    const double kind = random.uniform();
    const double size = 0.01 + 0.03 * random.uniform();
    if (kind < 0.75) return 0;
    return kind < 0.90 ? -size : size;
}

std::vector<double> effects_in(const std::string& file) {
    std::ifstream in(file);
    std::vector<double> effects;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        line = line.substr(0, line.find('#'));
        const std::size_t start = line.find_first_not_of(" \t\r");
        if (start == std::string::npos) continue;
        double percent = 0;
        const auto read = std::from_chars(line.data() + start, line.data() + line.size(), percent);
        const std::string_view rest(read.ptr, static_cast<std::size_t>(line.data() + line.size() - read.ptr));
        const bool ends = rest.find_first_not_of(" \t\r%") == std::string_view::npos;
        if (read.ec != std::errc() || !ends || !(percent > -100) || !(percent < 1e6)) {
            throw UserError(fmt::format("line {} of {} is no effect in per cent", number, file),
                            "write one number a line: 2.5 for a gain of 2.5 %, -1 for a loss, 0 for nothing");
        }
        effects.push_back(std::log1p(percent / 100));
    }
    if (effects.empty()) throw UserError(fmt::format("{} holds no effects", file), "write one number a line");
    return effects;
}

}  // namespace

const std::vector<Prior>& prior_presets() {
    static const std::vector<Prior> presets = {
        {"mixed", "120 proposals: 45 % nothing, 40 % losses |N(0, 3 %)|, 15 % gains |N(0, 2 %)|", 120,
         mixed_effect},
        {"rare", "200 proposals: 75 % nothing, 15 % losses and 10 % gains of 1 to 4 %", 200, rare_effect},
        {"none", "200 proposals that change nothing", 200, [](RandomNumbers&) { return 0.0; }}};
    return presets;
}

Prior prior_named(const std::string& name) {
    for (const Prior& preset : prior_presets()) {
        if (preset.name == name) return preset;
    }
    if (!std::ifstream(name)) {
        throw UserError(fmt::format("there are no proposals \"{}\"", name),
                        "say mixed, rare, none, or a file with one true effect a line, in per cent");
    }
    const std::vector<double> effects = effects_in(name);
    const int count = static_cast<int>(effects.size());
    return {name, fmt::format("{} proposals, drawn from {}", count, name), count,
            [effects](RandomNumbers& random) { return effects[random.next() % effects.size()]; }};
}

}  // namespace ratchet
