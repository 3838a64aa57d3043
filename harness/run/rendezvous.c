/* SPDX-License-Identifier: MIT */
#include "run/rendezvous.h"

#include "run/tally.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_AHEAD_NS     1000000u /* the common start lies this far ahead */
#define SPINS_BEFORE_YIELD 2000u

/* With more workers than CPUs the one that is waited for needs this CPU, and at once. */
static void pause_spin(const struct seat *seat, unsigned int *spins)
{
	if (++*spins % SPINS_BEFORE_YIELD == 0 || seat->takes_turns)
		sched_yield();
}

/* Who spins takes the CPU from those that it waits for. Also after a while: somebody may have died.
 */
static void sleep_until_changed(_Atomic uint32_t *word, uint32_t from)
{
	static const struct timespec while_ns = { 0, 10000000 };

	syscall(SYS_futex, word, FUTEX_WAIT, from, &while_ns, NULL, 0);
}

static void wake_all(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

void rendezvous_together(struct seat *seat, uint64_t start, uint64_t end)
{
	struct area_control *control = seat->assignment->area->control;
	uint64_t first = atomic_load(&control->first_start), last = atomic_load(&control->last_end);

	while ((!first || start < first) &&
	       !atomic_compare_exchange_weak(&control->first_start, &first, start))
		;
	while (end > last && !atomic_compare_exchange_weak(&control->last_end, &last, end))
		;
}

/* By the last to arrive, while all others stand at the wall. */
static void add_together(const struct seat *seat)
{
	const struct area *area = seat->assignment->area;
	struct step_report *report = area_step(area, 0, seat->worker.step);
	uint64_t first = atomic_exchange(&area->control->first_start, 0),
		 last = atomic_exchange(&area->control->last_end, 0);

	if (!first)
		return;
	report->together_ticks += last - first;
	report->nr_together++;
}

bool rendezvous_wall(struct seat *seat)
{
	struct area_control *control = seat->assignment->area->control;
	unsigned int n = seat->worker.nr_workers, spins = 0;
	uint32_t phase = atomic_load(&control->barrier_phase);

	if (n == 1)
		return true;
	if (atomic_fetch_add(&control->barrier_arrived, 1) + 1 == n) {
		if (seat->takes_turns)
			add_together(seat);
		atomic_store(&control->barrier_arrived, 0);
		atomic_store(&control->barrier_phase, phase + 1);
		if (seat->takes_turns)
			wake_all(&control->barrier_phase);
		return true;
	}
	while (atomic_load_explicit(&control->barrier_phase, memory_order_acquire) == phase) {
		if (atomic_load_explicit(&control->stop, memory_order_relaxed) == STOP_FAILED)
			return false;
		if (seat->takes_turns)
			sleep_until_changed(&control->barrier_phase, phase);
		else
			pause_spin(seat, &spins);
	}
	return true;
}

/*
 * Has a worker process been killed before it was ready? The leader, whose child it is, looks while
 * it waits, else all would wait for the dead until the time is up. It is left to be waited for.
 */
static bool worker_died(const struct seat *seat)
{
	siginfo_t info = { .si_pid = 0 };

	if (seat->worker.index || seat->worker.conditions->workers != WORKER_PROCESS ||
	    waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid ||
	    info.si_code == CLD_EXITED)
		return false;
	atomic_store(&seat->assignment->area->control->stop, STOP_FAILED);
	return true;
}

/* The first worker goes on when all others are ready, they when it has set the deadline. */
static bool may_go_on(const struct seat *seat)
{
	struct area_control *control = seat->assignment->area->control;

	if (seat->worker.index)
		return atomic_load_explicit(&control->deadline_ticks, memory_order_acquire);
	return atomic_load_explicit(&control->nr_ready, memory_order_acquire) + 1 ==
	       seat->worker.nr_workers;
}

bool rendezvous_start(struct seat *seat)
{
	struct area_control *control = seat->assignment->area->control;
	const struct clock *clock = seat->worker.clock;
	unsigned int spins = 0;
	uint64_t deadline;

	if (seat->worker.index)
		atomic_fetch_add(&control->nr_ready, 1);
	while (!may_go_on(seat)) {
		uint32_t stop = atomic_load(&control->stop);

		if (stop == STOP_ASKED)
			break;
		if (stop == STOP_FAILED || (spins % 64 == 0 && worker_died(seat)))
			return false;
		pause_spin(seat, &spins);
	}
	tally_begin(seat);
	if (seat->worker.nr_workers == 1)
		return true;
	if (!seat->worker.index)
		atomic_store(&control->deadline_ticks,
			     clock_ticks(clock) + (uint64_t)(START_AHEAD_NS / clock->ns_per_tick));
	deadline = atomic_load(&control->deadline_ticks);
	while (clock_ticks(clock) < deadline)
		; /* less than a millisecond: who is late finds the deadline past */
	return true;
}

static bool failed(const struct seat *seat)
{
	return atomic_load(&seat->assignment->area->control->stop) == STOP_FAILED ||
	       worker_died(seat);
}

bool rendezvous_end(struct seat *seat)
{
	struct area_control *control = seat->assignment->area->control;
	uint32_t ended = atomic_fetch_add(&control->nr_ended, 1) + 1;

	if (atomic_load(&control->stop) == STOP_FAILED)
		return false;
	if (seat->worker.index) {
		if (ended == seat->worker.nr_workers)
			wake_all(&control->nr_ended);
		while (!atomic_load(&control->tallied)) {
			if (failed(seat))
				return false;
			sleep_until_changed(&control->tallied, 0);
		}
		return true;
	}
	while ((ended = atomic_load(&control->nr_ended)) < seat->worker.nr_workers) {
		if (failed(seat))
			return false;
		sleep_until_changed(&control->nr_ended, ended);
	}
	tally_read(seat);
	atomic_store(&control->tallied, 1);
	if (seat->worker.nr_workers > 1)
		wake_all(&control->tallied);
	return true;
}
