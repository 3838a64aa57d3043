/* SPDX-License-Identifier: MIT */
/* The crew: many more workers than CPUs, workers that die early, and a loop without system calls.
 */
#include "tests/run/fixture.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

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

/* From here on every system call that the filter does not name ends the process with SIGSYS. */
static int forbid_step(struct worker *w, const struct op_call *call)
{
	struct sock_filter filter[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS) };
	struct sock_fprog program = { ARRAY_LENGTH(filter), filter };

	(void)w;
	(void)call;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return -errno;
	return 0;
}

static const struct op *inner; /* that forbidding_step() runs; the real op */
static bool inner_each;

/* The op's own step between a filter that lets nothing through and the end of the process. */
static int forbidding_step(struct worker *w, const struct op_call *call)
{
	int r = forbid_step(w, call);

	if (!r)
		r = inner->step(w, call);
	/* No exit either: what is left to say is said by a signal of the processor's. */
	if (!r)
		__builtin_trap();
	return r;
}

/*
 * touch, chase and stream make no system call while they are timed: under a filter that kills at
 * the first one they come to their end, which is an illegal instruction.
 */
static void test_no_system_call(void **state)
{
	static const char *const names[] = { "touch", "touch", "chase", "stream" };
	struct fixture *f = *state;

	if (EXTRA_FAULTS) {
		print_message("SKIP: no system call: AddressSanitizer makes some\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		struct op wrapped = *op_find(names[i]);

		inner = op_find(names[i]);
		inner_each = i == 1;
		wrapped.step = forbidding_step;
		wrapped.metrics = NULL;
		add(f, op_find("map"));
		add(f, &wrapped);
		f->assignment.calls[0].each_event = f->assignment.calls[1].each_event = inner_each;
		run(f);
		print_message("%s: %s\n", names[i], f->record.outcome.detail);
		assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
		assert_true(f->record.outcome.number == SIGILL ||
			    f->record.outcome.number == SIGTRAP);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

static int getppid_step(struct worker *w, const struct op_call *call)
{
	(void)w;
	(void)call;
	return getppid() > 0 ? 0 : -ESRCH;
}

/* The filter does bite. */
static void test_a_system_call(void **state)
{
	static const struct op calls = { .name = "calls", .step = getppid_step };
	struct fixture *f = *state;
	struct op wrapped = calls;

	inner = &calls;
	wrapped.step = forbidding_step;
	add(f, &wrapped);
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
	assert_int_equal(f->record.outcome.number, SIGSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_512_threads),      TEST(test_64_processes),
		TEST(test_64_threads_share), TEST(test_death_before_the_start),
		TEST(test_no_system_call),   TEST(test_a_system_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
