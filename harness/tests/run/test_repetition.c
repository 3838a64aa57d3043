/* SPDX-License-Identifier: MIT */
/* Real repetitions on a few pages: what the workers report, and how a repetition may end. */
#include "tests/run/fixture.h"

/* A step that never ends, one that faults past its memory, one that fails. */
static int spin_step(struct worker *w, const struct op_call *call)
{
	volatile bool forever = true;

	(void)w;
	(void)call;
	while (forever)
		;
	return 0;
}

static int crash_step(struct worker *w, const struct op_call *call)
{
	(void)w;
	(void)call;
	raise(SIGBUS);
	return 0;
}

static int refuse_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	return w->index == 0 ? -EAGAIN : 0;
}

static const struct op op_spin = { .name = "spin", .step = spin_step };
static const struct op op_crash = { .name = "crash", .step = crash_step };
static const struct op op_refuse = { .name = "refuse", .step = refuse_step };

static void check_touches(const struct fixture *f, unsigned int workers, unsigned int iterations,
			  uint64_t touches)
{
	const struct step_record *touch = &f->record.steps[1];

	if (f->record.outcome.kind != OUTCOME_OK)
		print_error("%s\n", f->record.outcome.detail);
	assert_int_equal(f->record.outcome.kind, OUTCOME_OK);
	assert_int_equal(f->record.iterations, iterations);
	assert_int_equal(f->record.nr_steps, 3);
	assert_true(touch->ran);
	assert_int_equal(touch->executions, workers * iterations);
	assert_int_equal(touch->count[COUNT_TOUCHES], touches);
	assert_int_equal(touch->times->n, workers * iterations);
	assert_true(touch->metric[0] > 0);
	assert_true(touch->worker_ns.min <= touch->worker_ns.median &&
		    touch->worker_ns.median <= touch->worker_ns.max);
}

static void test_one_worker(void **state)
{
	struct fixture *f = *state;

	add_map_touch_unmap(f);
	run(f);
	check_touches(f, 1, 3, 3 * NR_PAGES);
	/* Every page of fresh memory faults once: no more, no less. */
	assert_in_range(f->record.steps[1].count[COUNT_FAULTS], 3 * NR_PAGES,
			3 * NR_PAGES + EXTRA_FAULTS);
	assert_true(f->record.effective.known);
	assert_int_equal(f->record.effective.resident_bytes, NR_PAGES * f->host.page_bytes);
}

static void test_threads(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 4;
	add_map_touch_unmap(f);
	run(f);
	check_touches(f, 4, 3, 4 * 3 * NR_PAGES);
	assert_in_range(f->record.steps[1].count[COUNT_FAULTS], 4 * 3 * NR_PAGES,
			4 * 3 * NR_PAGES + EXTRA_FAULTS);
}

static void test_processes(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 3;
	f->conditions.workers = WORKER_PROCESS;
	add_map_touch_unmap(f);
	run(f);
	check_touches(f, 3, 3, 3 * 3 * NR_PAGES);
}

static void test_shared_mapping_is_mapped_once(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 4;
	f->conditions.layout = LAYOUT_SHARED;
	add_map_touch_unmap(f);
	run(f);
	assert_int_equal(f->record.steps[0].executions, 3);
	assert_int_equal(f->record.steps[2].executions, 3);
	/* Four slices make the whole. */
	check_touches(f, 4, 3, 3 * NR_PAGES);
}

static void test_many_more_workers_than_cpus(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 64;
	add_map_touch_unmap(f);
	run(f);
	check_touches(f, 64, 3, 64 * 3 * NR_PAGES);
}

static void test_duration(void **state)
{
	struct fixture *f = *state;

	f->assignment.iterations = 0;
	f->assignment.for_ns = 20000000;
	add_map_touch_unmap(f);
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_OK);
	assert_true(f->record.iterations > 1);
	assert_true(f->record.window_ns >= 20000000);
}

static void test_setup_is_not_timed(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	f->assignment.nr_setup = 1;
	add(f, op_find("touch"));
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_OK);
	assert_int_equal(f->record.nr_steps, 1);
	assert_int_equal(f->record.steps[0].executions, 3);
	/* Only the first pass finds pages that are not there yet. */
	assert_in_range(f->record.steps[0].count[COUNT_FAULTS], NR_PAGES, NR_PAGES + EXTRA_FAULTS);
}

static void test_inactive_step(void **state)
{
	struct fixture *f = *state;

	add_map_touch_unmap(f);
	f->assignment.active[1] = false;
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_OK);
	assert_false(f->record.steps[1].ran);
	assert_true(f->record.steps[2].ran);
}

static void test_each_event(void **state)
{
	struct fixture *f = *state;

	add_map_touch_unmap(f);
	f->assignment.calls[1].each_event = true;
	run(f);
	check_touches(f, 1, 3, 3 * NR_PAGES);
	assert_non_null(f->record.steps[1].events);
	assert_int_equal(f->record.steps[1].events->n, 3 * NR_PAGES);
	/* A page fault is longer than a stamp. */
	assert_true(f->record.steps[1].stamp_share > 0 && f->record.steps[1].stamp_share < 1);
	assert_true(isnan(f->record.steps[2].stamp_share));
}

static void test_refused_mapping(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.length_bytes = 1ull << 62;
	add_map_touch_unmap(f);
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_ERRNO);
	assert_int_equal(f->record.outcome.number, ENOMEM);
	assert_int_equal(f->record.outcome.step, 0);
	assert_false(f->record.steps[0].ran);
}

static void test_failing_step_ends_all(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 3;
	f->assignment.iterations = 1000000000;
	add(f, op_find("map"));
	add(f, &op_refuse);
	add(f, op_find("unmap"));
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_ERRNO);
	assert_int_equal(f->record.outcome.number, EAGAIN);
	assert_int_equal(f->record.outcome.step, 1);
	assert_int_equal(f->record.steps[0].executions >= 1, true);
}

static void test_signal(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add(f, &op_crash);
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
	assert_int_equal(f->record.outcome.number, SIGBUS);
	assert_int_equal(f->record.outcome.step, 1);
	/* What it had measured survives. */
	assert_int_equal(f->record.steps[0].executions, 1);
}

static void test_signal_in_a_worker_process(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 2;
	f->conditions.workers = WORKER_PROCESS;
	add(f, op_find("map"));
	add(f, &op_crash);
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
	assert_int_equal(f->record.outcome.number, SIGBUS);
}

static void test_timeout(void **state)
{
	struct fixture *f = *state;

	f->watch.timeout_ns = 30000000;
	add(f, op_find("map"));
	add(f, &op_spin);
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_TIMEOUT);
	assert_int_equal(f->record.outcome.step, 1);
}

static void test_watchdog_on_memory(void **state)
{
	struct fixture *f = *state;

	/* More than any machine has: the watchdog bites at its first look. */
	f->watch.reserve_bytes = UINT64_MAX;
	add(f, op_find("map"));
	add(f, &op_spin);
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_OOM_KILLED);
}

static int refuse_entry(void *context, struct error *err)
{
	(void)context;
	return error_set(err, -EPERM, "no");
}

static void test_child_that_cannot_enter(void **state)
{
	struct fixture *f = *state;

	f->watch.enter = refuse_entry;
	add_map_touch_unmap(f);
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_worker),
		TEST(test_threads),
		TEST(test_processes),
		TEST(test_shared_mapping_is_mapped_once),
		TEST(test_many_more_workers_than_cpus),
		TEST(test_duration),
		TEST(test_setup_is_not_timed),
		TEST(test_inactive_step),
		TEST(test_each_event),
		TEST(test_refused_mapping),
		TEST(test_failing_step_ends_all),
		TEST(test_signal),
		TEST(test_signal_in_a_worker_process),
		TEST(test_timeout),
		TEST(test_watchdog_on_memory),
		TEST(test_child_that_cannot_enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
