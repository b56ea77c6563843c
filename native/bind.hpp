// What each source file adds to the module.
#pragma once

#include <nanobind/nanobind.h>

namespace truceline {

void bind_approach(nanobind::module_& m);
void bind_geodesy(nanobind::module_& m);
void bind_region(nanobind::module_& m);
void bind_visits(nanobind::module_& m);
void bind_judge(nanobind::module_& m);
void bind_reach(nanobind::module_& m);
void bind_scan(nanobind::module_& m);
void bind_volumes(nanobind::module_& m);
void bind_stream(nanobind::module_& m);

}  // namespace truceline
