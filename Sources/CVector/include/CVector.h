// Sixteen floats at a time, as Clang vectors: they import into Swift as SIMD16<Float> and inline,
// where SIMD16<Float>.squareRoot() would run lane by lane (6 times slower in an Adam step).
#pragma once
#include <stdint.h>
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

/// Treats denormal numbers as zero in this thread (`on`), or as IEEE 754 says; returns whether the
/// machine can.
static inline int cvector_set_flush_denormals(int on) {
#if defined(__x86_64__)
  const unsigned bits = 0x8040;  // FTZ (bit 15) and DAZ (bit 6)
  _mm_setcsr(on ? (_mm_getcsr() | bits) : (_mm_getcsr() & ~bits));
  return 1;
#elif defined(__aarch64__)
  uint64_t fpcr;
  __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
  fpcr = on ? (fpcr | (1ull << 24)) : (fpcr & ~(1ull << 24));
  __asm__ volatile("msr fpcr, %0" : : "r"(fpcr));
  return 1;
#else
  return 0;
#endif
}

/// Asks for the `count` bytes from `start` to be brought near before they are read.
static inline void cvector_prefetch(const void *start, int64_t count) {
  const char *byte = (const char *)start;
  for (int64_t offset = 0; offset < count; offset += 64) __builtin_prefetch(byte + offset);
}
