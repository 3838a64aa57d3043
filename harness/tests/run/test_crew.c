/* SPDX-License-Identifier: MIT */
/* The crew: many more workers than CPUs, workers that die early, and a loop without system calls.
 */
#include "tests/run/fixture.h"

#include "ops/stream_loops.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

static void test_512_threads(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 512;
	f->conditions.map.length_bytes = 4 * f->host.page_bytes;
	add_map_touch_unmap(f);
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_TOUCHES], 512 * 3 * 4);
}

static void test_64_processes(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 64;
	f->conditions.workers = WORKER_PROCESS;
	add_map_touch_unmap(f);
	run_ok(f);
	assert_int_equal(f->record.steps[1].executions, 64 * 3);
}

/* Walls around every step: each needs all of them. */
static void test_64_threads_share(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 64;
	f->conditions.layout = LAYOUT_SHARED;
	add_map_touch_unmap(f);
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_TOUCHES], 3 * NR_PAGES);
}

#define BURNT_NS 10000000

/* So much time on a CPU, however long that takes. */
static int burn_step(struct worker *w, const struct op_call *call)
{
	struct timespec now, from;

	(void)w;
	(void)call;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	while ((now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec - from.tv_nsec < BURNT_NS);
	return 0;
}

/* Four workers a CPU: each waits for three while it works, which is none of its time. */
static void turns(struct fixture *f, enum worker_kind kind)
{
	static const struct op burn = { .name = "burn", .step = burn_step };
	const struct step_record *step = &f->record.steps[0];

	f->conditions.nr_workers = 4 * f->host.nr_cpus_allowed;
	f->conditions.workers = kind;
	add(f, &burn);
	run_ok(f);
	assert_true(f->record.take_turns);
	if (!f->record.waits_known) {
		print_message("SKIP: this kernel does not say how long a thread waits\n");
		skip();
	}
	print_message("%.1f ms on a CPU, %.1f ms of waits\n", (double)step->elapsed_ns / 1e6,
		      (double)step->waited_ns / 1e6);
	assert_true(step->elapsed_ns >= step->executions * BURNT_NS);
	assert_true(step->waited_ns > step->elapsed_ns);
}

static void test_threads_take_turns(void **state)
{
	turns(*state, WORKER_THREAD);
}

static void test_processes_take_turns(void **state)
{
	turns(*state, WORKER_PROCESS);
}

/* All begin and end between the same two walls. */
static void test_turns_at_one_mapping(void **state)
{
	struct fixture *f = *state;
	double touches;

	f->conditions.nr_workers = 2 * f->host.nr_cpus_allowed;
	f->conditions.map.length_bytes = 64 * f->conditions.nr_workers * f->host.page_bytes;
	f->conditions.layout = LAYOUT_SHARED;
	add_map_touch_unmap(f);
	run_ok(f);
	touches = 64.0 * f->conditions.nr_workers;
	/* The rate is over the same time as the step's. */
	assert_float_equal(metric_of(f, 1, "rate") * metric_of(f, 1, "time") / 1e9, touches, 1);
}

/* Workers whose part lies behind the amount, or who have none, do nothing, and so often. */
static void test_parts_behind_the_amount(void **state)
{
	static const struct {
		const char *op, *text;
		unsigned int nr_workers, nr_pages, working;
	} vectors[] = {
		{ "touch", "amount=16 pages", 4, 64, 1 },
		{ "touch", "amount=17 pages", 4, 64, 2 },
		{ "advise", "advice=dontneed; amount=50% mapping", 2, 64, 1 },
		{ "protect", "to=read; from=32 pages; amount=8 pages", 4, 64, 1 },
		{ "sync", "", 4, 64, 4 },
		{ "sync", "", 4, 3, 1 }, /* three pages in four parts: the last has all */
		{ "lock", "", 4, 2, 1 },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		void *fresh;
		struct fixture *f;

		set_up(&fresh);
		f = fresh;
		f->conditions.nr_workers = vectors[i].nr_workers;
		f->conditions.map.length_bytes = vectors[i].nr_pages * f->host.page_bytes;
		f->conditions.layout = LAYOUT_SHARED;
		add(f, op_find("map"));
		f->assignment.nr_setup = 1;
		add_with(f, op_find(vectors[i].op), vectors[i].text);
		run_ok(f);
		if (f->record.steps[0].nr_workers != vectors[i].working)
			fail_msg("%s %s: %u workers took part, not %u", vectors[i].op,
				 vectors[i].text, f->record.steps[0].nr_workers,
				 vectors[i].working);
		assert_int_equal(f->record.steps[0].executions, 3 * vectors[i].working);
		tear_down(&fresh);
	}
	(void)state;
}

static int die_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	if (w->index == 1)
		raise(SIGBUS);
	return 0;
}

/* In the setup, before the common start: nobody waits for the dead until the time is up. */
static void test_death_before_the_start(void **state)
{
	static const struct op die = { .name = "die", .step = die_step };
	struct fixture *f = *state;

	f->conditions.nr_workers = 3;
	f->conditions.workers = WORKER_PROCESS;
	add(f, &die);
	f->assignment.nr_setup = 1;
	add(f, op_find("map"));
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
	assert_int_equal(f->record.outcome.number, SIGBUS);
}

/* From here on every system call but these two (−1: none) ends the process with SIGSYS. */
static int forbid(int but, int and)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)but, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)and, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { ARRAY_LENGTH(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return -errno;
	return 0;
}

/* What the real op's step must not do but for its own system call. */
static const struct op *inner;
static int inner_call, inner_other;
static volatile bool timed;

#if !EXTRA_FAULTS
/* The C library's own names behind its allocator: this one tells on who comes here while timed. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t n, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);

static void no_allocation(void)
{
	if (timed)
		raise(SIGUSR1); /* and that is a system call */
}

void *malloc(size_t bytes)
{
	no_allocation();
	return __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes)
{
	no_allocation();
	return __libc_calloc(n, bytes);
}

void *realloc(void *old, size_t bytes)
{
	no_allocation();
	return __libc_realloc(old, bytes);
}
#endif

/* The op's own step between a filter that lets nothing else through and the end of the process. */
static int forbidding_step(struct worker *w, const struct op_call *call)
{
	int r = forbid(inner_call, inner_other);

	timed = true;
	if (!r)
		r = inner->step(w, call);
	/* No exit either: what is left to say is said by a signal of the processor's. */
	if (!r)
		__builtin_trap();
	return r;
}

static void run_forbidden(struct fixture *f, const struct op *op, const char *text, int call,
			  int other, bool each)
{
	struct op wrapped = *op;
	struct error err = { "" };

	inner = op;
	inner_call = call;
	inner_other = other;
	wrapped.step = forbidding_step;
	wrapped.plain = NULL;
	wrapped.metrics = NULL;
	f->assignment.nr_calls = 0;
	if (op->traits & OP_NEEDS_MAPPING) {
		add(f, op_find("map"));
		add_with(f, op_find("fill"), "pattern=zero");
	}
	add_with(f, &wrapped, text);
	assert_false(op->supported &&
		     op->supported(&f->assignment.calls[f->assignment.nr_calls - 1], &f->conditions,
				   &f->host, &err));
	for (unsigned int i = 0; i < f->assignment.nr_calls; i++)
		f->assignment.calls[i].each_event = each;
	run(f);
}

/*
 * Under a filter that kills at any system call but its own, and with an allocator that makes one,
 * an op's timed step comes to its end, which is an illegal instruction.
 */
static void test_no_system_call(void **state)
{
	static const struct {
		const char *op, *text;
		int call;
		bool each;
		int other; /* 0: no other call */
	} vectors[] = {
		{ "touch", NULL, -1 },
		{ "touch", "access=read; order=random", -1 },
		{ "touch", NULL, -1, true },
		{ "touch", "access=read; order=random", -1, true },
		{ "touch", "method=populate", SYS_madvise },
		{ "chase", NULL, -1 },
		{ "chase", "chains=10; order=group; group=64KiB", -1 },
		{ "stream", "kind=read", -1 },
		{ "stream", "kind=copy", -1 },
		{ "stream", "kind=write; stores=non-temporal", -1 },
		{ "stream", "kind=triad; stores=non-temporal", -1 },
		{ "fill", NULL, -1 },
		{ "fill", "pattern=random", -1 },
		{ "verify", "pattern=zero", -1 },
		{ "map", NULL, SYS_mmap },
		{ "unmap", NULL, SYS_munmap },
		{ "protect", "to=read", SYS_mprotect },
		{ "remap", "to=128 pages", SYS_mremap },
		{ "advise", "advice=dontneed", SYS_madvise },
		{ "refault", "piece=1 page; before=write; access=read", SYS_madvise },
		{ "commit", NULL, SYS_mprotect },
		{ "sync", NULL, SYS_msync },
		{ "lock", NULL, SYS_mlock },
		{ "unlock", NULL, SYS_munlock },
		{ "lock", "pages=on-fault", SYS_mlock2 },
		{ "brk", NULL, SYS_brk },
		{ "many", "count=16", SYS_mmap },
		{ "churn", "pairs=16; live=3", SYS_mmap, .other = SYS_munmap },
		{ "move", "to=0", SYS_move_pages },
	};
	struct fixture *f = *state;

	if (EXTRA_FAULTS) {
		print_message("SKIP: no system call: AddressSanitizer makes some\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		const struct op *op = op_find(vectors[i].op);
		const char *text = vectors[i].text;

		if (strcmp(vectors[i].op, "stream") == 0 && strstr(text, "non-temporal") &&
		    !stream_has_non_temporal())
			continue;
		run_forbidden(f, op, text, vectors[i].call,
			      vectors[i].other ? vectors[i].other : -1, vectors[i].each);
		print_message("%s %s: %s\n", vectors[i].op, text ? text : "",
			      f->record.outcome.detail);
		assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
		assert_true(f->record.outcome.number == SIGILL ||
			    f->record.outcome.number == SIGTRAP);
		area_close(&f->area);
	}
}

static double counted(const struct fixture *f, const char *name)
{
	return f->record.counters[counter_index(name)];
}

/* What workers used in the timed steps: neither their setup nor what it cost to make them. */
static void test_usage_of_processes(void **state)
{
	struct fixture *f = *state;
	uint64_t pages = 4096, n = 3, noise = n * (256 + EXTRA_FAULTS);
	uint64_t all = n * pages * f->assignment.iterations;

	f->conditions.workers = WORKER_PROCESS;
	f->conditions.nr_workers = (unsigned int)n;
	f->conditions.map.length_bytes = pages * f->host.page_bytes;
	add(f, op_find("map"));
	add(f, op_find("touch"));
	f->assignment.nr_setup = 2;
	add_with(f, op_find("refault"), "piece=16 pages");
	run_ok(f);
	assert_true(f->record.counted);
	print_message("%.0f minor faults, %llu in the steps\n", counted(f, "usage.minor_faults"),
		      (unsigned long long)all);
	assert_in_range((uint64_t)counted(f, "usage.minor_faults"), all, all + noise);
	assert_true(counted(f, "usage.system_time") > 0);
}

/*
 * Performance events are those of the timed steps of all workers, whatever a worker is: the first
 * two steps are the setup, and the last has work before it.
 */
static void test_events_of_workers(void **state)
{
	static const enum worker_kind kinds[] = { WORKER_THREAD, WORKER_PROCESS };
	struct perf_choice choice = { .nr = 2, .names = { "page_faults", "cycles:zz" } };
	struct fixture *f = *state;
	uint64_t pages = 4096, n = 3, all = n * pages * f->assignment.iterations;

	perf_prepare(&choice);
	if (perf_absence(0)) {
		print_message("SKIP: test_events_of_workers: %s\n", perf_absence(0));
		skip();
	}
	f->conditions.nr_workers = (unsigned int)n;
	f->conditions.map.length_bytes = pages * f->host.page_bytes;
	add(f, op_find("map"));
	add(f, op_find("touch"));
	f->assignment.nr_setup = 2;
	add_with(f, op_find("refault"), "piece=16 pages");
	add_with(f, op_find("chase"), "loads=1000");
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		f->conditions.workers = kinds[i];
		run_ok(f);
		print_message("%.0f page faults, %llu in the steps\n", f->record.perf[0].value,
			      (unsigned long long)all);
		assert_in_range((uint64_t)f->record.perf[0].value, all,
				all + n * (8 + EXTRA_FAULTS));
		assert_true(f->record.perf[0].share == 1);
		assert_true(isnan(f->record.perf[1].value) && isnan(f->record.perf[1].share));
		if (i == 0)
			area_close(&f->area);
	}
	choice.nr = 0;
	perf_prepare(&choice);
}

static struct rlimit few_files = { .rlim_cur = 16 };

/* Once, and before any of them opens its events: who comes later would lower it again. */
static int limit_step(struct worker *w, const struct op_call *call)
{
	static _Atomic int lowered; /* in the repetition's process: each has its own */

	(void)call;
	if (w->index) {
		while (!atomic_load(&lowered))
			sched_yield();
		return 0;
	}
	if (setrlimit(RLIMIT_NOFILE, &few_files))
		return -errno;
	atomic_store(&lowered, 1);
	return 0;
}

/* More events than the process may have files: it asks for more, and says what it did not get. */
static void test_events_without_files(void **state)
{
	static const struct op limits = { .name = "limits", .step = limit_step };
	struct perf_choice choice = { .nr = 1, .names = { "page_faults" } };
	struct rlimit before;
	struct fixture *f = *state;
	bool said = false;

	perf_prepare(&choice);
	if (perf_absence(0)) {
		print_message("SKIP: test_events_without_files: %s\n", perf_absence(0));
		skip();
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	f->conditions.nr_workers = 32;
	add(f, &limits);
	f->assignment.nr_setup = 1;
	add(f, op_find("map"));
	add(f, op_find("unmap"));
	few_files.rlim_max = before.rlim_max;
	run_ok(f);
	assert_false(isnan(f->record.perf[0].value));
	area_close(&f->area);
	few_files.rlim_max = few_files.rlim_cur;
	run_ok(f);
	assert_true(isnan(f->record.perf[0].value));
	for (unsigned int i = 0; i < f->record.nr_warnings; i++)
		said |= !!strstr(f->record.warnings[i],
				 "workers could not count page_faults: Too many open files");
	assert_true(said);
	choice.nr = 0;
	perf_prepare(&choice);
}

/* All workers but the first have more to do: faults on one page. */
static int late_step(struct worker *w, const struct op_call *call)
{
	uint64_t page = w->host->page_bytes;
	volatile char *at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				 -1, 0);

	(void)call;
	if (at == MAP_FAILED)
		return -errno;
	for (unsigned int i = 0; w->index && i < 50000; i++) {
		*at = 1;
		madvise((void *)at, page, MADV_DONTNEED);
	}
	return munmap((void *)at, page) ? -errno : 0;
}

/* Counting begins when the last is ready, not the first. */
static void test_usage_without_setup(void **state)
{
	static const struct op late = { .name = "late", .step = late_step };
	static const enum worker_kind kinds[] = { WORKER_THREAD, WORKER_PROCESS };
	struct fixture *f = *state;

	f->conditions.nr_workers = 3;
	add(f, &late);
	f->assignment.nr_setup = 1;
	add(f, op_find("map"));
	add(f, op_find("unmap"));
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		f->conditions.workers = kinds[i];
		run_ok(f);
		print_message("%.0f minor faults\n", counted(f, "usage.minor_faults"));
		assert_in_range((uint64_t)counted(f, "usage.minor_faults"), 0,
				3 * (256 + EXTRA_FAULTS));
		if (i == 0)
			area_close(&f->area);
	}
}

static int getppid_step(struct worker *w, const struct op_call *call)
{
	(void)w;
	(void)call;
	return getppid() > 0 ? 0 : -ESRCH;
}

static int malloc_step(struct worker *w, const struct op_call *call)
{
	static void *volatile kept;

	(void)w;
	(void)call;
	kept = malloc(64);
	free(kept);
	return 0;
}

/* The filter and the allocator do bite. */
static void test_a_system_call(void **state)
{
	static const struct op calls = { .name = "calls", .step = getppid_step };
	static const struct op allocates = { .name = "allocates", .step = malloc_step };
	struct fixture *f = *state;

	run_forbidden(f, &calls, NULL, -1, -1, false);
	assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
	assert_int_equal(f->record.outcome.number, SIGSYS);
	if (EXTRA_FAULTS)
		return;
	area_close(&f->area);
	run_forbidden(f, &allocates, NULL, -1, -1, false);
	assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
	assert_int_equal(f->record.outcome.number, SIGSYS);
}

/*
 * Steps in a chain are counted and timed like others, each for itself; whatever ends a chain, a
 * block of it that is not full is not lost.
 */
static void test_chain(void **state)
{
	struct fixture *f = *state;
	const struct step_record *map = &f->record.steps[0], *unmap = &f->record.steps[2];

	f->conditions.map.thp = THP_AS_SET;
	f->assignment.iterations = 1001;
	f->conditions.nr_workers = 2;
	add(f, op_find("map"));
	add_with(f, op_find("protect"), "to=read");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.iterations, 1001);
	assert_int_equal(map->executions, 2 * 1001);
	assert_int_equal(map->times->n, 2 * 1001);
	assert_int_equal(unmap->executions, 2 * 1001);
	assert_int_equal(f->record.steps[1].count[COUNT_CALLS], 2 * 1001);
	assert_true(map->times->min > 0 && map->elapsed_ns >= map->times->sum / 2);
	assert_int_equal(f->record.effective.mapped_bytes, 2 * NR_PAGES * f->host.page_bytes);
	area_close(&f->area);
	f->assignment.iterations = 0;
	f->assignment.for_ns = 20000000;
	run_ok(f);
	assert_int_equal(map->executions, map->times->n);
	assert_int_equal(map->executions, unmap->executions);
}

static unsigned int nr_chained;

static int refuse_later_step(struct worker *w, const struct op_call *call)
{
	(void)w;
	(void)call;
	return ++nr_chained > 500 ? -EAGAIN : 0;
}

/* It fails in the middle of a chain: what was before it is counted, and it is named. */
static void test_chain_fails(void **state)
{
	static const struct op refuses = { .name = "refuses", .step = refuse_later_step };
	struct fixture *f = *state;

	f->conditions.map.thp = THP_AS_SET;
	f->assignment.iterations = 1001;
	add(f, op_find("map"));
	add(f, &refuses);
	add(f, op_find("unmap"));
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_ERRNO);
	assert_int_equal(f->record.outcome.number, EAGAIN);
	assert_int_equal(f->record.outcome.step, 1);
	assert_int_equal(f->record.steps[0].executions, 501);
	assert_int_equal(f->record.steps[1].executions, 500);
	assert_int_equal(f->record.steps[2].executions, 500);
}

static struct fixture *to_stop; /* NULL: nobody asks */

static int quick_step(struct worker *w, const struct op_call *call)
{
	(void)w;
	(void)call;
	if (to_stop && ++nr_chained == 500)
		atomic_store(&to_stop->area.control->stop, STOP_ASKED);
	return 0;
}

/*
 * Steps so quick that the room for their times is full before the block's time is up, which the
 * sanitizers watch; and a stop is heeded between passes.
 */
static void test_quick_chain(void **state)
{
	static const struct op quick = { .name = "quick", .step = quick_step };
	struct fixture *f = *state;

	f->assignment.iterations = 1001;
	for (int i = 0; i < 5; i++)
		add(f, &quick);
	to_stop = NULL;
	run_ok(f);
	for (int i = 0; i < 5; i++)
		assert_int_equal(f->record.steps[i].times->n, 1001);
	area_close(&f->area);
	to_stop = f;
	nr_chained = 0;
	run(f);
	assert_int_equal(f->record.steps[4].executions, 100);
}

/* What a worker and a step cost beside the memory under test, as the kernel counts it. */
static int look_step(struct worker *w, const struct op_call *call)
{
	unsigned char resident[64];
	uint64_t page = w->host->page_bytes;
	uintptr_t start = (uintptr_t)w->report / page * page;
	size_t length = (uintptr_t)(w->report + 1) - start, pages = (length + page - 1) / page;

	(void)call;
	if (pages > sizeof(resident) || mincore((void *)start, length, resident))
		return -EINVAL;
	w->report->value[0] = 0;
	for (size_t i = 0; i < pages; i++)
		w->report->value[0] += (resident[i] & 1) * (double)page;
	return 0;
}

static void test_memory_of_a_step(void **state)
{
	static const struct metric metrics[] = {
		{ "resident", "B", BETTER_LOWER, METRIC_VALUE, .slot = 0, .help = "its report" },
		{ NULL },
	};
	static const struct op looks = { .name = "looks", .metrics = metrics, .step = look_step };
	struct fixture *f = *state;
	uint64_t bytes;

	f->conditions.nr_workers = 16;
	add_with(f, &looks, NULL)->each_event = true;
	run_ok(f);
	bytes = (uint64_t)metric_of(f, 0, "resident");
	print_message("%llu bytes a worker and step\n", (unsigned long long)bytes);
	assert_in_range(bytes, 1, 128u << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_512_threads),
		TEST(test_64_processes),
		TEST(test_64_threads_share),
		TEST(test_threads_take_turns),
		TEST(test_processes_take_turns),
		TEST(test_turns_at_one_mapping),
		cmocka_unit_test(test_parts_behind_the_amount),
		TEST(test_death_before_the_start),
		TEST(test_no_system_call),
		TEST(test_a_system_call),
		TEST(test_usage_of_processes),
		TEST(test_usage_without_setup),
		TEST(test_events_of_workers),
		TEST(test_events_without_files),
		TEST(test_chain),
		TEST(test_chain_fails),
		TEST(test_quick_chain),
		TEST(test_memory_of_a_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
