/* SPDX-License-Identifier: MIT */
/* Under events: each, every event of an op that has them is timed, once, and within the step. */
#include "tests/run/fixture.h"

static const struct event_case {
	const char *op, *args;
	unsigned int nr; /* of one execution; the fixture makes 3 */
} cases[] = {
	{ "touch", "", NR_PAGES },
	{ "touch", "stride=64B; amount=3 pages; order=random", 0 }, /* by the size of a page */
	{ "refault", "piece=7 pages", NR_PAGES / 7 + 1 },
	{ "commit", "piece=1 page", NR_PAGES },
	{ "commit", "piece=7 pages; amount=8 pages", 2 },
	{ "many", "count=150", 150 },
	{ "many", "count=1", 1 },
	{ "churn", "pairs=129; live=3", 129 },
	{ "userfault", "amount=5 pages", 5 },
};

static unsigned int expected(const struct fixture *f, const struct event_case *c)
{
	return c->nr ? c->nr : (unsigned int)(3 * f->host.page_bytes / 64);
}

static void check(struct fixture *f, const struct event_case *c, bool each)
{
	const struct step_record *record = &f->record.steps[1];
	struct op_call *call;

	add(f, op_find("map"));
	call = add_or_skip(f, c->op, c->args);
	f->assignment.calls[0].each_event = call->each_event = each;
	add(f, op_find("unmap"));
	print_message("%s %s\n", c->op, c->args);
	run_ok(f);
	if (!each) {
		assert_null(record->events);
		return;
	}
	assert_non_null(record->events);
	assert_int_equal(record->events->n, 3 * expected(f, c));
	/* Rounding is half a ns an event. */
	assert_in_range(record->events->sum, 1, record->elapsed_ns + record->events->n);
}

static void test_each(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 2 * ARRAY_LENGTH(cases); i++) {
		check(f, &cases[i / 2], i % 2);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

/* Whoever says that it has events is in the table above, and nobody else. */
static void test_all(void **state)
{
	(void)state;
	for (size_t i = 0; ops[i]; i++) {
		bool tested = false;

		for (size_t k = 0; k < ARRAY_LENGTH(cases); k++)
			tested |= strcmp(cases[k].op, ops[i]->name) == 0;
		assert_int_equal(tested, ops[i]->event != NULL);
	}
}

/* A step that is refused leaves the events that it had. */
static void test_refused(void **state)
{
	struct fixture *f = *state;
	uint64_t limit;
	char text[32];

	if (file_read_u64("/proc/sys/vm/max_map_count", &limit) || limit > 200000) {
		print_message("SKIP: many: vm.max_map_count is too high to go there\n");
		skip();
	}
	snprintf(text, sizeof(text), "count=%u", (unsigned int)limit);
	add_with(f, op_find("many"), text)->each_event = true;
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_ERRNO);
	assert_in_range(area_step(&f->area, 0, 0)->events.n, limit / 2, limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_each), TEST(test_all), TEST(test_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
