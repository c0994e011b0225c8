#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "experiment_store/campaign.hpp"
#include "orchestrator/proposers/proposer.hpp"

namespace ratchet {

/// The proposers of a campaign, each made for the campaign as it sees it.
class Proposers {
  public:
    using Make = std::function<std::unique_ptr<Proposer>(const Campaign& as_it_sees_it)>;

    Proposers(const Campaign& campaign, const Make& make);

    /// The one of this name; the first, where the campaign file does not have that name (any more): an
    /// experiment that was begun is asked for all the same.
    [[nodiscard]] Proposer& of(std::string_view name) const;

  private:
    struct Member {
        std::unique_ptr<const Campaign> campaign;  ///< at one place: the proposer may refer to it
        std::unique_ptr<Proposer> proposer;
    };
    std::vector<Member> members_;
};

}  // namespace ratchet
