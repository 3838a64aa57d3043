/* SPDX-License-Identifier: MIT */
/* What becomes of made-up reports: rates of workers that run at once, and of those that take turns.
 */
#include "run/chain.h"
#include "tests/run/fixture.h"

#define MS 1000000u /* ticks of a ns */

/* A worker's one execution: so many touches, begun after so many ms, of which it waited some. */
static void report(struct fixture *f, unsigned int worker, uint64_t touches, uint64_t begun_ms,
		   uint64_t own_ms, uint64_t waited_ms)
{
	struct step_report *step = area_step(&f->area, worker, 0);
	uint64_t start = MS + begun_ms * MS, end = start + (own_ms + waited_ms) * MS;

	area_record(step, &f->clock, MS, start, end, waited_ms * MS);
	step->count[COUNT_TOUCHES] = touches;
	f->area.workers[worker].start_ticks = MS;
	f->area.workers[worker].end_ticks = end;
	f->area.workers[worker].phase = PHASE_DONE;
	f->area.workers[worker].waits_known = 1;
}

static void make_area(struct fixture *f, unsigned int nr_workers)
{
	struct error err;

	f->conditions.nr_workers = nr_workers;
	assert_int_equal(area_open(&f->area, nr_workers, 1, &err), 0);
	area_reset(&f->area);
	for (unsigned int w = 0; w < nr_workers; w++)
		area_prefault(&f->area, w, false);
	memset(&f->record, 0, sizeof(f->record));
}

static void test_turns(void **state)
{
	static const struct {
		const char *what;
		unsigned int nr_workers;
		enum layout layout;
		uint64_t own_ms, waited_ms, together_ms;
		double touches_s, time_ms; /* of 1000 touches a worker, on 2 CPUs */
	} vectors[] = {
		{ "one", 1, LAYOUT_PER_WORKER, 10, 0, 0, 1e5, 10 },
		{ "two at once", 2, LAYOUT_PER_WORKER, 10, 0, 0, 2e5, 10 },
		{ "two at once, of one mapping", 2, LAYOUT_SHARED, 10, 0, 0, 2e5, 10 },
		/* 40 ms of CPU time on 2 CPUs, however long the others kept them busy meanwhile. */
		{ "four in turns, each alone while it runs", 4, LAYOUT_PER_WORKER, 10, 0, 0, 2e5,
		  10 },
		{ "four in turns, made to wait inside", 4, LAYOUT_PER_WORKER, 10, 10, 0, 2e5, 10 },
		{ "four, and other steps in between", 4, LAYOUT_PER_WORKER, 10, 1000, 0, 2e5, 10 },
		{ "four of one mapping, side by side", 4, LAYOUT_SHARED, 10, 10, 20, 2e5, 20 },
		{ "four of one mapping, a CPU in vain", 4, LAYOUT_SHARED, 10, 30, 40, 1e5, 40 },
	};
	const struct metric *metrics = op_find("touch")->metrics;
	struct fixture *f = *state;

	add_with(f, op_find("touch"), NULL);
	f->host.nr_cpus_allowed = 2;
	f->clock.ns_per_tick = 1;
	assert_string_equal(metrics[1].name, "rate");
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		unsigned int n = vectors[i].nr_workers;

		f->conditions.layout = vectors[i].layout;
		make_area(f, n);
		for (unsigned int w = 0; w < n; w++)
			report(f, w, 1000, 0, vectors[i].own_ms, vectors[i].waited_ms);
		area_step(&f->area, 0, 0)->together_ticks = vectors[i].together_ms * MS;
		area_step(&f->area, 0, 0)->nr_together = vectors[i].together_ms > 0;
		repetition_collect(f->collector, &f->assignment, &f->record);
		print_message("%s: %.0f/s, %.0f ns\n", vectors[i].what,
			      f->record.steps[0].metric[1], metric_of(f, 0, "time"));
		assert_float_equal(f->record.steps[0].metric[1], vectors[i].touches_s, 1);
		assert_float_equal(metric_of(f, 0, "time"), vectors[i].time_ms * MS, 1);
		/* What one touch costs has no wait in it. */
		assert_float_equal(metric_of(f, 0, "time_per_touch"), 1e-2 * MS, 1);
		assert_int_equal(f->record.steps[0].waited_ns, n * vectors[i].waited_ms * MS);
		assert_int_equal(f->record.take_turns, n > 2);
		assert_int_equal(f->record.nr_warnings, n > 2);
		area_close(&f->area);
	}
}

/* Where the kernel does not say who waits, nothing is better than it can be, and it is said. */
static void test_unknown_waits(void **state)
{
	struct fixture *f = *state;

	add_with(f, op_find("touch"), NULL);
	f->host.nr_cpus_allowed = 2;
	f->clock.ns_per_tick = 1;
	make_area(f, 4);
	for (unsigned int w = 0; w < 4; w++)
		report(f, w, 1000, 0, 20, 0); /* 10 ms of them it waited */
	f->area.workers[3].waits_known = 0;
	repetition_collect(f->collector, &f->assignment, &f->record);
	assert_false(f->record.waits_known);
	assert_float_equal(f->record.steps[0].metric[1], 1e5, 1);
	assert_non_null(strstr(f->record.warnings[0], "does not say"));
}

/* The first pass changes what the later ones find; a disturbance is another matter. */
static void test_first_differs(void **state)
{
	static const struct {
		const char *what;
		unsigned int nr_workers;
		uint64_t us[2][6]; /* each worker's executions */
		const char *warning;
	} vectors[] = {
		{ "alike", 1, { { 100, 100, 100, 100, 100, 100 } }, NULL },
		{ "lock", 1, { { 1000, 100, 100, 100, 100, 100 } }, "over 10 times" },
		{ "commit", 1, { { 70000, 100, 100, 100, 100, 100 } }, "over 300 times" },
		{ "one of them was disturbed", 1, { { 1000, 100, 100, 100, 600, 100 } }, NULL },
		{ "less than a cold start", 1, { { 9, 1, 1, 1, 1, 1 } }, NULL },
		{ "not so much slower", 1, { { 350, 100, 100, 100, 100, 100 } }, NULL },
		{ "both workers'",
		  2,
		  { { 1000, 100, 100, 100, 100, 100 }, { 900, 100, 100, 100, 100, 100 } },
		  "over 5 times" },
		{ "one worker's",
		  2,
		  { { 9000, 100, 100, 100, 100, 100 }, { 100, 100, 100, 100, 100, 100 } },
		  NULL },
	};
	struct fixture *f = *state;

	add_with(f, op_find("lock"), NULL);
	f->host.nr_cpus_allowed = 2;
	f->clock.ns_per_tick = 1;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		make_area(f, vectors[i].nr_workers);
		for (unsigned int w = 0; w < vectors[i].nr_workers; w++)
			for (unsigned int k = 0; k < 6; k++)
				area_record(area_step(&f->area, w, 0), &f->clock, 0, MS,
					    MS + vectors[i].us[w][k] * 1000, 0);
		repetition_collect(f->collector, &f->assignment, &f->record);
		if (!vectors[i].warning && f->record.nr_warnings)
			fail_msg("%s: %s", vectors[i].what, f->record.warnings[0]);
		if (vectors[i].warning && !strstr(f->record.warnings[0], vectors[i].warning))
			fail_msg("%s: not %s but: %s", vectors[i].what, vectors[i].warning,
				 f->record.warnings[0]);
		area_close(&f->area);
	}
	assert_int_equal(f->record.steps[0].first_ns, 4550000); /* the mean of both */
}

/* A wait that was longer than the step was none of it. */
static void test_wait_within(void **state)
{
	(void)state;
	assert_int_equal(worker_wait_within(100, 0), 0);
	assert_int_equal(worker_wait_within(100, 60), 60);
	assert_int_equal(worker_wait_within(100, 100), 0);
	assert_int_equal(worker_wait_within(100, 3000), 0);
}

/* Where one cell of a run can be no chain, none is. */
static void test_apart(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.thp = THP_AS_SET;
	add(f, op_find("map"));
	add_with(f, op_find("protect"), "to=read");
	add(f, op_find("unmap"));
	assert_true(chain_possible(&f->assignment));
	f->conditions.layout = LAYOUT_SHARED;
	assert_false(chain_possible(&f->assignment));
	f->conditions.layout = LAYOUT_PER_WORKER;
	f->conditions.map.thp = THP_NEVER; /* advice between the map and what follows */
	assert_false(chain_possible(&f->assignment));
	f->assignment.active[0] = false;
	assert_true(chain_possible(&f->assignment));
	f->host.nr_cpus_allowed = 2;
	f->conditions.nr_workers = 3; /* who waited, is asked around each step */
	assert_false(chain_possible(&f->assignment));
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_turns), TEST(test_unknown_waits),
					    TEST(test_wait_within), TEST(test_first_differs),
					    TEST(test_apart) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
