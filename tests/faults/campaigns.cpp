#include "tests/faults/campaigns.hpp"

#include <utility>

namespace ratchet::test {
namespace {

constexpr const char* preparation =
    "\n[prepare]\ncommand = \"mkdir deps && echo 1 > deps/one\"\ninputs = [\"guarded/rules.txt\"]\n"
    "outputs = [\"deps\"]\n";

std::pair<std::string, std::string> with_a_cache() {
    return {"[build]\ncommand = \"",
            "[build]\ncache = [\"made\"]\ncommand = \"mkdir -p made; date > made/it; "};
}

/// What the usual campaign does not have: a step that prepares, a cache, a sabotage, a held-out benchmark,
/// and the other verbs that write.
FaultSettings everything_else() {
    FaultSettings settings;
    settings.more = std::string(preparation) +
                    "\n[canary]\ncommand = \"echo 2000 > src/cost.txt\"\n\n"
                    "[holdout]\ncommand = \"sh src/bench.sh\"\nmetric = \"cost\"\n";
    settings.changes = {with_a_cache()};
    settings.patches = {0, 1, 11};
    settings.verbs = {{"run"}, {"verify", "--each"}, {"note", "a thought"}, {"veto", "1"}, {"run"}};
    return settings;
}

/// Trees are copied, where nothing can be mounted over them.
FaultSettings copied() {
    FaultSettings settings;
    settings.tier = "none";
    settings.more = preparation;
    settings.changes = {with_a_cache()};
    settings.patches = {0, 3, 11};
    return settings;
}

/// An experiment in flight whose ground is taken back: its pairs are discarded, and it is rebased.
FaultSettings moved_champion() {
    FaultSettings settings;
    settings.patches = {0, 11};
    settings.begun = Passing{"ledger/store_proposal committed", 2};
    settings.verbs = {{"veto", "1"}, usual_run};
    return settings;
}

/// A proposer that is asked, and not replayed. Through a gateway, whose model it does without.
FaultSettings asked() {
    FaultSettings settings;
    settings.changes = {
        {"use = \"replay\"\npatches = \"proposals\"",
         "use = \"command\"\ncommand = \"echo $(($(cat src/cost.txt) / 2)) > src/cost.txt; echo done\"\n"
         "gateway = \"on\"\nendpoint = \"http://127.0.0.1:9\""},
        {"experiments = 100", "experiments = 2"}};
    return settings;
}

/// An answer that repeats a failed experiment, and is asked for once more.
FaultSettings given_back() {
    FaultSettings settings;
    settings.changes = {{"use = \"replay\"\npatches = \"proposals\"",
                         R"(use = "command"
command = "if grep -q 'asked once more'; then echo 900; else printf '1100%*s\\n' $(tr -dc 0-9 < $RATCHET_BRIEF | head -c 1) ''; fi > src/cost.txt")"},
                        {"experiments = 100", "experiments = 2"}};
    return settings;
}

/// A gate that failed, given back to be mended; and two proposers that take turns.
FaultSettings mended() {
    FaultSettings settings;
    settings.changes = {
        {"command = \"test \\\"$(cat src/gate.txt)\\\" = ok\"", "command = \"! grep -qx 900 src/cost.txt\""},
        {"[proposer]\nuse = \"replay\"\npatches = \"proposals\"",
         R"([[proposer]]
use = "command"
repair = 1
command = "if grep -q 'is to be mended' $RATCHET_PROMPT; then echo '900 '; else echo 900; fi > src/cost.txt"
[[proposer]]
use = "replay"
patches = "proposals")"},
        {"experiments = 100", "experiments = 4"}};
    return settings;
}

/// From a near miss to what counts, which is measured against the champion that both stand on.
FaultSettings branched() {
    FaultSettings settings;
    settings.changes = {{"use = \"replay\"", "use = \"replay\"\npolicy = \"tree\""}};
    settings.costs = {{1000, 995}, {995, 985}, {985, 900}};
    return settings;
}

/// What was tried elsewhere and before: brought in, and measured again.
FaultSettings history() {
    FaultSettings settings;
    settings.patches = {0};
    settings.verbs = {usual_run,
                      {"import", RATCHET_SOURCE "/tests/data/exchange/results_table/results.tsv"},
                      {"replay", "1"}};
    return settings;
}

}  // namespace

const std::map<std::string, FaultSettings>& campaigns() {
    static const std::map<std::string, FaultSettings> all = {
        {"usual", {}},          {"everything_else", everything_else()},
        {"copied", copied()},   {"moved_champion", moved_champion()},
        {"asked", asked()},     {"given_back", given_back()},
        {"history", history()}, {"branched", branched()},
        {"mended", mended()}};
    return all;
}

}  // namespace ratchet::test
