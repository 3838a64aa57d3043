/* SPDX-License-Identifier: MIT */
#include "run/tally.h"

#include <string.h>

/* Threads beside each other: the process' figures would be of all of them, and of their walls. */
static bool among_threads(const struct seat *seat)
{
	return seat->worker.conditions->workers == WORKER_THREAD && seat->worker.nr_workers > 1;
}

static void own_usage(const struct seat *seat, double ret[USAGE_COUNTERS])
{
	counters_usage(among_threads(seat) ? USAGE_THREAD : USAGE_PROCESS, ret);
}

static double cpu_time(const double usage[USAGE_COUNTERS])
{
	return usage[0] + usage[1];
}

void tally_begin(struct seat *seat)
{
	if (seat->counting)
		counting_start(seat->counting);
	own_usage(seat, seat->usage_before);
	if (seat->counting && among_threads(seat))
		counters_usage(USAGE_CHILDREN, seat->children_before);
}

void tally_start(struct seat *seat)
{
	struct worker_report *report = seat_report(seat);
	double spent = cpu_time(seat->usage_before);

	own_usage(seat, seat->usage_before);
	report->usage[USAGE_HARNESS] = cpu_time(seat->usage_before) - spent;
}

void tally_end(struct seat *seat)
{
	struct worker_report *report = seat_report(seat);
	double now[USAGE_COUNTERS];

	own_usage(seat, now);
	for (unsigned int i = 0; i < USAGE_HARNESS; i++)
		report->usage[i] = now[i] - seat->usage_before[i];
}

void tally_pause(struct seat *seat)
{
	own_usage(seat, seat->usage_paused);
}

void tally_resume(struct seat *seat)
{
	double now[USAGE_COUNTERS];

	own_usage(seat, now);
	seat_report(seat)->usage[USAGE_HARNESS] += cpu_time(now) - cpu_time(seat->usage_paused);
	for (unsigned int i = 0; i < USAGE_HARNESS; i++)
		seat->usage_before[i] += now[i] - seat->usage_paused[i];
}

void tally_read(struct seat *leader)
{
	struct worker_report *report = seat_report(leader);

	if (!report->start_ticks || report->counted)
		return;
	counting_stop(leader->counting, report->counters);
	memset(report->counters, 0, USAGE_COUNTERS * sizeof(report->counters[0]));
	if (among_threads(leader)) {
		counters_usage(USAGE_CHILDREN, report->counters);
		for (unsigned int i = 0; i < USAGE_COUNTERS; i++)
			report->counters[i] -= leader->children_before[i];
	}
	report->counted = 1;
}

void tally_close(struct seat *leader)
{
	const struct area *area = leader->assignment->area;
	struct worker_report *report = seat_report(leader);

	tally_read(leader);
	for (unsigned int w = 0; report->counted && w < area->nr_workers; w++)
		for (unsigned int i = 0; i < USAGE_COUNTERS; i++)
			report->counters[i] += area->workers[w].usage[i];
	counting_close(leader->counting);
}
