#pragma once

#include <cstdint>

// Random numbers that are the same on every machine and with every library, so that a judgement can be
// repeated.

namespace ratchet {

/// A bijective scramble of 64 bits (the finaliser of SplitMix64; Steele, Lea & Flood, OOPSLA 2014).
std::uint64_t scrambled(std::uint64_t value);

/// SplitMix64 with what the simulations need of it.
class RandomNumbers {
  public:
    explicit RandomNumbers(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next();
    /// In (0, 1).
    double uniform();
    /// Standard normal (Box and Muller).
    double normal();
    /// Chi-square with `degrees` of freedom divided by `degrees` (Wilson and Hilferty's approximation);
    /// positive.
    double chi_square_ratio(double degrees);

  private:
    std::uint64_t state_;
    double spare_ = 0;
    bool has_spare_ = false;
};

}  // namespace ratchet
