// Columns from and to Python, without copying in.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace truceline {

namespace nb = nanobind;

// A column given by the caller: read only, one dimension, contiguous.
template <typename T>
using Column = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
// Rows given by the caller: read only, shape (n, W), contiguous.
template <typename T, int W>
using Rows = nb::ndarray<const T, nb::shape<-1, W>, nb::c_contig, nb::device::cpu>;
using NumpyArray = nb::ndarray<nb::numpy>;

// A numpy array that owns what a vector held; `width` 0 makes one dimension, else shape (n, width).
template <typename T>
nb::ndarray<nb::numpy, T> to_numpy(std::vector<T>&& values, size_t width = 0) {
  auto* held = new std::vector<T>(std::move(values));
  nb::capsule owner(held, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  if (width == 0) return nb::ndarray<nb::numpy, T>(held->data(), {held->size()}, owner);
  return nb::ndarray<nb::numpy, T>(held->data(), {held->size() / width, width}, owner);
}

}  // namespace truceline
