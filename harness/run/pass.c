/* SPDX-License-Identifier: MIT */
#include "run/pass.h"

#include "run/inspect.h"
#include "run/rendezvous.h"

#include <errno.h>
#include <sys/resource.h>

static uint64_t faults_now(enum worker_kind kind)
{
	struct rusage usage;

	getrusage(kind == WORKER_THREAD ? RUSAGE_THREAD : RUSAGE_SELF, &usage);
	return (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
}

/* Whether this worker's slice is all of the mapping or a part, once there is a mapping. */
static void take_slice(struct seat *seat)
{
	struct worker *w = &seat->worker;
	uint64_t page = w->host->page_bytes, length = w->mapping->length_bytes, part;
	uint64_t huge = w->conditions->map.huge_page_bytes;

	w->slice_offset = 0;
	w->slice_bytes = length;
	if (!seat->shared)
		return;
	/* Calls on a part of a hugetlb page are refused. */
	page = huge > page ? huge : page;
	part = length / w->nr_workers / page * page;
	w->slice_offset = w->index * part;
	w->slice_bytes = w->index + 1 == w->nr_workers ? length - w->slice_offset : part;
}

/*
 * The timed region: the step alone, between two time stamps. Performance events are switched on
 * just around it.
 */
static int timed(struct seat *seat, const struct op_call *call)
{
	struct worker *w = &seat->worker;
	enum worker_kind kind = w->conditions->workers;
	bool faults = op_counts_faults(call->op);
	uint64_t faults_before = faults ? faults_now(kind) : 0;
	uint64_t waited = worker_waited_ticks(w), start, end;
	int r;

	perf_start(seat->perf);
	start = clock_ticks(w->clock);
	r = call->op->step(w, call);
	end = clock_ticks(w->clock);
	perf_stop(seat->perf);
	if (r)
		return r;
	waited = worker_wait_within(end - start, worker_waited_ticks(w) - waited);
	area_record(w->report, w->clock, seat_report(seat)->start_ticks, start, end, waited);
	if (seat->shared && seat->takes_turns)
		rendezvous_together(seat, start, end);
	if (faults)
		w->report->count[COUNT_FAULTS] += faults_now(kind) - faults_before;
	return 0;
}

static int execute(struct seat *seat, const struct op_call *call, bool first)
{
	struct worker *w = &seat->worker;
	const struct op *op = call->op;
	int r = 0;

	if (op->traits & OP_UNMAPS)
		inspect_early(seat);
	if (op->traits & OP_NEEDS_MAPPING)
		take_slice(seat);
	/* A part that lies behind `amount`, or none for want of pages: no mean is over nothing. */
	if (seat->shared && op_idle(call, w))
		return 0;
	if (op->before)
		r = op->before(w, call);
	if (r)
		return seat_fail(seat, r, false);
	r = timed(seat, call);
	if (r)
		return seat_fail(seat, r, false);
	if (op->traits & OP_OVERWRITES)
		w->holds = NULL;
	if (op->after)
		r = op->after(w, call);
	if (!r && first && op->verify)
		r = op->verify(w, call);
	if (r)
		return seat_fail(seat, r, false);
	return 0;
}

/*
 * With a mapping that all share, steps are walls: nobody unmaps what another still touches.
 */
static int one_step(struct seat *seat, unsigned int i, bool first)
{
	const struct op_call *call = &seat->assignment->calls[i];
	int r = 0;

	if (seat->shared && !rendezvous_wall(seat))
		return -ECANCELED;
	seat->worker.step = i;
	seat->worker.report = area_step(seat->assignment->area, seat->worker.index, i);
	if (!seat->shared || !(call->op->traits & OP_ONCE) || seat->worker.index == 0)
		r = execute(seat, call, first);
	if (!r && seat->shared && !rendezvous_wall(seat))
		return -ECANCELED;
	return r;
}

int pass_through(struct seat *seat, unsigned int from, unsigned int to, bool first)
{
	struct worker_report *report = seat_report(seat);
	int r;

	for (unsigned int i = from; i < to; i++) {
		if (!seat->assignment->active[i])
			continue;
		*(volatile uint32_t *)&report->step = i - from;
		r = one_step(seat, i, first);
		if (r)
			return r;
	}
	return 0;
}
