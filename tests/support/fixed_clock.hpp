#pragma once

#include "experiment_store/values.hpp"

namespace ratchet::test {

/// It is always the same second.
class FixedClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override { return Timestamp(std::chrono::seconds(1'700'000'000)); }
};

}  // namespace ratchet::test
