"""The reading pass: the least that any answer must do, to read all five columns once.

A small C loop, compiled with all that the machine's processor has, adds up every column; where there is no compiler
numpy does. Both are tried and the faster one is the pass that ours is measured against.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.ground import Column5
from bench.harness import timed

_SOURCE = r"""
#include <stdint.h>
double read5(const int32_t *m, const int64_t *t, const double *x, const double *y, const double *a, int64_t n) {
  double floats = 0.0;
  int64_t whole = 0;
  for (int64_t from = 0; from < n; from += 4096) {
    const int64_t to = from + 4096 < n ? from + 4096 : n;
    for (int64_t i = from; i < to; ++i) whole += m[i];
    for (int64_t i = from; i < to; ++i) whole += t[i];
    for (int64_t i = from; i < to; ++i) floats += x[i];
    for (int64_t i = from; i < to; ++i) floats += y[i];
    for (int64_t i = from; i < to; ++i) floats += a[i];
  }
  return floats + (double)(whole & 0xffff);
}
"""


def compiled() -> Callable[[Column5], float] | None:
    """The loop in C, or None where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="bench-read-"))
    source, library = folder / "read5.c", folder / "read5.so"
    source.write_text(_SOURCE, encoding="ascii")
    # Sums may be reordered; but not -ffast-math, which makes a library that rounds small numbers of its host to 0.
    words = [compiler, "-O3", "-march=native", "-funroll-loops", "-shared", "-fPIC"]
    words += ["-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math", "-ffinite-math-only"]
    subprocess.run([*words, "-o", library, source], check=True)
    function = ctypes.CDLL(str(library)).read5
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_void_p] * 5 + [ctypes.c_int64]
    shutil.rmtree(folder)

    def run(columns: Column5) -> float:
        pointers = [column.ctypes.data for column in columns.as_dict().values()]
        return float(function(*pointers, len(columns)))

    return run


def by_numpy(columns: Column5) -> float:
    return sum(float(np.add.reduce(column)) for column in columns.as_dict().values())


def fastest(columns: Column5) -> tuple[str, Callable[[Column5], float]]:
    """The faster of the two passes on these columns, and its name."""
    passes: dict[str, Callable[[Column5], float]] = {"numpy": by_numpy}
    made = compiled()
    if made is not None:
        passes["C"] = made
    took = {
        name: min(timed(lambda run=run: run(columns))[1].wall_s for _ in range(3))
        for name, run in passes.items()
    }
    name = min(took, key=lambda key: took[key])
    return name, passes[name]
