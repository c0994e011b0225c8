#include "orchestrator/briefing/shares.hpp"

#include <algorithm>

namespace ratchet {
namespace {

/// Between parts stands an empty line.
constexpr std::size_t separator = 1;

std::size_t cost_of(const std::string& text) {
    return text.empty() ? 0 : text.size() + separator;
}

class SharedRoom {
  public:
    SharedRoom(const std::vector<PromptPart>& parts, std::size_t limit) : parts_(parts), left_(limit) {
        for (const PromptPart& part : parts) {
            wanted_.push_back(part.write(limit));
            const std::size_t share = limit * part.share / 100;
            const bool has_all = cost_of(wanted_.back()) <= share;
            asked_.push_back(has_all ? limit : share - std::min(share, separator));
            texts_.push_back(has_all ? wanted_.back() : part.write(asked_.back()));
            left_ -= cost_of(texts_.back());
        }
    }

    [[nodiscard]] bool is_missing(std::size_t part) const {
        return texts_[part].empty() && !wanted_[part].empty();
    }

    /// Gives a part that was cut off all that is left; it takes what it can use.
    void top_up(std::size_t part) {
        if (texts_[part].size() == wanted_[part].size()) return;
        const std::size_t room = left_ + cost_of(texts_[part]);
        if (room <= asked_[part] + separator) return;
        asked_[part] = room - separator;
        std::string text = parts_[part].write(asked_[part]);
        if (text.size() <= texts_[part].size()) return;
        left_ = room - cost_of(text);
        texts_[part] = std::move(text);
    }

    [[nodiscard]] std::vector<std::string> texts() && { return std::move(texts_); }

  private:
    const std::vector<PromptPart>& parts_;
    std::vector<std::string> wanted_;
    std::vector<std::string> texts_;
    std::vector<std::size_t> asked_;  ///< into how much room they were written; less makes them no longer
    std::size_t left_;
};

}  // namespace

std::vector<std::string> write_parts(const std::vector<PromptPart>& parts, std::size_t limit,
                                     std::size_t first) {
    SharedRoom room(parts, limit);
    for (std::size_t part = 0; part < parts.size(); ++part) {
        if (room.is_missing(part)) room.top_up(part);
    }
    room.top_up(first);
    for (std::size_t part = 0; part < parts.size(); ++part)
        room.top_up(part);
    return std::move(room).texts();
}

}  // namespace ratchet
