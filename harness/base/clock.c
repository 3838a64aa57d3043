/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define CALIBRATE_NS 20000000u
#define COST_BLOCKS  15u
#define COST_STAMPS  512u
#define STEP_STAMPS  2048u

static uint64_t timespec_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_now_ns(void)
{
	return timespec_ns(CLOCK_MONOTONIC);
}

uint64_t clock_realtime_ns(void)
{
	return timespec_ns(CLOCK_REALTIME);
}

/* The kernel keeps clocksource tsc only while it finds the counter constant and synchronised. */
#if defined(__x86_64__)
static enum clock_kind clock_kind(void)
{
	char source[32];

	if (file_read("/sys/devices/system/clocksource/clocksource0/current_clocksource", source,
		      sizeof(source)) < 0)
		return CLOCK_KIND_MONOTONIC;
	return strcmp(source, "tsc") == 0 ? CLOCK_KIND_COUNTER : CLOCK_KIND_MONOTONIC;
}

static double instructions_per_tick(void)
{
	return 1.0;
}
#elif defined(__aarch64__)
static enum clock_kind clock_kind(void)
{
	return CLOCK_KIND_COUNTER;
}

/* The counter goes forward in virtual time at a frequency of its own: 62.5 MHz up to QEMU 8. */
static double instructions_per_tick(void)
{
	uint64_t hertz;

	__asm__("mrs %0, cntfrq_el0" : "=r"(hertz));
	return hertz ? 1e9 / (double)hertz : 1.0;
}
#else
static enum clock_kind clock_kind(void)
{
	return CLOCK_KIND_MONOTONIC;
}

static double instructions_per_tick(void)
{
	return 1.0;
}
#endif

/*
 * A pair (counter, ns) read as close together as can be: of several tries the one with the least
 * time between two clock readings.
 */
static void clock_pair(uint64_t *ret_counter, uint64_t *ret_ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 16; i++) {
		uint64_t before = timespec_ns(CLOCK_MONOTONIC_RAW);
		uint64_t counter = clock_counter();
		uint64_t after = timespec_ns(CLOCK_MONOTONIC_RAW);

		if (after - before < best) {
			best = after - before;
			*ret_counter = counter;
			*ret_ns = before + (after - before) / 2;
		}
	}
}

static double clock_calibrate_counter(void)
{
	uint64_t counter[2], ns[2];

	clock_pair(&counter[0], &ns[0]);
	while (timespec_ns(CLOCK_MONOTONIC_RAW) - ns[0] < CALIBRATE_NS)
		;
	clock_pair(&counter[1], &ns[1]);
	return (double)(ns[1] - ns[0]) / (double)(counter[1] - counter[0]);
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * The mean of a block of stamps, since one by one they are no finer than the clock's resolution;
 * the median of blocks, since an interrupt falls into some.
 */
static double clock_cost_ns(const struct clock *clock, uint64_t (*block)(const struct clock *))
{
	uint64_t taken[COST_BLOCKS];

	for (unsigned int i = 0; i < COST_BLOCKS; i++)
		taken[i] = block(clock);
	qsort(taken, COST_BLOCKS, sizeof(taken[0]), compare_u64);
	return (double)taken[COST_BLOCKS / 2] / COST_STAMPS * clock->ns_per_tick;
}

static uint64_t block_of_ticks(const struct clock *clock)
{
	volatile uint64_t stamp[COST_STAMPS + 1];

	for (unsigned int i = 0; i <= COST_STAMPS; i++)
		stamp[i] = clock_ticks(clock);
	return stamp[COST_STAMPS] - stamp[0];
}

static uint64_t block_of_next(const struct clock *clock)
{
	volatile uint64_t stamp[COST_STAMPS + 1];

	for (unsigned int i = 0; i <= COST_STAMPS; i++)
		stamp[i] = clock_next(clock);
	return stamp[COST_STAMPS] - stamp[0];
}

/* Euclid's, where a remainder of one tick is rounding: a counter may be scaled, or be in ns. */
static uint64_t common_step(uint64_t a, uint64_t b)
{
	while (b > 1) {
		uint64_t rest = a % b;

		rest = rest < b - rest ? rest : b - rest;
		a = b;
		b = rest;
	}
	return a;
}

uint64_t clock_step_ticks(uint64_t *delta, unsigned int n)
{
	uint64_t step = 0;

	qsort(delta, n, sizeof(*delta), compare_u64);
	for (unsigned int i = 0; i < n; i++) {
		if (!delta[i])
			continue;
		step = step ? step : delta[i];
		/* Of the small ones alone: rounding adds up over many steps. */
		if (2 * delta[i] > 5 * step)
			break;
		step = common_step(delta[i], step);
	}
	return step > 3 ? step : 1;
}

/* Stamps that lie differently far apart, so that not all differences are one multiple. */
static double clock_resolution_ns(const struct clock *clock)
{
	uint64_t delta[STEP_STAMPS];

	for (unsigned int i = 0; i < STEP_STAMPS; i++) {
		uint64_t start = clock_ticks(clock);

		for (volatile unsigned int wait = i % 61; wait; wait--)
			;
		delta[i] = clock_ticks(clock) - start;
	}
	return (double)clock_step_ticks(delta, STEP_STAMPS) * clock->ns_per_tick;
}

static void measure_stamps(struct clock *clock)
{
	clock->stamp_cost_ns = clock_cost_ns(clock, block_of_ticks);
	clock->next_cost_ns = clock_cost_ns(clock, block_of_next);
	clock->resolution_ns = clock_resolution_ns(clock);
}

const char *clock_kind_name(enum clock_kind kind)
{
	static const char *const names[] = {
		[CLOCK_KIND_MONOTONIC] = "monotonic",
		[CLOCK_KIND_COUNTER] = "counter",
		[CLOCK_KIND_INSTRUCTIONS] = "instructions",
	};

	return names[kind];
}

void clock_count_instructions(struct clock *ret)
{
	struct clock clock = { .kind = CLOCK_KIND_INSTRUCTIONS,
			       .ns_per_tick = instructions_per_tick() };

	measure_stamps(&clock);
	*ret = clock;
}

void clock_calibrate(struct clock *ret)
{
	struct clock clock = { .kind = clock_kind(), .ns_per_tick = 1.0 };

	if (clock.kind == CLOCK_KIND_COUNTER)
		clock.ns_per_tick = clock_calibrate_counter();
	measure_stamps(&clock);
	*ret = clock;
}
