/* SPDX-License-Identifier: MIT */
/* Each page is served once an execution, whoever touched it before. */
#include "tests/run/fixture.h"

#include <sys/prctl.h>
#include <sys/wait.h>

static void test_served(void **state)
{
	static const char *const ways[] = { "serve=copy",
					    "serve=zeropage",
					    "amount=10 pages",
					    "serve=zeropage; access=write",
					    "access=write; handler=same-cpu",
					    "handler=other-cpu" };
	static const unsigned int pages[] = {
		NR_PAGES, NR_PAGES, 10, NR_PAGES, NR_PAGES, NR_PAGES
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		add(f, op_find("map"));
		f->assignment.nr_setup = 1;
		add_or_skip(f, "userfault", ways[i]);
		run_ok(f);
		assert_int_equal(f->record.steps[0].count[COUNT_PAGES], 3 * pages[i]);
		/* A page that is there already takes nanoseconds, a served one microseconds. */
		assert_true(metric_of(f, 0, "time_per_page") > 500);
		area_close(&f->area);
		f->assignment.nr_calls = f->assignment.nr_setup = 0;
	}
}

/* The zero page is in nobody's count; a store to it is a copy, and one fault more. */
static void test_access(void **state)
{
	static const char *const ways[] = { "serve=zeropage", "serve=zeropage; access=write" };
	struct fixture *f = *state;

	f->assignment.iterations = 1;
	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		add(f, op_find("map"));
		add_or_skip(f, "userfault", ways[i]);
		run_ok(f);
		assert_int_equal(f->record.effective.resident_bytes,
				 i ? NR_PAGES * f->host.page_bytes : 0);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

static void test_no_other_cpu(void **state)
{
	struct fixture *f = *state;
	struct error err;

	add_or_skip(f, "userfault", NULL);
	f->host.nr_cpus_allowed = 1;
	assert_int_equal(supported(f, "userfault", "handler=other-cpu", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "no other CPU"));
	assert_int_equal(supported(f, "userfault", "handler=same-cpu", &err), 0);
}

static void test_workers(void **state)
{
	static const enum layout layouts[] = { LAYOUT_PER_WORKER, LAYOUT_SHARED };
	struct fixture *f = *state;

	f->conditions.nr_workers = 3;
	for (size_t i = 0; i < ARRAY_LENGTH(layouts); i++) {
		f->conditions.layout = layouts[i];
		add(f, op_find("map"));
		add_or_skip(f, "userfault", NULL);
		add(f, op_find("unmap"));
		run_ok(f);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

/* A child that another thread forked meanwhile has the descriptor too, and keeps it open. */
static void test_beside_fork(void **state)
{
	struct fixture *f = *state;
	struct op_call *call = add_or_skip(f, "userfault", NULL);
	struct step_report *report = aligned_alloc(CACHE_PAIR, sizeof(*report));
	struct mapping mapping = MAPPING_NONE;
	struct worker w = { .conditions = &f->conditions,
			    .host = &f->host,
			    .mapping = &mapping,
			    .slice_bytes = f->conditions.map.length_bytes,
			    .report = report };
	pid_t child;

	memset(report, 0, sizeof(*report));
	assert_int_equal(mapping_open(&f->conditions.map, &mapping), 0);
	assert_int_equal(mapping_map(&mapping), 0);
	assert_int_equal(call->op->prepare(&w, call), 0);
	assert_int_equal(call->op->before(&w, call), 0);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* also where an assertion ends the test */
		for (;;)
			pause();
	}
	assert_true(child > 0);
	assert_int_equal(call->op->step(&w, call), 0);
	assert_int_equal(call->op->after(&w, call), 0);
	assert_int_equal(call->op->before(&w, call), 0);
	assert_int_equal(call->op->after(&w, call), 0);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	call->op->finish(&w, call);
	assert_int_equal(mapping_unmap(&mapping), 0);
	free(report);
}

static void test_other_memory(void **state)
{
	struct fixture *f = *state;
	struct error err;

	f->conditions.map.backing = BACKING_FILE;
	assert_int_equal(supported(f, "userfault", NULL, &err), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_served),  TEST(test_access),       TEST(test_no_other_cpu),
		TEST(test_workers), TEST(test_other_memory), TEST(test_beside_fork),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
