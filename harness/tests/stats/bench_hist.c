/* SPDX-License-Identifier: MIT */
/*
 * What it costs to record a value: ns a value, over the same loop that only adds the values up. The
 * median of several turns, printed as one number for scripts/bench.
 */
#include "base/clock.h"
#include "stats/hist.h"

#include <stdio.h>
#include <stdlib.h>

#define VALUES 4096u
#define LAPS   1000u
#define TURNS  9u

static uint64_t values[VALUES];
static struct hist hist;
static volatile uint64_t kept;

/* Times of page faults: most around 500 ns, some ten times that, a few a thousand times. */
static void make_values(void)
{
	uint64_t state = 1;

	for (unsigned int i = 0; i < VALUES; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		values[i] = 400 + (state >> 33) % 200;
		if (i % 16 == 0)
			values[i] *= i % 1024 ? 10 : 1000;
	}
}

static uint64_t recorded(void)
{
	uint64_t start = clock_now_ns();

	for (unsigned int lap = 0; lap < LAPS; lap++)
		for (unsigned int i = 0; i < VALUES; i++)
			hist_record(&hist, values[i]);
	return clock_now_ns() - start;
}

static uint64_t added(void)
{
	uint64_t start = clock_now_ns(), sum = 0;

	for (unsigned int lap = 0; lap < LAPS; lap++)
		for (unsigned int i = 0; i < VALUES; i++) {
			sum += values[i];
			__asm__ volatile("" : "+r"(sum)); /* one at a time */
		}
	kept = sum;
	return clock_now_ns() - start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	double cost[TURNS];

	make_values();
	hist_reset(&hist);
	for (unsigned int i = 0; i < TURNS; i++)
		cost[i] = ((double)recorded() - (double)added()) / (VALUES * LAPS);
	qsort(cost, TURNS, sizeof(cost[0]), compare);
	if (hist.n != (uint64_t)TURNS * LAPS * VALUES)
		return 1;
	printf("%.3f\n", cost[TURNS / 2]);
	return 0;
}
