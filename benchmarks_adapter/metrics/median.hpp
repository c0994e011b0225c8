#pragma once

#include <span>

namespace ratchet {

/// The middle value, or the mean of the two in the middle. Precondition: not empty.
double median(std::span<const double> values);

}  // namespace ratchet
