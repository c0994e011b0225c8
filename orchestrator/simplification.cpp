#include "orchestrator/simplification.hpp"

#include <charconv>
#include <string_view>

namespace ratchet {
namespace {

/// How many lines of a side a hunk has: what stands behind "-" or "+" in "@@ -12,3 +12 @@".
long lines_in_hunk(std::string_view header, char side) {
    const std::size_t place = header.find(std::string{' ', side});
    if (place == std::string_view::npos) return 0;
    const std::string_view range = header.substr(place + 2, header.find(' ', place + 2) - place - 2);
    const std::size_t comma = range.find(',');
    if (comma == std::string_view::npos) return 1;
    long count = 0;
    std::from_chars(range.data() + comma + 1, range.data() + range.size(), count);
    return count;
}

struct Amount {
    long lines = 0;
    std::size_t bytes = 0;

    void add(std::string_view line) {
        if (line.find_first_not_of(" \t\r\f\v") == std::string_view::npos) return;
        ++lines;
        bytes += line.size();
    }
};

}  // namespace

bool simplifies(const Proposal& proposal) {
    Amount removed;
    Amount added;
    long old_lines = 0;  // that the hunk still has
    long new_lines = 0;
    std::string_view rest = proposal.diff;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (old_lines <= 0 && new_lines <= 0) {
            if (line.starts_with("GIT binary patch") || line.starts_with("Binary files ")) return false;
            if (!line.starts_with("@@ ")) continue;
            old_lines = lines_in_hunk(line, '-');
            new_lines = lines_in_hunk(line, '+');
        } else if (line.starts_with('-')) {
            removed.add(line.substr(1));
            --old_lines;
        } else if (line.starts_with('+')) {
            added.add(line.substr(1));
            --new_lines;
        } else if (!line.starts_with('\\')) {  // "\ No newline at end of file" is no line
            --old_lines;
            --new_lines;
        }
    }
    return removed.lines > added.lines && removed.bytes > added.bytes;
}

bool may_be_kept_as_not_worse(const Experiment& experiment) {
    return experiment.brief.move == Move::simplify && experiment.proposal && simplifies(*experiment.proposal);
}

double margin_of_now(const Campaign& campaign, const ErrorBudget& errors) {
    return margin_left(least_effect(rules_of(campaign)), errors.given_away);
}

void allow_margin(Rules& rules, const Experiment& experiment, const ErrorBudget& errors) {
    const std::optional<MarginTest>& begun = experiment.margin_test;
    rules.margin = begun ? begun->margin : margin_left(least_effect(rules), errors.given_away);
    rules.margin_test = begun ? begun->number : errors.margin_tests + 1;
    rules.margin_keeps = errors.kept_not_worse;
}

}  // namespace ratchet
