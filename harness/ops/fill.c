/* SPDX-License-Identifier: MIT */
/*
 * Fill the range with a pattern, and verify it later: whatever lies between the two (swap,
 * migration, huge page collapse, fork) must not have changed a bit.
 */
#include "ops/op.h"

#include <inttypes.h>

enum { FILL_PATTERN, FILL_SEED };
enum { PATTERN_ADDRESS, PATTERN_RANDOM, PATTERN_ZERO, PATTERN_ONES, PATTERN_CHECKER };

static const char *const patterns[] = { "address", "random", "zero", "ones", "checker", NULL };

static const struct arg fill_args[] = {
	[FILL_PATTERN] = { .name = "pattern",
			   .type = ARG_CHOICE,
			   .initial = "address",
			   .choices = patterns,
			   .help = "what each 8 bytes hold: their offset, random bits, 0, 1 or "
				   "alternating bits" },
	[FILL_SEED] = { .name = "seed",
			.type = ARG_COUNT,
			.initial = "1",
			.help = "of the random bits" },
	{ NULL },
};

static const struct metric fill_metrics[] = {
	{ "bandwidth", "B/s", BETTER_HIGHER, METRIC_RATE, COUNT_BYTES, .help = "bytes a second" },
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "the whole step" },
	{ NULL },
};

/* The word at an offset of the mapping. The kind is a constant wherever this is inlined. */
static inline __attribute__((always_inline)) uint64_t word(unsigned int kind, uint64_t seed,
							   uint64_t offset)
{
	uint64_t z = (offset + seed) * 0x9e3779b97f4a7c15u;

	switch (kind) {
	case PATTERN_ADDRESS:
		return offset;
	case PATTERN_RANDOM:
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		return z ^ z >> 31;
	case PATTERN_ONES:
		return UINT64_MAX;
	case PATTERN_CHECKER:
		return 0xaaaaaaaaaaaaaaaau;
	default:
		return 0;
	}
}

static inline __attribute__((always_inline)) void fill(uint64_t *at, uint64_t offset, uint64_t n,
						       unsigned int kind, uint64_t seed)
{
	for (uint64_t i = 0; i < n; i++)
		at[i] = word(kind, seed, offset + i * 8);
}

/* The first word that differs, or n. A block at a time, so that the compiler can use wide loads. */
static inline __attribute__((always_inline)) uint64_t differs(const uint64_t *at, uint64_t offset,
							      uint64_t n, unsigned int kind,
							      uint64_t seed)
{
	for (uint64_t i = 0; i < n; i += 512) {
		uint64_t end = n - i < 512 ? n : i + 512, difference = 0;

		for (uint64_t j = i; j < end; j++)
			difference |= at[j] ^ word(kind, seed, offset + j * 8);
		if (!difference)
			continue;
		while (at[i] == word(kind, seed, offset + i * 8))
			i++;
		return i;
	}
	return n;
}

#define PATTERN(name, kind)                                                                        \
	static void fill_##name(uint64_t *at, uint64_t offset, uint64_t n, uint64_t seed)          \
	{                                                                                          \
		fill(at, offset, n, kind, seed);                                                   \
	}                                                                                          \
	static uint64_t differs_##name(const uint64_t *at, uint64_t offset, uint64_t n,            \
				       uint64_t seed)                                              \
	{                                                                                          \
		return differs(at, offset, n, kind, seed);                                         \
	}
PATTERN(address, PATTERN_ADDRESS)
PATTERN(random, PATTERN_RANDOM)
PATTERN(zero, PATTERN_ZERO)
PATTERN(ones, PATTERN_ONES)
PATTERN(checker, PATTERN_CHECKER)

static const struct {
	void (*fill)(uint64_t *, uint64_t, uint64_t, uint64_t);
	uint64_t (*differs)(const uint64_t *, uint64_t, uint64_t, uint64_t);
} loops[] = {
	[PATTERN_ADDRESS] = { fill_address, differs_address },
	[PATTERN_RANDOM] = { fill_random, differs_random },
	[PATTERN_ZERO] = { fill_zero, differs_zero },
	[PATTERN_ONES] = { fill_ones, differs_ones },
	[PATTERN_CHECKER] = { fill_checker, differs_checker },
};

static uint64_t fill_resident_bytes(const struct op_call *call, const struct conditions *c,
				    const struct host *host)
{
	(void)call;
	(void)host;
	return written_bytes(c, c->map.length_bytes);
}

/* Of the slice, from where the mapping began before its start was unmapped. */
static uint64_t offset_of(const struct worker *w)
{
	return w->mapping->cut_bytes + w->slice_offset;
}

static int fill_step(struct worker *w, const struct op_call *call)
{
	uint64_t *at = (uint64_t *)((char *)w->mapping->address + w->slice_offset);

	loops[call->args[FILL_PATTERN]].fill(at, offset_of(w), w->slice_bytes / 8,
					     call->args[FILL_SEED]);
	w->report->count[COUNT_BYTES] += w->slice_bytes;
	return 0;
}

static int verify_step(struct worker *w, const struct op_call *call)
{
	const uint64_t *at = (uint64_t *)((char *)w->mapping->address + w->slice_offset);
	uint64_t n = w->slice_bytes / 8, i;

	i = loops[call->args[FILL_PATTERN]].differs(at, offset_of(w), n, call->args[FILL_SEED]);
	w->report->count[COUNT_BYTES] += w->slice_bytes;
	if (i == n)
		return 0;
	return error_set(&w->error, -EBADMSG,
			 "offset %" PRIu64 " holds 0x%016" PRIx64 ", not what was filled in",
			 offset_of(w) + i * 8, at[i]);
}

const struct op op_fill = {
	.name = "fill",
	.help = "write a pattern over the range",
	.args = fill_args,
	.metrics = fill_metrics,
	.traits = OP_NEEDS_MAPPING | OP_OVERWRITES,
	.resident_bytes = fill_resident_bytes,
	.step = fill_step,
};

const struct op op_verify = {
	.name = "verify",
	.help = "read the range and compare it with the pattern that fill wrote",
	.args = fill_args,
	.metrics = fill_metrics,
	.traits = OP_NEEDS_MAPPING,
	.step = verify_step,
};
