// Could a mover have got into a region between two fixes, going no faster than it can?
#pragma once

#include "region.hpp"

namespace truceline {

// Is there a point at least `threshold_m` deep on some way from a to b no longer than `budget_m`? False is a proof;
// true may be short of one by 25 m, or by a hundredth of the budget where that is more.
bool reachable(const Region& region, Hints& hints, LonLat a, LonLat b, double budget_m, double threshold_m);

}  // namespace truceline
