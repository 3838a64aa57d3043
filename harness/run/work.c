/* SPDX-License-Identifier: MIT */
#include "run/work.h"

#include "run/chain.h"
#include "run/inspect.h"
#include "run/pass.h"
#include "run/rendezvous.h"
#include "run/tally.h"

#include <errno.h>
#include <unistd.h>

#define STACK_TOUCHED (64u << 10)

static int prepare(struct seat *seat)
{
	const struct assignment *a = seat->assignment;

	for (unsigned int i = 0; i < a->nr_calls; i++) {
		const struct op *op = a->calls[i].op;
		int r;

		seat->worker.step = i;
		r = a->active[i] && op->prepare ? op->prepare(&seat->worker, &a->calls[i]) : 0;
		if (r)
			return seat_fail(seat, r, true);
	}
	return 0;
}

static void finish(struct seat *seat)
{
	const struct assignment *a = seat->assignment;

	for (unsigned int i = 0; i < a->nr_calls; i++) {
		seat->worker.step = i;
		if (a->active[i] && a->calls[i].op->finish)
			a->calls[i].op->finish(&seat->worker, &a->calls[i]);
	}
}

static bool wants_another(struct seat *seat, uint64_t done, uint64_t until_ticks)
{
	const struct assignment *a = seat->assignment;

	if (seat_stopped(seat))
		return false;
	return a->iterations ? done < a->iterations : clock_ticks(a->clock) < until_ticks;
}

/*
 * Does the worker go on? With a shared mapping all must agree, or one waits at a wall for another
 * that has left: the first worker decides, and the walls of the steps keep its word readable.
 */
static bool another(struct seat *seat, uint64_t done, uint64_t until_ticks)
{
	struct area_control *control = seat->assignment->area->control;

	if (!seat->shared)
		return wants_another(seat, done, until_ticks);
	if (seat->worker.index == 0)
		atomic_store(&control->again, wants_another(seat, done, until_ticks));
	return rendezvous_wall(seat) && atomic_load(&control->again);
}

static void timed_passes(struct seat *seat)
{
	const struct assignment *a = seat->assignment;
	struct worker_report *report = seat_report(seat);
	uint64_t done = 0, until;
	struct chain chain;
	bool chained = chain_make(a, &seat->worker, &chain);
	int r;

	inspect_begun(seat);
	*(volatile uint32_t *)&report->phase = PHASE_STEPS;
	if (!rendezvous_start(seat))
		return;
	tally_start(seat);
	report->start_ticks = clock_ticks(a->clock);
	until = report->start_ticks + (uint64_t)((double)a->for_ns / a->clock->ns_per_tick);
	do {
		if (pass_through(seat, a->nr_setup, a->nr_calls, done == 0))
			return;
		*(volatile uint64_t *)&report->iterations = ++done;
	} while (!chained && another(seat, done, until));
	if (chained && another(seat, done, until)) {
		chain.iterations = a->iterations;
		chain.until_ticks = until;
		perf_start(seat->perf);
		r = chain_run(&chain, a, &seat->worker, &done);
		perf_stop(seat->perf);
		if (r) {
			seat_fail(seat, r, false);
			return;
		}
	}
	report->end_ticks = clock_ticks(a->clock);
	*(volatile uint32_t *)&report->phase = PHASE_DONE;
}

/* Each worker has its own events: what it does outside its steps, or another, is not in them. */
static void count_passes(struct seat *seat)
{
	if (perf_open(&seat->perf)) {
		seat_fail(seat, -ENOMEM, true);
		return;
	}
	timed_passes(seat);
	if (seat_report(seat)->start_ticks)
		tally_end(seat);
	if (rendezvous_end(seat))
		inspect_end(seat);
	perf_read(seat->perf, seat_report(seat)->perf);
	perf_close(seat->perf);
}

static int take_place(struct seat *seat)
{
	const struct assignment *a = seat->assignment;
	int r;

	if (!a->places)
		return 0;
	r = topology_bind(a->topology, &a->places[seat->worker.index], &seat->worker.error);
	return r ? seat_fail(seat, r, true) : 0;
}

/* The stack's pages are there before the timed region needs them. */
static void prefault_stack(void)
{
	volatile char stack[STACK_TOUCHED];

	for (size_t i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 0;
}

/* Where a step's time may have another's in it: how much of it, is asked around each step. */
static void watch_waits(struct seat *seat)
{
	int fd = seat->takes_turns ? runqueue_open() : 0;

	seat->worker.runqueue_fd = fd > 0 ? fd : 0;
	seat_report(seat)->waits_known = fd > 0;
}

void *work_through(void *argument)
{
	struct seat *seat = argument;
	const struct assignment *a = seat->assignment;
	bool events = false;

	prefault_stack();
	if (take_place(seat))
		return NULL;
	watch_waits(seat);
	for (unsigned int i = 0; i < a->nr_calls; i++)
		events |= a->calls[i].each_event;
	area_prefault(a->area, seat->worker.index, events);
	if (prepare(seat) == 0) {
		*(volatile uint32_t *)&seat_report(seat)->phase = PHASE_SETUP;
		if (pass_through(seat, 0, seat->assignment->nr_setup, true) == 0)
			count_passes(seat);
	}
	finish(seat);
	if (seat->worker.runqueue_fd > 0)
		close(seat->worker.runqueue_fd);
	return NULL;
}
