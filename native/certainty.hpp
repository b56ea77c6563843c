// How sure: the normal distribution, the spread of a mean of correlated errors, windows of time.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace truceline {

// One standard deviation an axis of a 95 % radius in two dimensions; one of a 95 % half-width.
constexpr double kSigmaPerR95 = 0.40853898265363493;          // 1 / sqrt(-2 ln 0.05)
constexpr double kSigmaPerHalfwidth95 = 0.5102134569246539;   // 1 / 1.959963984540054

inline double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }
double normal_quantile(double p);

// Variance of the mean of errors whose correlation falls off as exp(-|dt| / correlation_s); times in order.
double mean_variance(const double* t_s, const double* sigma_m, size_t count, double correlation_s);

// The end of the window that starts at `first`: it spans `width_us`, half-open.
size_t window_end(const int64_t* t_us, size_t first, size_t end, int64_t width_us);

// What the judges agree on (docs/explain/certainty.md).
struct Level {
  double window_s, correlation_s, error_level, single_fix_sigmas, exact_m;
  int64_t window_us() const { return static_cast<int64_t>(std::nearbyint(window_s * 1e6)); }
  double sigmas_needed(size_t windows_count) const;
};

}  // namespace truceline
