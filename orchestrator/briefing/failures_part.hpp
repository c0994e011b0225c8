#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "orchestrator/briefing/dense_list.hpp"
#include "orchestrator/briefing/digest.hpp"

namespace ratchet {

/// Part 4 of the prompt: what was tried and did not work. All of it in a line each while that fits. Else the
/// most useful in a line each, and all others in a dense list, with as much of their ideas as there is room
/// for; what is still left of the room makes more lines. Else as many as fit in the shortest form: those
/// since the champion was made first, else a sample. What is not shown is counted.
class FailuresPart {
  public:
    /// Both must outlive it. It is written several times: what does not depend on the room is made once.
    FailuresPart(const Campaign& campaign, const DigestFacts& facts);

    /// At most `room` bytes; empty, or ends with a line feed.
    std::string write(std::size_t room);

  private:
    struct LineForm {
        std::size_t idea;
        std::size_t reason;  ///< 0: without
        std::size_t files;
    };
    static constexpr std::size_t line_forms = 5;
    static const std::array<LineForm, line_forms> forms;

    /// Which of the failures stand in which list.
    struct Choice {
        std::vector<std::size_t> in_lines;
        std::vector<std::size_t> in_dense_list;
        std::size_t idea_bytes = 0;  ///< of the dense list
    };

    /// Whether the recalled failures are all there are.
    [[nodiscard]] bool is_whole() const { return recalled_ == facts_.failures.in_all; }
    const std::string& line(std::size_t form, std::size_t fold);
    [[nodiscard]] std::string write_line(const LineForm& form, const FailureFold& fold) const;
    /// The `i`th of the lines in a crowd.
    const std::string& crowded_line(const std::vector<std::size_t>& order, std::size_t i);
    /// Of the first `count` of them; where they have no room, only that this is too much.
    std::size_t bytes_of_lines(const std::vector<std::size_t>& order, std::size_t count, std::size_t room);
    DenseList& dense_list();
    [[nodiscard]] std::int64_t failures_in(const std::vector<std::size_t>& chosen) const;
    [[nodiscard]] std::vector<std::size_t> by_use() const;

    std::optional<std::size_t> form_for_all(std::size_t room);
    Choice choose(std::size_t room);
    std::string write_in_a_crowd(std::size_t room);

    const Campaign& campaign_;
    const DigestFacts& facts_;
    std::int64_t recalled_ = 0;                               ///< failures that the folds stand for
    std::array<std::vector<std::string>, line_forms> lines_;  ///< empty: not yet written
    std::optional<DenseList> dense_list_;
};

}  // namespace ratchet
