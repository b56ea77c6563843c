// Loops that the compiler may also build for wide registers, chosen when the module is loaded. The operations and
// their order are the same either way, and so are the numbers.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define TRUCELINE_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define TRUCELINE_WIDE
#endif
