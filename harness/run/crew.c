/* SPDX-License-Identifier: MIT */
#include "run/crew.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "run/chain.h"
#include "sys/numa.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define START_AHEAD_NS     1000000u /* the common start lies this far ahead */
#define SPINS_BEFORE_YIELD 2000u
#define STACK_BYTES        (256u << 10)
#define STACK_TOUCHED      (64u << 10)

/* What one worker's thread needs; in the leader's memory. */
struct seat {
	const struct assignment *assignment;
	struct worker worker;
	struct mapping *shared;              /* NULL: every worker has its own */
	struct counting *counting;           /* the first worker's; NULL: the others' */
	double usage_before[USAGE_COUNTERS]; /* a process': before the timed steps */
	uint64_t *node_used; /* as the first worker found it; NULL: the others', unknown */
	pthread_t thread;
	pid_t process;
};

static struct worker_report *report_of(const struct seat *seat)
{
	return &seat->assignment->area->workers[seat->worker.index];
}

static bool stopped(const struct seat *seat)
{
	return atomic_load_explicit(&seat->assignment->area->control->stop, memory_order_relaxed);
}

/* With more workers than CPUs the one that is waited for needs this CPU, and at once. */
static void pause_spin(const struct seat *seat, unsigned int *spins)
{
	const struct worker *w = &seat->worker;

	if (++*spins % SPINS_BEFORE_YIELD == 0 || w->nr_workers > w->host->nr_cpus_allowed)
		sched_yield();
}

/* The worker ends and takes the others with it. harness: the failure is ours, not the step's. */
static int fail(struct seat *seat, int r, bool harness)
{
	struct worker_report *report = report_of(seat);

	report->error = -r;
	report->harness_failed = harness;
	snprintf(report->text, sizeof(report->text), "%.*s", (int)sizeof(report->text) - 1,
		 seat->worker.error.text);
	atomic_store(&seat->assignment->area->control->stop, STOP_FAILED);
	return r;
}

/* All workers wait for the last. false: the repetition was stopped meanwhile. */
static bool barrier(struct seat *seat)
{
	struct area_control *control = seat->assignment->area->control;
	unsigned int n = seat->worker.nr_workers, spins = 0;
	uint32_t phase = atomic_load(&control->barrier_phase);

	if (n == 1)
		return true;
	if (atomic_fetch_add(&control->barrier_arrived, 1) + 1 == n) {
		atomic_store(&control->barrier_arrived, 0);
		atomic_store(&control->barrier_phase, phase + 1);
		return true;
	}
	while (atomic_load_explicit(&control->barrier_phase, memory_order_acquire) == phase) {
		if (atomic_load_explicit(&control->stop, memory_order_relaxed) == STOP_FAILED)
			return false;
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

/* A process says what it used itself: the leader would see all of its life, the setup too. */
static bool by_itself(const struct seat *seat)
{
	return seat->worker.conditions->workers == WORKER_PROCESS;
}

static void begin_counting(struct seat *seat)
{
	if (seat->counting)
		counting_start(seat->counting);
	if (by_itself(seat))
		counters_usage(seat->usage_before);
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

/*
 * When all are ready, so that no setup is counted, the first worker begins to count and sets a
 * deadline a little ahead; all spin on it, a line that nobody writes any more, and so leave within
 * some cache misses of one another. false: a worker failed before.
 */
static bool common_start(struct seat *seat)
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
	begin_counting(seat);
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

static void inspect_growth(const struct seat *seat, struct mapping_effective *e)
{
	const struct host *host = seat->worker.host;
	uint64_t now[HOST_NODES_MAX];

	if (!seat->node_used || !numa_used(host, now))
		return;
	e->node_growth_known = true;
	for (unsigned int i = 0; i < host->nr_nodes; i++)
		e->node_growth_bytes[i] = (int64_t)(now[i] - seat->node_used[i]);
}

/* What the kernel really gave, once, while the mapping still stands. Only the first worker looks.
 */
static void inspect(struct seat *seat)
{
	struct worker_report *report = report_of(seat);

	if (seat->worker.index || report->inspected || seat->worker.mapping->address == MAP_FAILED)
		return;
	report->inspected = 1;
	if (mapping_inspect(seat->worker.mapping, seat->worker.host, &report->effective, NULL) == 0)
		inspect_growth(seat, &report->effective);
}

/*
 * What the timed steps begin with, where it will be judged: they may split huge pages and move
 * others themselves, as the writes after a fork do.
 */
static void inspect_begun(const struct seat *seat)
{
	const struct conditions *c = seat->worker.conditions;

	if (seat->worker.index || seat->worker.mapping->address == MAP_FAILED)
		return;
	if (c->map.thp != THP_AS_SET || c->thp_process_never || c->map.numa.nodes_given ||
	    c->map.flags & (MAP_POPULATE | MAP_LOCKED))
		mapping_inspect(seat->worker.mapping, seat->worker.host, &report_of(seat)->begun,
				NULL);
}

/* The timed region: the step alone, between two time stamps. */
static int timed(struct seat *seat, const struct op_call *call)
{
	struct worker *w = &seat->worker;
	enum worker_kind kind = w->conditions->workers;
	bool faults = op_counts_faults(call->op);
	uint64_t faults_before = faults ? faults_now(kind) : 0;
	uint64_t start = clock_ticks(w->clock), end;
	int r = call->op->step(w, call);

	end = clock_ticks(w->clock);
	if (r)
		return r;
	area_record(w->report, w->clock, report_of(seat)->start_ticks, start, end);
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
		inspect(seat);
	if (op->traits & OP_NEEDS_MAPPING)
		take_slice(seat);
	if (op->before)
		r = op->before(w, call);
	if (r)
		return fail(seat, r, false);
	r = timed(seat, call);
	if (r)
		return fail(seat, r, false);
	if (op->traits & OP_OVERWRITES)
		w->holds = NULL;
	if (op->after)
		r = op->after(w, call);
	if (!r && first && op->verify)
		r = op->verify(w, call);
	if (r)
		return fail(seat, r, false);
	return 0;
}

/*
 * With a mapping that all share, steps are walls: nobody unmaps what another still touches.
 */
static int one_step(struct seat *seat, unsigned int i, bool first)
{
	const struct op_call *call = &seat->assignment->calls[i];
	int r = 0;

	if (seat->shared && !barrier(seat))
		return -ECANCELED;
	seat->worker.step = i;
	seat->worker.report = area_step(seat->assignment->area, seat->worker.index, i);
	if (!seat->shared || !(call->op->traits & OP_ONCE) || seat->worker.index == 0)
		r = execute(seat, call, first);
	if (!r && seat->shared && !barrier(seat))
		return -ECANCELED;
	return r;
}

static int pass(struct seat *seat, unsigned int from, unsigned int to, bool first)
{
	struct worker_report *report = report_of(seat);
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

static int prepare(struct seat *seat)
{
	const struct assignment *a = seat->assignment;

	for (unsigned int i = 0; i < a->nr_calls; i++) {
		const struct op *op = a->calls[i].op;
		int r;

		seat->worker.step = i;
		r = a->active[i] && op->prepare ? op->prepare(&seat->worker, &a->calls[i]) : 0;
		if (r)
			return fail(seat, r, true);
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

	if (stopped(seat))
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
	return barrier(seat) && atomic_load(&control->again);
}

static void timed_passes(struct seat *seat)
{
	const struct assignment *a = seat->assignment;
	struct worker_report *report = report_of(seat);
	uint64_t done = 0, until;
	struct chain chain;
	bool chained = chain_make(a, &seat->worker, &chain);
	int r;

	inspect_begun(seat);
	*(volatile uint32_t *)&report->phase = PHASE_STEPS;
	if (!common_start(seat))
		return;
	report->start_ticks = clock_ticks(a->clock);
	until = report->start_ticks + (uint64_t)((double)a->for_ns / a->clock->ns_per_tick);
	do {
		if (pass(seat, a->nr_setup, a->nr_calls, done == 0))
			return;
		*(volatile uint64_t *)&report->iterations = ++done;
	} while (!chained && another(seat, done, until));
	if (chained && another(seat, done, until)) {
		chain.iterations = a->iterations;
		chain.until_ticks = until;
		r = chain_run(&chain, a, &seat->worker, &done);
		if (r) {
			fail(seat, r, false);
			return;
		}
	}
	report->end_ticks = clock_ticks(a->clock);
	inspect(seat);
	*(volatile uint32_t *)&report->phase = PHASE_DONE;
}

static void leave_usage(const struct seat *seat)
{
	struct worker_report *report = report_of(seat);

	counters_usage(report->usage);
	for (unsigned int i = 0; i < USAGE_COUNTERS; i++)
		report->usage[i] -= seat->usage_before[i];
}

static int take_place(struct seat *seat)
{
	const struct assignment *a = seat->assignment;
	int r;

	if (!a->places)
		return 0;
	r = topology_bind(a->topology, &a->places[seat->worker.index], &seat->worker.error);
	return r ? fail(seat, r, true) : 0;
}

/* The stack's pages are there before the timed region needs them. */
static void prefault_stack(void)
{
	volatile char stack[STACK_TOUCHED];

	for (size_t i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 0;
}

static void *work(void *argument)
{
	struct seat *seat = argument;
	const struct assignment *a = seat->assignment;

	prefault_stack();
	if (take_place(seat))
		return NULL;
	area_prefault(a->area, seat->worker.index, a->calls[0].each_event);
	if (prepare(seat) == 0) {
		*(volatile uint32_t *)&report_of(seat)->phase = PHASE_SETUP;
		if (pass(seat, 0, seat->assignment->nr_setup, true) == 0) {
			timed_passes(seat);
			if (by_itself(seat))
				leave_usage(seat);
		}
	}
	finish(seat);
	return NULL;
}

static int start_thread(struct seat *seat)
{
	pthread_attr_t attributes;
	int r = pthread_attr_init(&attributes);

	if (r)
		return -r;
	r = pthread_attr_setstacksize(&attributes, STACK_BYTES);
	if (!r)
		r = pthread_create(&seat->thread, &attributes, work, seat);
	pthread_attr_destroy(&attributes);
	return -r;
}

static int start_process(struct seat *seat)
{
	pid_t leader = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != leader)
			_exit(1);
		work(seat);
		_exit(0);
	}
	seat->process = pid;
	return 0;
}

/* A worker process that died takes its signal to the leader, whose parent then sees it. */
static int await_process(const struct seat *seat)
{
	int status;

	while (waitpid(seat->process, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFSIGNALED(status)) {
		atomic_store(&seat->assignment->area->control->stop, STOP_FAILED);
		signal(WTERMSIG(status), SIG_DFL);
		kill(getpid(), WTERMSIG(status));
	}
	return 0;
}

static void await(const struct seat *seats, unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++) {
		if (seats[i].assignment->conditions->workers == WORKER_THREAD)
			pthread_join(seats[i].thread, NULL);
		else
			await_process(&seats[i]);
	}
}

static void seat_init(struct seat *seat, const struct assignment *a, unsigned int index,
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

static void add_up_usage(const struct assignment *a, double ret[USAGE_COUNTERS])
{
	memset(ret, 0, USAGE_COUNTERS * sizeof(*ret));
	for (unsigned int w = 0; w < a->conditions->nr_workers; w++)
		for (unsigned int i = 0; i < USAGE_COUNTERS; i++)
			ret[i] += a->area->workers[w].usage[i];
}

/* After all have ended, so that what each of them did is in the sums. */
static void count(struct seat *leader)
{
	const struct assignment *a = leader->assignment;
	struct worker_report *report = report_of(leader);

	if (report->start_ticks) {
		counting_stop(leader->counting, report->counters, &report->counters_share);
		if (by_itself(leader))
			add_up_usage(a, report->counters);
		report->counted = 1;
	}
	counting_close(leader->counting);
}

int crew_run(const struct assignment *a)
{
	unsigned int n = a->conditions->nr_workers, started = 1;
	bool threads = a->conditions->workers == WORKER_THREAD;
	uint64_t node_used[HOST_NODES_MAX];
	struct seat *seats = aligned_alloc(CACHE_PAIR, n * sizeof(*seats));
	struct mapping shared = MAPPING_NONE;
	int r = 0;

	if (!seats)
		return 1;
	for (unsigned int i = 0; i < n; i++)
		seat_init(&seats[i], a, i, a->conditions->layout == LAYOUT_SHARED ? &shared : NULL);
	if (numa_used(a->host, node_used))
		seats[0].node_used = node_used;
	r = counting_open(&seats[0].counting,
			  a->calls[0].each_event ? COUNTING_EVERY_PERF : COUNTING_CHEAP_PERF);
	for (; started < n && !r; started += !r)
		r = threads ? start_thread(&seats[started]) : start_process(&seats[started]);
	if (r) {
		error_set_errno(&seats[0].worker.error, r, "cannot start worker %u of %u", started,
				n);
		fail(&seats[0], r, true);
	} else {
		work(&seats[0]);
	}
	await(seats, 1, started);
	count(&seats[0]);
	free(seats);
	return 0;
}
