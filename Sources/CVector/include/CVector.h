// Sixteen floats at a time, as Clang vectors: they import into Swift as SIMD16<Float> and inline,
// where SIMD16<Float>.squareRoot() would run lane by lane (6 times slower in an Adam step).
#pragma once
#include <stdint.h>

#include "Normals.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma clang fp contract(off)

typedef float cvector_float16 __attribute__((ext_vector_type(16)));

/// Square root of each lane.
static inline __attribute__((always_inline)) cvector_float16 cvector_sqrt(cvector_float16 x) {
  return __builtin_elementwise_sqrt(x);
}

/// Absolute value of each lane.
static inline __attribute__((always_inline)) cvector_float16 cvector_abs(cvector_float16 x) {
  return __builtin_elementwise_abs(x);
}

typedef float cvector_float4 __attribute__((ext_vector_type(4)));

/// The sum of the lanes of each of four vectors, each lane after lane from the first on.
///
/// A sum of lanes in order is a chain of additions that wait for one another; four such chains side
/// by side take no longer than one.
static inline __attribute__((always_inline)) cvector_float4 cvector_sums(
    cvector_float16 a, cvector_float16 b, cvector_float16 c, cvector_float16 d) {
#define CVECTOR_ADD_FOUR(from, into)                                                        \
  {                                                                                         \
    const cvector_float4 aq = __builtin_shufflevector(a, a, from, from + 1, from + 2, from + 3); \
    const cvector_float4 bq = __builtin_shufflevector(b, b, from, from + 1, from + 2, from + 3); \
    const cvector_float4 cq = __builtin_shufflevector(c, c, from, from + 1, from + 2, from + 3); \
    const cvector_float4 dq = __builtin_shufflevector(d, d, from, from + 1, from + 2, from + 3); \
    const cvector_float4 ab0 = __builtin_shufflevector(aq, bq, 0, 4, 1, 5);                 \
    const cvector_float4 ab2 = __builtin_shufflevector(aq, bq, 2, 6, 3, 7);                 \
    const cvector_float4 cd0 = __builtin_shufflevector(cq, dq, 0, 4, 1, 5);                 \
    const cvector_float4 cd2 = __builtin_shufflevector(cq, dq, 2, 6, 3, 7);                 \
    into += __builtin_shufflevector(ab0, cd0, 0, 1, 4, 5);                                  \
    into += __builtin_shufflevector(ab0, cd0, 2, 3, 6, 7);                                  \
    into += __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);                                  \
    into += __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);                                  \
  }
  cvector_float4 sums = 0;
  CVECTOR_ADD_FOUR(0, sums)
  CVECTOR_ADD_FOUR(4, sums)
  CVECTOR_ADD_FOUR(8, sums)
  CVECTOR_ADD_FOUR(12, sums)
#undef CVECTOR_ADD_FOUR
  return sums;
}

/// Treats denormal numbers as zero in this thread (`on`), or as IEEE 754 says; returns whether it
/// did before. Always 0 on a machine that can't.
static inline int cvector_set_flush_denormals(int on) {
#if defined(__x86_64__)
  const unsigned bits = 0x8040;  // FTZ (bit 15) and DAZ (bit 6)
  const unsigned former = _mm_getcsr();
  _mm_setcsr(on ? (former | bits) : (former & ~bits));
  return (former & bits) == bits;
#elif defined(__aarch64__)
  const uint64_t bit = 1ull << 24;
  uint64_t fpcr;
  __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
  const int former = (fpcr & bit) != 0;
  fpcr = on ? (fpcr | bit) : (fpcr & ~bit);
  __asm__ volatile("msr fpcr, %0" : : "r"(fpcr));
  return former;
#else
  return 0;
#endif
}

/// Asks for the `count` bytes from `start` to be brought near before they are read.
static inline void cvector_prefetch(const void *start, int64_t count) {
  const char *byte = (const char *)start;
  for (int64_t offset = 0; offset < count; offset += 64) __builtin_prefetch(byte + offset);
}
