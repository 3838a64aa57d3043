/* SPDX-License-Identifier: MIT */
#include "scenario/scenario.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Load text; the messages go to *ret_messages where wanted. */
static struct scenario *load(const char *text, size_t length, struct load_report *report,
			     char **ret_messages)
{
	struct scenario *s = NULL;
	char *messages = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&messages, &size);
	int r;

	assert_non_null(out);
	r = scenario_load_text(text, length, "test.yaml", out, &s, report);
	fclose(out);
	assert_int_equal(r, report->nr_errors ? -EINVAL : 0);
	if (!report->nr_errors && size && !report->nr_warnings)
		fail_msg("messages without a mistake: %s", messages);
	if (ret_messages)
		*ret_messages = messages;
	else
		free(messages);
	return s;
}

static struct scenario *load_good(const char *text)
{
	struct load_report report;
	char *messages;
	struct scenario *s = load(text, strlen(text), &report, &messages);

	if (!s)
		fail_msg("%s", messages);
	free(messages);
	return s;
}

static const struct axis_value *value_of(const struct scenario *s, const char *axis, unsigned int i)
{
	return &s->matrix.axes[axis_index(axis)].values[i];
}

static unsigned int nr_values(const struct scenario *s, const char *axis)
{
	return s->matrix.axes[axis_index(axis)].nr_values;
}

static const char design[] = "scenario: larger-than-memory\n"
			     "summary: Map ranges below, at and far above RAM + swap.\n"
			     "matrix:                       # every combination is one cell\n"
			     "  overcommit: [heuristic, always, never]\n"
			     "  flags: [private anonymous, private anonymous noreserve]\n"
			     "  size: [50% ram+swap, 100% ram+swap + 1 page, 4x ram+swap, 1TiB]\n"
			     "setup: []\n"
			     "steps:\n"
			     "  - map: {address: 256GiB}\n"
			     "  - touch: {amount: 64MiB, access: write, order: sequential}\n"
			     "  - unmap\n"
			     "measure: {iterations: 1}\n"
			     "expect: model\n"
			     "repetitions: {min: 6, max: 64, until: 2%}\n";

static void test_everything_is_there(void **state)
{
	struct scenario *s = load_good(design);

	(void)state;
	assert_string_equal(s->name, "larger-than-memory");
	assert_string_equal(s->summary, "Map ranges below, at and far above RAM + swap.");
	assert_string_equal(s->path, "test.yaml");
	assert_string_equal(s->source, design);
	assert_int_equal(strlen(s->sha256), 64);
	assert_int_equal(matrix_numbers(&s->matrix), 24);
	assert_string_equal(value_of(s, "size", 1)->text, "100% ram+swap + 1 page");
	assert_int_equal(s->nr_setup, 0);
	assert_int_equal(s->nr_steps, 3);
	assert_string_equal(s->steps[0].name, "map");
	assert_true(s->steps[1].args[2].given);
	assert_int_equal(s->steps[1].args[2].size.add_bytes, 64 << 20);
	assert_false(s->steps[1].args[3].given);
	assert_int_equal(s->steps[1].args[3].size.add_pages, 1); /* the initial value */
	assert_int_equal(s->measure.iterations, 1);
	assert_int_equal(s->expect, EXPECT_MODEL);
	assert_int_equal(s->repetitions.min, 6);
	assert_int_equal(s->repetitions.max, 64);
	assert_true(s->repetitions.until == 0.02);
	assert_int_equal(s->timeout_ns, 60000000000);
	assert_false(s->may_oom);
	scenario_free(s);
}

static void test_json_is_yaml(void **state)
{
	struct scenario *s = load_good("{\n"
				       "\t\"scenario\": \"json\",\n"
				       "\t\"matrix\": {\"threads\": [1, 2], \"size\": \"1MiB\"},\n"
				       "\t\"steps\": [\"map\", {\"fork\": {\"write\": 0}}, "
				       "\"touch\", {\"unmap\": null}],\n"
				       "\t\"measure\": {\"for\": \"2s\", \"events\": \"each\"},\n"
				       "\t\"may_oom\": true\n"
				       "}\n");

	(void)state;
	assert_int_equal(nr_values(s, "threads"), 2);
	assert_string_equal(value_of(s, "threads", 1)->text, "2");
	assert_int_equal(s->measure.for_ns, 2000000000);
	assert_int_equal(s->measure.iterations, 0);
	assert_true(s->measure.each_event);
	assert_true(s->may_oom);
	scenario_free(s);
}

/* Where nothing is said: the usual, less what costs time in each fault; where all events are timed
 * that too. */
static void test_perf_events(void **state)
{
	static const struct {
		const char *measure;
		unsigned int nr;
		const char *last;
		bool cheap;
	} vectors[] = {
		{ "{iterations: 2}", 5, "page_faults", true },
		{ "{events: each}", 5, "page_faults", false },
		{ "{perf: none}", 0, "", false },
		{ "{perf: page-faults}", 1, "page-faults", false },
		{ "{perf: [cycles, 'cycles:u', 'nosuch::EVENT']}", 3, "nosuch::EVENT", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		char text[256];
		struct scenario *s;
		const struct perf_choice *choice;

		snprintf(text, sizeof(text),
			 "scenario: s\nsteps: [map, touch, unmap]\nmeasure: %s\n",
			 vectors[i].measure);
		s = load_good(text);
		choice = &s->measure.perf;
		assert_int_equal(choice->nr, vectors[i].nr);
		assert_int_equal(choice->cheap, vectors[i].cheap);
		if (choice->nr)
			assert_string_equal(choice->names[choice->nr - 1], vectors[i].last);
		scenario_free(s);
	}
}

/* Of all steps that have some, or of those that are named; what a result says of it. */
static void test_events(void **state)
{
	static const struct {
		const char *measure, *said;
		bool touch, second, refault;
	} vectors[] = {
		{ "{events: loop}", "none", false, false, false },
		{ "{events: each}", "each", true, true, true },
		{ "{events: touch}", "touch", true, false, false },
		{ "{events: [refault, touch-2]}", "touch-2 refault", false, true, true },
		{ "{events: [touch, touch-2, refault]}", "each", true, true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		char text[256], said[8], whole[64];
		struct scenario *s;

		snprintf(text, sizeof(text),
			 "scenario: s\nsteps: [map, touch, touch, refault, unmap]\nmeasure: %s\n",
			 vectors[i].measure);
		s = load_good(text);
		assert_false(s->steps[0].each_event);
		assert_int_equal(s->steps[1].each_event, vectors[i].touch);
		assert_int_equal(s->steps[2].each_event, vectors[i].second);
		assert_int_equal(s->steps[3].each_event, vectors[i].refault);
		assert_string_equal(scenario_events(s, whole, sizeof(whole)), vectors[i].said);
		/* A step that keeps its own cost does not pay for the counting of its faults. */
		assert_int_equal(s->measure.perf.cheap, strcmp(vectors[i].said, "each") != 0);
		/* Cut, not overrun. */
		assert_memory_equal(scenario_events(s, said, sizeof(said)), vectors[i].said, 4);
		assert_in_range(strlen(said), 4, 7);
		scenario_free(s);
	}
}

static void test_merge_keys_and_anchors(void **state)
{
	struct scenario *s = load_good("scenario: merged\n"
				       "defaults:\n"
				       "  touch: &touch {amount: 1MiB, access: read}\n"
				       "  order: &order {order: random, access: write}\n"
				       "  sizes: &sizes [1MiB, 2MiB]\n"
				       "matrix: {size: *sizes}\n"
				       "steps:\n"
				       "  - map\n"
				       "  - touch: {<<: *touch, amount: 2MiB}\n"
				       "  - touch: {<<: [*touch, *order]}\n"
				       "  - touch: *order\n"
				       "  - unmap\n");

	(void)state;
	assert_int_equal(nr_values(s, "size"), 2);
	/* A key of its own wins over a merged one, the earlier merge over the later. */
	assert_int_equal(s->steps[1].args[2].size.add_bytes, 2 << 20);
	assert_int_equal(s->steps[1].args[0].choice, 1);
	assert_int_equal(s->steps[2].args[0].choice, 1);
	assert_int_equal(s->steps[2].args[1].choice, 1);
	assert_int_equal(s->steps[3].args[0].choice, 0);
	assert_string_equal(s->steps[1].name, "touch");
	assert_string_equal(s->steps[2].name, "touch-2");
	assert_string_equal(s->steps[3].name, "touch-3");
	scenario_free(s);
}

static void test_names_count_setup_too(void **state)
{
	struct scenario *s = load_good("scenario: s\nsetup: [map, touch]\nsteps: [touch]\n"
				       "measure: {iterations: 100}\n");

	(void)state;
	assert_string_equal(s->setup[1].name, "touch");
	assert_string_equal(s->steps[0].name, "touch-2");
	scenario_free(s);
}

static void test_rules(void **state)
{
	struct scenario *s = load_good(
		"scenario: s\n"
		"matrix: {size: [1GiB, 2GiB], overcommit: [always, never]}\n"
		"steps: [map, unmap]\n"
		"expect:\n"
		"  - outcome: ok\n"
		"  - {when: {overcommit: never, size: '> 50% ram'}, outcome: "
		"ENOMEM, step: map}\n");
	struct host host = { .page_bytes = 4096, .ram_bytes = 2ull << 30 };
	static const char *const expected[] = { "ok", "ok", "ok", "ENOMEM" };
	struct cell cell;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		const struct expect_rule *rule;

		assert_true(matrix_cell(&s->matrix, &host, i, &cell));
		rule = scenario_expect(s, &cell, &host);
		assert_non_null(rule);
		/* overcommit stands above size in the table: cells go always 1, always 2, never 1
		 */
		assert_string_equal(rule->outcome, expected[i]);
	}
	scenario_free(s);
}

static void test_initial_plan(void **state)
{
	struct scenario *s = load_good("scenario: s\nsteps: [map, unmap]\n");

	(void)state;
	assert_int_equal(matrix_numbers(&s->matrix), 1);
	assert_int_equal(s->expect, EXPECT_OK);
	assert_int_equal(s->repetitions.min, 6);
	assert_int_equal(s->repetitions.max, 6);
	assert_int_equal(s->measure.iterations, 1);
	scenario_free(s);
}

/* The same number twice is that number: 'max' asks for 'until' only where there is a choice. */
static void test_min_is_max(void **state)
{
	struct scenario *s = load_good(
		"scenario: s\nsteps: [map, unmap]\nrepetitions: {min: 12, max: 12}\n");

	(void)state;
	assert_int_equal(s->repetitions.min, 12);
	assert_int_equal(s->repetitions.max, 12);
	scenario_free(s);
}

/* Where the end is what is asked for, any is as good as another. */
static void test_initial_expectation(void **state)
{
	static const struct {
		const char *text;
		enum expect_kind expected;
	} cases[] = {
		{ "scenario: s\nsteps: [map]\nmay_oom: true\n", EXPECT_NOTHING },
		{ "scenario: s\nsteps: [map]\nmay_oom: false\n", EXPECT_OK },
		{ "scenario: s\nfind: ceiling\n", EXPECT_NOTHING },
		{ "scenario: s\nsteps: [map]\nexpect: nothing\n", EXPECT_NOTHING },
		{ "scenario: s\nsteps: [map]\nmay_oom: true\nexpect: ok\n", EXPECT_OK },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct scenario *s = load_good(cases[i].text);

		assert_int_equal(s->expect, cases[i].expected);
		scenario_free(s);
	}
}

static void test_bom_and_carriage_returns(void **state)
{
	struct scenario *s = load_good("\xef\xbb\xbfscenario: s\r\nsteps:\r\n  - map\r\n");

	(void)state;
	assert_string_equal(s->name, "s");
	scenario_free(s);
}

/* What libfyaml 0.7.12 would let pass, or say nothing of: one mistake each, at this place. */
static const struct trap {
	const char *text;
	size_t length; /* 0: up to the NUL */
	const char *where;
} traps[] = {
	{ "", 0, "test.yaml: error: is empty" },
	{ "# only\n", 0, "test.yaml: error: is empty" },
	{ "scenario: s\0\nsteps: [map]\n", 26, "test.yaml:1:12:" },
	{ "scenario: \xff\nsteps: [map]\n", 0, "test.yaml:1:11:" },
	{ "scenario: \xc0\xaf\nsteps: [map]\n", 0, "test.yaml:1:11:" },
	{ "scenario: \xed\xa0\x80\nsteps: [map]\n", 0, "test.yaml:1:11:" },
	{ "scenario: s\nsteps: [map]\nscenario: t\n", 0, "test.yaml:3:1:" },
	{ "scenario: s\nsteps: [map]\nmatrix:\n", 0, "test.yaml:3:1:" },
	{ "scenario: s\nsteps: [map]\nmatrix: ~\n", 0, "test.yaml:3:9:" },
	{ "scenario: s\nsteps: [map]\nmatrix: {size: null}\n", 0, "test.yaml:3:16:" },
	{ "scenario: s\nsteps: [map]\ntimeout: !!str 3s\n", 0, "test.yaml:3:10:" },
	{ "?   -:\t?   - m", 0, "test.yaml:1:1:" },
	{ "scenario: s\nsteps: [map]\n---\na: b\n", 0, "test.yaml:3:1:" },
	{ "scenario: s\nsteps: [map]\ndefaults: *x\n", 0, "test.yaml:3:11:" },
	{ "scenario: s\ndefaults: &x {a: *x}\nsteps: [map]\n", 0, "test.yaml:2:18:" },
	{ "scenario: s\ndefaults: {<<: [1]}\nsteps: [map]\n", 0, "test.yaml:2:12:" },
	{ "scenario: s\nsteps: [map]\nmay_oom: True\n", 0, "test.yaml:3:10:" },
	{ "scenario: s\nsteps: [map]\nmay_oom: on\n", 0, "test.yaml:3:10:" },
	{ "scenario: s\nsteps: [map]\nrepetitions: 0x10\n", 0, "test.yaml:3:14:" },
	{ "scenario: s\nsteps: [map]\nrepetitions: 1_000\n", 0, "test.yaml:3:14:" },
	{ "scenario: s\nsteps: [map]\nrepetitions: 1e3\n", 0, "test.yaml:3:14:" },
	{ "scenario: s\nsteps: [map]\nrepetitions: +6\n", 0, "test.yaml:3:14:" },
	{ "scenario: \"s\\0\"\nsteps: [map]\n", 0, "test.yaml:1:11:" },
	{ "scenario: s\nsteps: [map]\ntimeout: 99999999999999999999s\n", 0, "test.yaml:3:10:" },
};

static void test_traps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		const struct trap *t = &traps[i];
		struct load_report report;
		char *messages;

		assert_null(
			load(t->text, t->length ? t->length : strlen(t->text), &report, &messages));
		if (strncmp(messages, t->where, strlen(t->where)) != 0)
			fail_msg("%zu: wanted %s, got %s", i, t->where, messages);
		if (report.nr_errors != 1)
			fail_msg("%zu: %u mistakes: %s", i, report.nr_errors, messages);
		free(messages);
	}
}

static void test_large_and_deep(void **state)
{
	struct load_report report;
	char *text = malloc(SCENARIO_BYTES_MAX + 2), *messages;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', SCENARIO_BYTES_MAX + 1);
	assert_null(load(text, SCENARIO_BYTES_MAX + 1, &report, NULL));
	assert_int_equal(report.nr_errors, 1);
	/* A million levels must not cost a stack frame each. */
	memset(text, '[', SCENARIO_BYTES_MAX);
	assert_null(load(text, SCENARIO_BYTES_MAX, &report, &messages));
	assert_int_equal(report.nr_errors, 1);
	assert_non_null(strstr(messages, "levels deep"));
	free(messages);
	free(text);
}

static void test_failure_leaves_ret_alone(void **state)
{
	struct scenario *s = (struct scenario *)0x1;

	(void)state;
	assert_int_equal(scenario_load_text("x", 1, "x", NULL, &s, NULL), -EINVAL);
	assert_ptr_equal(s, (void *)0x1);
	assert_int_equal(scenario_load("/", NULL, &s, NULL), -EISDIR);
	assert_int_equal(scenario_load("/nonexistent", NULL, &s, NULL), -ENOENT);
	assert_ptr_equal(s, (void *)0x1);
}

/* Cells that could differ in nothing but their labels. */
static void test_axes_without_effect(void **state)
{
	static const struct {
		const char *text;
		unsigned int nr_warnings;
	} vectors[] = {
		{ "matrix: {size: [1MiB, 2MiB]}\nsteps: [many]\n", 1 },
		{ "matrix: {size: [1MiB, 2MiB], flags: [private anonymous, shared anonymous], "
		  "protection: [none, read]}\nsteps: [many, brk]\n",
		  3 },
		{ "matrix: {size: 1MiB, threads: [1, 2]}\nsteps: [many]\n", 0 },
		{ "matrix: {size: [1MiB, 2MiB]}\nsteps: [many, map]\n", 0 },
		{ "matrix: {size: [1MiB, 2MiB]}\nsteps: [churn]\n", 0 },
		{ "matrix: {size: [1MiB, 2MiB]}\nsteps: [{brk: {amount: 50% mapping}}]\n", 0 },
		{ "matrix: {size: [1MiB, 2MiB]}\nsetup: [map]\nsteps: [many]\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct load_report report;
		struct scenario *s;
		char *messages, text[256];
		int n = snprintf(text, sizeof(text), "scenario: s\n%s", vectors[i].text);

		s = load(text, (size_t)n, &report, &messages);
		print_message("%s%s", vectors[i].text, messages);
		assert_non_null(s);
		assert_int_equal(report.nr_warnings, vectors[i].nr_warnings);
		scenario_free(s);
		free(messages);
	}
}

static void test_warning_is_no_mistake(void **state)
{
	static const char text[] = "scenario: s\nmatrix: {size: [1MiB, 2MiB]}\n"
				   "exclude: [{size: 3MiB}]\nsteps: [map]\n";
	struct load_report report;
	char *messages;
	struct scenario *s = load(text, sizeof(text) - 1, &report, &messages);

	(void)state;
	assert_non_null(s);
	assert_int_equal(report.nr_warnings, 1);
	assert_non_null(strstr(messages, "test.yaml:3:18: warning: no cell has size \"3MiB\""));
	free(messages);
	scenario_free(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_is_there),
		cmocka_unit_test(test_json_is_yaml),
		cmocka_unit_test(test_perf_events),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_merge_keys_and_anchors),
		cmocka_unit_test(test_names_count_setup_too),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_initial_plan),
		cmocka_unit_test(test_min_is_max),
		cmocka_unit_test(test_initial_expectation),
		cmocka_unit_test(test_bom_and_carriage_returns),
		cmocka_unit_test(test_traps),
		cmocka_unit_test(test_large_and_deep),
		cmocka_unit_test(test_failure_leaves_ret_alone),
		cmocka_unit_test(test_axes_without_effect),
		cmocka_unit_test(test_warning_is_no_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
