/* SPDX-License-Identifier: MIT */
#include "run/seat.h"

#include <stdio.h>
#include <string.h>

void seat_init(struct seat *seat, const struct assignment *a, unsigned int index,
	       struct mapping *shared)
{
	struct worker *w = &seat->worker;

	memset(seat, 0, sizeof(*seat));
	seat->assignment = a;
	seat->shared = shared;
	w->index = index;
	w->nr_workers = a->conditions->nr_workers;
	w->conditions = a->conditions;
	w->host = a->host;
	w->clock = a->clock;
	w->room = a->room;
	w->own = MAPPING_NONE;
	w->mapping = shared ? shared : &w->own;
}

int seat_fail(struct seat *seat, int r, bool harness)
{
	struct worker_report *report = seat_report(seat);

	report->error = -r;
	report->harness_failed = harness;
	snprintf(report->text, sizeof(report->text), "%.*s", (int)sizeof(report->text) - 1,
		 seat->worker.error.text);
	atomic_store(&seat->assignment->area->control->stop, STOP_FAILED);
	return r;
}
