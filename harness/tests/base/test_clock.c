/* SPDX-License-Identifier: MIT */
/* Stamps go forward and agree with the kernel's clock. Nothing here depends on how fast we are. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

static void goes_forward(void **state)
{
	struct clock clock;
	uint64_t last, ns;

	(void)state;
	clock_calibrate(&clock);
	last = clock_ticks(&clock);
	ns = clock_now_ns();
	for (int i = 0; i < 10000; i++) {
		uint64_t now = clock_ticks(&clock), now_ns = clock_now_ns();

		assert_true(now >= last);
		assert_true(now_ns >= ns);
		last = now;
		ns = now_ns;
	}
}

/*
 * A span measured by ticks lies inside the one measured around it by the kernel's clock, and
 * outside of the one measured within it, give or take a per cent of calibration.
 */
static void agrees_with_the_kernel(void **state)
{
	uint64_t outer[2], inner[2], ticks[2], ns;
	struct clock clock;

	(void)state;
	clock_calibrate(&clock);
	outer[0] = clock_now_ns();
	ticks[0] = clock_ticks(&clock);
	inner[0] = clock_now_ns();
	while ((inner[1] = clock_now_ns()) < inner[0] + 20000000)
		;
	ticks[1] = clock_ticks(&clock);
	outer[1] = clock_now_ns();
	ns = clock_ticks_to_ns(&clock, ticks[1] - ticks[0]);
	assert_true((double)ns >= 0.99 * (double)(inner[1] - inner[0]));
	assert_true((double)ns <= 1.01 * (double)(outer[1] - outer[0]));
}

static void calibrates(void **state)
{
	struct clock clock;

	(void)state;
	clock_calibrate(&clock);
	assert_true(clock.ns_per_tick > 0 && isfinite(clock.ns_per_tick));
	assert_true(clock.stamp_cost_ns > 0 && isfinite(clock.stamp_cost_ns));
	assert_true(clock.next_cost_ns > 0 && isfinite(clock.next_cost_ns));
	assert_true(clock.resolution_ns >= clock.ns_per_tick);
	if (clock.kind == CLOCK_KIND_MONOTONIC)
		assert_true(clock.ns_per_tick == 1.0);
}

/* All stamps lie a whole number of steps apart, but for what rounds a scaled counter. */
static void steps(void **state)
{
	struct clock clock;
	uint64_t step;

	(void)state;
	clock_calibrate(&clock);
	step = (uint64_t)(clock.resolution_ns / clock.ns_per_tick + 0.5);
	assert_true(step >= 1);
	for (int i = 0; i < 1000 && step > 1; i++) {
		uint64_t start = clock_ticks(&clock), rest = (clock_ticks(&clock) - start) % step;

		assert_true(rest <= 3 || step - rest <= 3);
	}
}

static void finds_the_step(void **state)
{
	static const struct {
		uint64_t delta[8]; /* 0 ends them */
		uint64_t step;
	} cases[] = {
		{ { 78, 52, 26, 52 }, 26 },            /* this TSC goes by 26 */
		{ { 52, 78, 130, 104 }, 26 },          /* the cost is two steps or three */
		{ { 27, 26, 53, 52, 5000001 }, 26 },   /* scaled by 1.01, and an interrupt */
		{ { 20, 21, 23, 26, 29, 31, 44 }, 1 }, /* every tick */
		{ { 1, 2, 1, 3 }, 1 },                 /* slow, but every tick */
		{ { 4000000, 4000000 }, 4000000 },     /* timer interrupts */
		{ { 40, 60, 80 }, 20 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t delta[9] = { 0 }; /* one that is 0: two stamps in one step */
		unsigned int n = 0;

		while (n < 8 && cases[i].delta[n]) {
			delta[n] = cases[i].delta[n];
			n++;
		}
		assert_int_equal(clock_step_ticks(delta, n + 1), cases[i].step);
	}
}

/* Without such an emulator the counter still goes forward, and a tick is called 1 ns. */
#if defined(__aarch64__)
/* What the kernel's clock says of the counter: its frequency is not that of instructions. */
static double expected_ns_per_tick(void)
{
	struct clock clock;

	clock_calibrate(&clock);
	return clock.ns_per_tick;
}
#else
static double expected_ns_per_tick(void)
{
	return 1.0;
}
#endif

static void counts_instructions(void **state)
{
	double expected = expected_ns_per_tick();
	struct clock clock;
	uint64_t first;

	(void)state;
	clock_count_instructions(&clock);
	assert_string_equal(clock_kind_name(clock.kind), "instructions");
	assert_true(clock.ns_per_tick > 0.98 * expected && clock.ns_per_tick < 1.02 * expected);
	first = clock_ticks(&clock);
	while (clock_ticks(&clock) == first)
		;
	assert_true(clock_ticks(&clock) > first);
	assert_int_equal(clock_ticks_to_ns(&clock, 12345),
			 (uint64_t)(12345 * clock.ns_per_tick + 0.5));
}

static void converts(void **state)
{
	struct clock clock = { .kind = CLOCK_KIND_COUNTER, .ns_per_tick = 0.4 };

	(void)state;
	assert_int_equal(clock_ticks_to_ns(&clock, 0), 0);
	assert_int_equal(clock_ticks_to_ns(&clock, 1), 0);
	assert_int_equal(clock_ticks_to_ns(&clock, 2), 1); /* rounds to nearest */
	assert_int_equal(clock_ticks_to_ns(&clock, 2500000000), 1000000000);
}

static void tells_the_date(void **state)
{
	(void)state;
	assert_true(clock_realtime_ns() > 1700000000000000000u); /* November 2023 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_forward),
		cmocka_unit_test(agrees_with_the_kernel),
		cmocka_unit_test(calibrates),
		cmocka_unit_test(converts),
		cmocka_unit_test(counts_instructions),
		cmocka_unit_test(tells_the_date),
		cmocka_unit_test(steps),
		cmocka_unit_test(finds_the_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
