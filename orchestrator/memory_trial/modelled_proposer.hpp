#pragma once

#include <cstdint>
#include <vector>

#include "orchestrator/memory_trial/idea_pool.hpp"
#include "orchestrator/memory_trial/prompt_reading.hpp"

namespace ratchet {

/// What the model of a proposer hands in.
struct ModelledProposal {
    IdeaId idea;
    Wording wording;
    Implementation implementation;
};

/// A proposer without a memory of its own: it thinks of ideas by popularity and hands in the first that it
/// does not recognise in its prompt. One for each experiment.
class ModelledProposer {
  public:
    /// `seed` is of this experiment: the same ideas come to mind in the same order whatever the prompt says.
    ModelledProposer(const IdeaPool& pool, const PromptReading& reading, std::uint64_t seed)
        : pool_(pool), reading_(reading), random_(seed) {}

    /// Where it recognises `most_thoughts` in a row, it hands in the last of them all the same.
    ModelledProposal propose();
    /// Its proposal came back: this was tried before.
    void told_of(IdeaId idea) { told_.push_back(idea); }

    static constexpr int most_thoughts = 300;

  private:
    [[nodiscard]] bool avoids(const ModelledProposal& proposal) const;

    const IdeaPool& pool_;
    const PromptReading& reading_;
    RandomNumbers random_;
    std::vector<IdeaId> told_;
};

}  // namespace ratchet
