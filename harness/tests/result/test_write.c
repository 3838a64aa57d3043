/* SPDX-License-Identifier: MIT */
/* What is written reads back the same, is on disk before the next repetition, and never half. */
#include "tests/result/fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static void same_repetition(struct fixture *f, const struct result *r, uint32_t i, uint64_t cell,
			    unsigned int n)
{
	const struct result_repetition *rep = &r->repetitions[i];
	const double *values = result_values(r, i);
	int map = result_metric_index(r, "map.time"),
	    touch = result_metric_index(r, "touch.time_per_touch");

	fixture_repetition(f, cell, n);
	assert_int_equal(r->cells[rep->cell].number, cell);
	assert_int_equal(rep->round, n);
	assert_int_equal(rep->sequence, f->rep.sequence);
	assert_true(rep->started_ns == f->rep.started_ns);
	assert_int_equal(rep->elapsed_ns, f->rep.elapsed_ns);
	assert_string_equal(rep->outcome, outcome_name(&f->rep.outcome));
	assert_int_equal(rep->as_expected, f->rep.as_expected);
	assert_string_equal(rep->expected, "ok");
	assert_true(map >= 0 && touch >= 0);
	assert_memory_equal(&values[touch], &f->rep.steps[1].metric[0], sizeof(double));
	if (n % 3 == 2) {
		assert_string_equal(rep->step, "map");
		assert_string_equal(rep->detail, "mmap: Cannot allocate memory");
		assert_true(isnan(values[map]));
		assert_true(isnan(rep->effective.resident_bytes));
		return;
	}
	assert_null(rep->step);
	assert_memory_equal(&values[map], &f->rep.steps[0].metric[0], sizeof(double));
	assert_true(rep->effective.huge_share == 0.5);
	assert_string_equal(rep->warnings[0], "steal 2 % \xef\xbf\xbd");
	assert_int_equal(rep->nr_steps, 2);
	assert_int_equal(rep->steps[0].times.n, 2);
	assert_int_equal(rep->steps[0].times.nr_buckets, 2);
	assert_true(rep->steps[0].worker_ns_min == 1.0 / 3);
	assert_true(rep->steps[0].worker_ns_max == 1e300);
}

static void same_run(struct fixture *f, const struct result *r, unsigned int cells, unsigned int n)
{
	assert_true(r->seed == f->context.seed);
	assert_int_equal(r->nr_axes, 2);
	assert_string_equal(r->cells[0].params[result_axis_index(r, "size")], "1MiB");
	assert_string_equal(r->cells[0].params[result_axis_index(r, "overcommit")], "heuristic");
	assert_int_equal(r->cells[0].size_bytes, 1 << 20);
	assert_int_equal(r->nr_cells, cells);
	assert_int_equal(r->nr_repetitions, cells * n);
	assert_string_equal(result_text(r, "scenario/source"), fixture_source);
	assert_string_equal(result_text(r, "tool/compiler"), "gcc \"12\"");
	assert_true(result_number(r, "run/ns_per_tick", 0) == 0.1 + 0.2);
	for (uint32_t i = 0; i < r->nr_repetitions; i++)
		same_repetition(f, r, i, i % cells, i / cells);
}

static struct result *read_back(const char *path)
{
	struct result *r;
	struct error err;

	if (result_read(&r, path, RESULT_STEPS, &err))
		fail_msg("%s", err.text);
	return r;
}

static void test_round_trip(void **state)
{
	struct fixture f;
	struct result *r;

	(void)state;
	fixture_open(&f);
	fixture_run(&f, 5, 4);
	assert_int_not_equal(access(f.journal, F_OK), 0);
	r = read_back(f.path);
	assert_true(r->complete);
	assert_null(r->note);
	same_run(&f, r, 5, 4);
	assert_int_equal(r->nr_warnings, 1);
	assert_string_equal(r->warnings[0].text, "steal of 3 %");
	assert_true(result_number(r, "summary/repetitions", 0) == 20);
	result_free(r);
	fixture_close(&f);
}

/* cJSON alone would print 9.00719925474099e+15. */
static void test_exact_integers(void **state)
{
	static const char *const wanted[] = {
		"\"seed\": 18364758544493064720",       "\"max_memory_bytes\":9007199254740993",
		"\"started_ns\":1795515153123456789",   "\"mapped_bytes\":18446744073709551615",
		"\"max\":18446744073709551415",         "\"size_bytes\":70368744177664",
		"\"touch.rate\":4.94065645841247e-324",
	};
	struct fixture f;
	char *text;

	(void)state;
	fixture_open(&f);
	fixture_run(&f, 3, 1);
	text = fixture_load(f.path, NULL);
	for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
		if (!strstr(text, wanted[i]))
			fail_msg("lacks %s:\n%s", wanted[i], text);
	free(text);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_exact_integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
