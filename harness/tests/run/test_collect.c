/* SPDX-License-Identifier: MIT */
/* What becomes of made-up reports: rates of workers that run at once, and of those that take turns.
 */
#include "run/chain.h"
#include "tests/run/fixture.h"

#define MS 1000000u /* ticks of a ns */

/* Each worker: so many touches in so many ms of its own, of a span in which all began together. */
static void report(struct fixture *f, unsigned int worker, uint64_t touches, uint64_t own_ms,
		   uint64_t span_ms)
{
	struct step_report *step = area_step(&f->area, worker, 0);

	step->executions = 1;
	step->elapsed_ticks = own_ms * MS;
	step->count[COUNT_TOUCHES] = touches;
	f->area.workers[worker].start_ticks = MS;
	f->area.workers[worker].end_ticks = MS + span_ms * MS;
	f->area.workers[worker].phase = PHASE_DONE;
}

static void test_turns(void **state)
{
	static const struct {
		const char *what;
		unsigned int nr_workers;
		uint64_t own_ms, span_ms;
		double touches_s; /* of 1000 touches a worker, on 2 CPUs */
	} vectors[] = {
		{ "one", 1, 10, 10, 1e5 },
		{ "two at once", 2, 10, 10, 2e5 },
		{ "two, with time between the steps", 2, 10, 100, 2e5 },
		/* 40 ms of CPU time on 2 CPUs. */
		{ "four in turns, each alone while it runs", 4, 10, 20, 2e5 },
		{ "four in turns, made to wait inside", 4, 20, 20, 2e5 },
		{ "four in turns, with time between the steps", 4, 10, 1000, 2e5 },
	};
	struct fixture *f = *state;
	struct error err;

	add_with(f, op_find("touch"), NULL);
	f->host.nr_cpus_allowed = 2;
	f->clock.ns_per_tick = 1;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		unsigned int n = vectors[i].nr_workers;

		f->conditions.nr_workers = n;
		assert_int_equal(area_open(&f->area, n, 1, &err), 0);
		area_reset(&f->area);
		for (unsigned int w = 0; w < n; w++) {
			area_prefault(&f->area, w, false);
			report(f, w, 1000, vectors[i].own_ms, vectors[i].span_ms);
		}
		memset(&f->record, 0, sizeof(f->record));
		repetition_collect(f->collector, &f->assignment, &f->record);
		print_message("%s: %.0f/s\n", vectors[i].what, f->record.steps[0].metric[1]);
		assert_string_equal(op_find("touch")->metrics[1].name, "rate");
		assert_float_equal(f->record.steps[0].metric[1], vectors[i].touches_s, 1);
		assert_int_equal(f->record.nr_warnings, n > 2);
		area_close(&f->area);
	}
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
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_turns), TEST(test_apart) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
