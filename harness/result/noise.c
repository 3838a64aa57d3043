/* SPDX-License-Identifier: MIT */
#include "result/noise.h"

#include <math.h>

/*
 * /proc/stat counts in ticks of mostly 10 ms, so short steps see none or a whole one: sums over
 * many of them are right, up to some ticks.
 */
#define LEAST_US 500000

/* Two of them: one is counted for however little of it was stolen. */
#define LEAST_STOLEN_US 20000

static double counted(const struct result *r, uint32_t repetition, const char *name)
{
	int index = result_metric_index(r, name);

	return index < 0 ? NAN : result_values(r, repetition)[index];
}

bool noise_stolen(const struct result *r, uint32_t repetition)
{
	double steal = counted(r, repetition, "system.steal_time");
	double all = steal + counted(r, repetition, "system.busy_time") +
		     counted(r, repetition, "system.idle_time");

	/* Without the window's own length: from fork to reap, which is longer. */
	if (!isfinite(all))
		all = (double)r->repetitions[repetition].elapsed_ns / 1e3 *
		      result_number(r, "host/cpu/online", 1);
	return steal >= LEAST_STOLEN_US && steal > NOISE_STEAL * all;
}

/* The sum over the repetitions that have all of them; NaN: the result does not count one. */
static void sum_counters(const struct result *r, const char *const *names, unsigned int n,
			 double *ret)
{
	int index[8];

	for (unsigned int i = 0; i < n; i++) {
		index[i] = result_metric_index(r, names[i]);
		ret[i] = index[i] < 0 ? NAN : 0;
	}
	for (uint32_t k = 0; k < r->nr_repetitions; k++) {
		bool whole = true;

		for (unsigned int i = 0; i < n; i++)
			whole &= index[i] >= 0 && isfinite(result_values(r, k)[index[i]]);
		for (unsigned int i = 0; whole && i < n; i++)
			ret[i] += result_values(r, k)[index[i]];
	}
}

void noise_judge(const struct result *r, struct noise *ret)
{
	enum { STEAL, BUSY, IDLE, USER, SYSTEM, COUNTED };
	static const char *const names[COUNTED] = {
		[STEAL] = "system.steal_time",  [BUSY] = "system.busy_time",
		[IDLE] = "system.idle_time",    [USER] = "usage.user_time",
		[SYSTEM] = "usage.system_time",
	};
	static const char *const ours[] = { "usage.harness_time" };
	double sum[COUNTED], all, harness;

	*ret = (struct noise){ .steal_share = NAN, .others_share = NAN };
	for (uint32_t i = 0; i < r->nr_repetitions; i++)
		ret->nr_stolen += noise_stolen(r, i);
	sum_counters(r, names, COUNTED, sum);
	all = sum[STEAL] + sum[BUSY] + sum[IDLE];
	if (!(all >= LEAST_US))
		return;
	ret->steal_share = sum[STEAL] / all;
	/* Results from before have it among the others. */
	sum_counters(r, ours, 1, &harness);
	harness = isfinite(harness) ? harness : 0;
	ret->others_share = fmax(0, sum[BUSY] - sum[USER] - sum[SYSTEM] - harness) / all;
}
