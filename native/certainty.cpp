#include "certainty.hpp"

#include <algorithm>
#include <limits>

namespace truceline {
namespace {

// M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988),
// routine PPND16: centre, shoulder and tail; highest power first.
constexpr double kCentreNum[8] = {2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513, 133.14166789178438, 3.3871328727963665};
constexpr double kCentreDen[8] = {5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579, 42.31333070160091, 1.0};
constexpr double kShoulderNum[8] = {0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835};
constexpr double kShoulderDen[8] = {1.0507500716444169e-09, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851, 1.6763848301838038, 2.053191626637759, 1.0};
constexpr double kTailNum[8] = {2.0103343992922881e-07, 2.7115555687434876e-05, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103};
constexpr double kTailDen[8] = {2.0442631033899397e-15, 1.421511758316446e-07, 1.8463183175100548e-05, 0.0007868691311456133, 0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1.0};

double ratio(const double* numerator, const double* denominator, double x) {
  double over = 0.0, under = 0.0;
  for (int k = 0; k < 8; ++k) {
    over = over * x + numerator[k];
    under = under * x + denominator[k];
  }
  return over / under;
}

}  // namespace

double normal_quantile(double p) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (p == 0.0) return -inf;
  if (p == 1.0) return inf;
  if (!(p > 0.0 && p < 1.0)) return std::numeric_limits<double>::quiet_NaN();
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) return ratio(kCentreNum, kCentreDen, 0.180625 - q * q) * q;
  const double r = std::sqrt(-std::log(std::min(p, 1.0 - p)));
  const double outer = r <= 5.0 ? ratio(kShoulderNum, kShoulderDen, r - 1.6) : ratio(kTailNum, kTailDen, r - 5.0);
  return std::copysign(outer, q);
}

// The double sum over all pairs, exactly, in one pass: what the earlier errors add falls off by the same factor for
// all of them from one fix to the next.
double mean_variance(const double* t_s, const double* sigma_m, size_t count, double correlation_s) {
  double own = 0.0, shared = 0.0, carried = 0.0;
  double last_gap = -1.0, fall = 0.0;
  for (size_t k = 0; k < count; ++k) {
    if (k > 0 && correlation_s > 0.0) {
      const double gap = t_s[k] - t_s[k - 1];
      if (gap != last_gap) last_gap = gap, fall = std::exp(-gap / correlation_s);
      carried = (carried + sigma_m[k - 1]) * fall;
      shared += sigma_m[k] * carried;
    }
    own += sigma_m[k] * sigma_m[k];
  }
  const double n = static_cast<double>(count);
  return (own + 2.0 * shared) / (n * n);
}

size_t window_end(const int64_t* t_us, size_t first, size_t end, int64_t width_us) {
  const int64_t limit = t_us[first] + width_us;
  size_t step = 1, at = first;
  while (at + step < end && t_us[at + step] < limit) {
    at += step;
    step *= 2;
  }
  const size_t stop = std::min(at + step, end);
  return static_cast<size_t>(std::lower_bound(t_us + at, t_us + stop, limit) - t_us);
}

double Level::sigmas_needed(size_t windows_count) const {
  return std::max(single_fix_sigmas,
                  normal_quantile(1.0 - error_level / static_cast<double>(std::max<size_t>(windows_count, 1))));
}

}  // namespace truceline
