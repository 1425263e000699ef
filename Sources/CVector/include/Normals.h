// Normal numbers from Philox4x32-10, eight blocks of four words at a time; all in IEEE operations
// whose results no compiler and no library may choose, so the bits are the same everywhere.
#pragma once
#include <stdint.h>

#pragma clang fp contract(off)
// Vectors wider than the machine's change the ABI of calls; these functions are never called.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef double cvector_double8 __attribute__((ext_vector_type(8)));
typedef int64_t cvector_long8 __attribute__((ext_vector_type(8)));
typedef uint64_t cvector_ulong8 __attribute__((ext_vector_type(8)));

/// 32-bit numbers below 2⁵² as doubles.
static inline __attribute__((always_inline)) cvector_double8 cvector_to_double(cvector_ulong8 x) {
  return __builtin_bit_cast(cvector_double8, x | 0x4330000000000000) - 0x1p52;
}

/// Two words as a number in [0, 1): 53 bits, the first word the higher.
static inline __attribute__((always_inline)) cvector_double8 cvector_uniform(
    cvector_ulong8 high, cvector_ulong8 low) {
  return cvector_to_double(high >> 5) * 0x1p-27 + cvector_to_double(low >> 6) * 0x1p-53;
}

/// ln x for normal positive x, within one unit in the last place (the polynomial of FreeBSD's
/// e_log.c, Sun Microsystems 1993).
static inline __attribute__((always_inline)) cvector_double8 cvector_log(cvector_double8 x) {
  const cvector_ulong8 bits = __builtin_bit_cast(cvector_ulong8, x);
  // x = 2ᵏ·m with m from √½ to √2.
  const cvector_ulong8 shifted = bits - 0x3fe6a09e667f3bcd;
  const cvector_long8 exponent = __builtin_bit_cast(cvector_long8, shifted) >> 52;
  const cvector_double8 m = __builtin_bit_cast(
      cvector_double8, bits - (__builtin_bit_cast(cvector_ulong8, exponent) << 52));
  const cvector_double8 k =
      cvector_to_double(__builtin_bit_cast(cvector_ulong8, exponent + 2048)) - 2048;
  const cvector_double8 f = m - 1.0;
  const cvector_double8 s = f / (f + 2.0);
  const cvector_double8 z = s * s;
  const cvector_double8 w = z * z;
  const cvector_double8 even =
      w * (0x1.999999997fa04p-2 + w * (0x1.c71c51d8e78afp-3 + w * 0x1.39a09d078c69fp-3));
  const cvector_double8 odd =
      z * (0x1.5555555555593p-1
           + w * (0x1.2492494229359p-2 + w * (0x1.7466496cb03dep-3 + w * 0x1.2f112df3e5244p-3)));
  const cvector_double8 half = 0.5 * f * f;
  return k * 0x1.62e42feep-1
         - ((half - (s * (half + (even + odd)) + k * 0x1.a39ef35793c76p-33)) - f);
}

/// cos 2πx and sin 2πx for x in [0, 1), within two units in the last place of 1 (the polynomials of
/// FreeBSD's k_cos.c and k_sin.c, Sun Microsystems 1993).
static inline __attribute__((always_inline)) void cvector_turn(
    cvector_double8 x, cvector_double8 *cosine, cvector_double8 *sine) {
  // To the nearest quarter of a turn and on by r, at most an eighth.
  const cvector_double8 shifted = x * 4.0 + 0x1.8p52;
  const cvector_long8 quarter = __builtin_bit_cast(cvector_long8, shifted) & 3;
  const cvector_double8 r = (x - (shifted - 0x1.8p52) * 0.25) * 0x1.921fb54442d18p+2;
  const cvector_double8 z = r * r;
  const cvector_double8 s =
      r + (z * r)
              * (-0x1.5555555555549p-3
                 + z * (0x1.111111110f8a6p-7
                        + z * (-0x1.a01a019c161d5p-13
                               + z * (0x1.71de357b1fe7dp-19
                                      + z * (-0x1.ae5e68a2b9cebp-26 + z * 0x1.5d93a5acfd57cp-33)))));
  const cvector_double8 c =
      1.0
      - (0.5 * z
         - z * z
               * (0x1.555555555554cp-5
                  + z * (-0x1.6c16c16c15177p-10
                         + z * (0x1.a01a019cb159p-16
                                + z * (-0x1.27e4f809c52adp-22
                                       + z * (0x1.1ee9ebdb4b1c4p-29
                                              + z * -0x1.8fae9be8838d4p-37))))));
  const cvector_long8 exchanged = (quarter & 1) != 0;
  const cvector_long8 one = exchanged ? __builtin_bit_cast(cvector_long8, s)
                                      : __builtin_bit_cast(cvector_long8, c);
  const cvector_long8 other = exchanged ? __builtin_bit_cast(cvector_long8, c)
                                        : __builtin_bit_cast(cvector_long8, s);
  // The cosine is negative in the second and third quarter, the sine in the third and fourth.
  *cosine = __builtin_bit_cast(cvector_double8, one ^ (((quarter + 1) & 2) << 62));
  *sine = __builtin_bit_cast(cvector_double8, other ^ ((quarter & 2) << 62));
}

/// Eight blocks of Philox4x32-10 (Salmon et al., 2011) from `block` on.
static inline __attribute__((always_inline)) void cvector_philox(
    uint64_t block, uint32_t counter2, uint32_t counter3, uint32_t key0, uint32_t key1,
    cvector_ulong8 words[4]) {
  const cvector_ulong8 low = 0xffffffff;
  const cvector_ulong8 place = block + (cvector_ulong8){0, 1, 2, 3, 4, 5, 6, 7};
  cvector_ulong8 c0 = place & low, c1 = place >> 32, c2 = counter2, c3 = counter3;
  for (int round = 0; round < 10; round++) {
    const cvector_ulong8 first = (c0 & low) * 0xD2511F53, second = (c2 & low) * 0xCD9E8D57;
    c0 = (second >> 32) ^ c1 ^ key0;
    c1 = second & low;
    c2 = (first >> 32) ^ c3 ^ key1;
    c3 = first & low;
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/// Sixteen standard normal numbers by Box–Muller, two from each of eight blocks.
static inline __attribute__((always_inline)) void cvector_normals(
    uint64_t block, uint32_t counter2, uint32_t counter3, uint32_t key0, uint32_t key1,
    double normals[16]) {
  cvector_ulong8 words[4];
  cvector_philox(block, counter2, counter3, key0, key1, words);
  const cvector_double8 first = cvector_uniform(words[0], words[1]);
  const cvector_double8 second = cvector_uniform(words[2], words[3]);
  const cvector_double8 radius = __builtin_elementwise_sqrt(-2.0 * cvector_log(1.0 - first));
  cvector_double8 cosine, sine;
  cvector_turn(second, &cosine, &sine);
  cosine *= radius;
  sine *= radius;
  for (int lane = 0; lane < 8; lane++) {
    normals[2 * lane] = cosine[lane];
    normals[2 * lane + 1] = sine[lane];
  }
}

#pragma clang diagnostic pop
