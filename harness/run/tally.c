/* SPDX-License-Identifier: MIT */
#include "run/tally.h"

#include <string.h>

void tally_begin(struct seat *seat)
{
	if (seat->counting)
		counting_start(seat->counting);
	if (seat_by_itself(seat))
		counters_usage(seat->usage_before);
}

void tally_worker(const struct seat *seat)
{
	struct worker_report *report = seat_report(seat);

	counters_usage(report->usage);
	for (unsigned int i = 0; i < USAGE_COUNTERS; i++)
		report->usage[i] -= seat->usage_before[i];
}

static void add_up_usage(const struct assignment *a, double ret[USAGE_COUNTERS])
{
	memset(ret, 0, USAGE_COUNTERS * sizeof(*ret));
	for (unsigned int w = 0; w < a->conditions->nr_workers; w++)
		for (unsigned int i = 0; i < USAGE_COUNTERS; i++)
			ret[i] += a->area->workers[w].usage[i];
}

void tally_all(struct seat *leader)
{
	const struct assignment *a = leader->assignment;
	struct worker_report *report = seat_report(leader);

	if (report->start_ticks) {
		counting_stop(leader->counting, report->counters);
		if (seat_by_itself(leader))
			add_up_usage(a, report->counters);
		report->counted = 1;
	}
	counting_close(leader->counting);
}
