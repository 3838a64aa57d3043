/* SPDX-License-Identifier: MIT */
#include "ops/stream_loops.h"

#include "ops/op.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/*
 * One set of passes for a vector type V. Written with the compiler's vectors, so that one text
 * serves every width; STORE is a plain or a non-temporal store. The sum keeps the reads alive.
 */
#define PASSES(suffix, V, attribute, STORE, FENCE)                                                 \
	attribute static void read_##suffix(char *a, const char *b, const char *c, uint64_t bytes) \
	{                                                                                          \
		const V *from = (const V *)a, *end = (const V *)(a + bytes);                       \
		V s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 };                                  \
		(void)b;                                                                           \
		(void)c;                                                                           \
		for (; from < end; from += 8) {                                                    \
			AHEAD(from);                                                               \
			s0 += from[0] + from[4];                                                   \
			s1 += from[1] + from[5];                                                   \
			s2 += from[2] + from[6];                                                   \
			s3 += from[3] + from[7];                                                   \
		}                                                                                  \
		s0 += s1 + s2 + s3;                                                                \
		__asm__ volatile("" ::"m"(s0));                                                    \
	}                                                                                          \
	attribute static void write_##suffix(char *a, const char *b, const char *c,                \
					     uint64_t bytes)                                       \
	{                                                                                          \
		V *to = (V *)a, *end = (V *)(a + bytes), value = { 1 };                            \
		(void)b;                                                                           \
		(void)c;                                                                           \
		for (; to < end; to += 4) {                                                        \
			STORE(to, value);                                                          \
			STORE(to + 1, value);                                                      \
			STORE(to + 2, value);                                                      \
			STORE(to + 3, value);                                                      \
			NO_IDIOM();                                                                \
		}                                                                                  \
		FENCE();                                                                           \
	}                                                                                          \
	attribute static void copy_##suffix(char *a, const char *b, const char *c, uint64_t bytes) \
	{                                                                                          \
		V *to = (V *)a, *end = (V *)(a + bytes);                                           \
		const V *from = (const V *)b;                                                      \
		(void)c;                                                                           \
		for (; to < end; to += 4, from += 4) {                                             \
			AHEAD(from);                                                               \
			V v0 = from[0], v1 = from[1], v2 = from[2], v3 = from[3];                  \
			STORE(to, v0);                                                             \
			STORE(to + 1, v1);                                                         \
			STORE(to + 2, v2);                                                         \
			STORE(to + 3, v3);                                                         \
			NO_IDIOM();                                                                \
		}                                                                                  \
		FENCE();                                                                           \
	}                                                                                          \
	attribute static void triad_##suffix(char *a, const char *b, const char *c,                \
					     uint64_t bytes)                                       \
	{                                                                                          \
		V *to = (V *)a, *end = (V *)(a + bytes);                                           \
		const V *x = (const V *)b, *y = (const V *)c;                                      \
		for (; to < end; to += 4, x += 4, y += 4) {                                        \
			V v0 = x[0] + 3.0 * y[0], v1 = x[1] + 3.0 * y[1];                          \
			V v2 = x[2] + 3.0 * y[2], v3 = x[3] + 3.0 * y[3];                          \
			STORE(to, v0);                                                             \
			STORE(to + 1, v1);                                                         \
			STORE(to + 2, v2);                                                         \
			STORE(to + 3, v3);                                                         \
			NO_IDIOM();                                                                \
		}                                                                                  \
		FENCE();                                                                           \
	}                                                                                          \
	static stream_pass *const passes_##suffix[STREAM_KINDS] = {                                \
		[STREAM_READ] = read_##suffix,                                                     \
		[STREAM_WRITE] = write_##suffix,                                                   \
		[STREAM_COPY] = copy_##suffix,                                                     \
		[STREAM_TRIAD] = triad_##suffix,                                                   \
	};

#define PLAIN(to, value) (*(to) = (value))
#define NO_FENCE()       NO_IDIOM()

/*
 * A line of each turn is asked for a page early: the CPU's own prefetcher goes by physical
 * addresses and ends with the page, while so the next page's walk and stream have begun when the
 * loads get there. Measured on a Zen 5 with vectors of 64 bytes: reads gain 3 to 10 per cent,
 * copies 2 to 20, the most with non-temporal stores and two threads. Narrower vectors, which make
 * more turns of a page, two arrays read, or every line asked for gain nothing or lose. Beyond the
 * mapping's end it does nothing.
 */
#define AHEAD_BYTES 4096
#define AHEAD(at)                                                                                  \
	do {                                                                                       \
		if (sizeof(*(at)) == 64)                                                           \
			__builtin_prefetch((const char *)(at) + AHEAD_BYTES);                      \
	} while (0)

/* Else the compiler makes a memset() or memcpy() of the loop, which chooses its own stores. */
#define NO_IDIOM() __asm__ volatile("" ::: "memory")

typedef double v16 __attribute__((vector_size(16)));

#if defined(__x86_64__)
typedef double v32 __attribute__((vector_size(32)));
typedef double v64 __attribute__((vector_size(64)));

#define STREAM_16(to, value) _mm_stream_pd((double *)(to), (__m128d)(value))
#define STREAM_32(to, value) _mm256_stream_pd((double *)(to), (__m256d)(value))
#define STREAM_64(to, value) _mm512_stream_pd((double *)(to), (__m512d)(value))

PASSES(16, v16, , PLAIN, NO_FENCE)
PASSES(16_nt, v16, , STREAM_16, _mm_sfence)
PASSES(32, v32, __attribute__((target("avx"))), PLAIN, NO_FENCE)
PASSES(32_nt, v32, __attribute__((target("avx"))), STREAM_32, _mm_sfence)
PASSES(64, v64, __attribute__((target("avx512f"))), PLAIN, NO_FENCE)
PASSES(64_nt, v64, __attribute__((target("avx512f"))), STREAM_64, _mm_sfence)

static const struct {
	unsigned int vector_bytes;
	stream_pass *const *cached, *const *non_temporal;
} widths[] = {
	{ 16, passes_16, passes_16_nt },
	{ 32, passes_32, passes_32_nt },
	{ 64, passes_64, passes_64_nt },
};

static unsigned int width(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f"))
		return 2;
	return __builtin_cpu_supports("avx") ? 1 : 0;
}
#else
PASSES(16, v16, , PLAIN, NO_FENCE)

static const struct {
	unsigned int vector_bytes;
	stream_pass *const *cached, *const *non_temporal;
} widths[] = {
	{ 16, passes_16, NULL },
};

static unsigned int width(void)
{
	return 0;
}
#endif

stream_pass *stream_loop(enum stream_kind kind, bool non_temporal)
{
	unsigned int i = width();

	return non_temporal ? widths[i].non_temporal[kind] : widths[i].cached[kind];
}

bool stream_has_non_temporal(void)
{
	return widths[width()].non_temporal != NULL;
}
