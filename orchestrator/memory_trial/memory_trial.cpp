#include "orchestrator/memory_trial/memory_trial.hpp"

#include <algorithm>
#include <exception>
#include <thread>

#include "orchestrator/memory_trial/trial_night.hpp"

namespace ratchet {

const std::vector<MemoryArm>& memory_arms() {
    static const std::vector<MemoryArm> arms = {{"none", PromptMemory::none, false},
                                                {"kept", PromptMemory::kept, false},
                                                {"last-20", PromptMemory::last_20, false},
                                                {"digest", PromptMemory::digest, false},
                                                {"digest+check", PromptMemory::digest, true}};
    return arms;
}

MemoryTrialFigures try_memory(const MemoryTrialRequest& request, const MemoryArm& arm) {
    std::vector<std::vector<NightAtMark>> nights(static_cast<std::size_t>(request.nights));
    const int threads = std::max(1, request.threads);
    std::vector<std::exception_ptr> failures(static_cast<std::size_t>(threads));
    std::vector<std::jthread> workers;
    for (int first = 0; first < threads; ++first) {
        workers.emplace_back([&, first] {
            try {
                for (int night = first; night < request.nights; night += threads)
                    nights[static_cast<std::size_t>(night)] = TrialNight(request, arm, night).run();
            } catch (...) {
                failures[static_cast<std::size_t>(first)] = std::current_exception();
            }
        });
    }
    workers.clear();
    for (const std::exception_ptr& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
    MemoryTrialFigures figures{arm, {}};
    for (std::size_t mark = 0; mark < request.marks.size(); ++mark) {
        figures.marks.emplace_back();
        for (const auto& night : nights)
            figures.marks.back().push_back(night[mark]);
    }
    return figures;
}

}  // namespace ratchet
