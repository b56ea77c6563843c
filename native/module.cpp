// truceline.kernels._native: arrays of numbers in, arrays of numbers out. One bind function a source file.
#include "bind.hpp"

NB_MODULE(_native, m) {
  m.doc() = "The compiled kernels. Use them through truceline.kernels.";
  truceline::bind_approach(m);
  truceline::bind_geodesy(m);
  truceline::bind_region(m);
  truceline::bind_visits(m);
  truceline::bind_judge(m);
  truceline::bind_reach(m);
  truceline::bind_scan(m);
  truceline::bind_volumes(m);
  truceline::bind_stream(m);
}
