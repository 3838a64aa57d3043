/* SPDX-License-Identifier: MIT */
/* Comparisons judged together, put in order, and written so that others read the same figures. */
#include "base/cleanup.h"
#include "result/comparisons.h"
#include "result/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PAIRS 24

/* Pairs whose ratios spread evenly by ±0.2 % around factor, in an order that a coin gave. */
static void add(struct comparisons *c, const char *cell, double factor, bool primary)
{
	static const char coin[] = "ABBABAABABBBAABABAABBABA";
	struct compare_options options = compare_defaults;
	struct compare_pair pairs[PAIRS];
	struct compared *row = comparisons_add(c, cell, "touch.time", "ns", "");

	options.randomised = true;
	for (int i = 0; i < PAIRS; i++) {
		double noise = 1 + ((i * 7) % PAIRS - (PAIRS - 1) / 2.0) * 0.002 / PAIRS * 2;

		pairs[i] = (struct compare_pair){ 100 + i % 5, (100 + i % 5) * factor * noise,
						  .order = coin[i] == 'A' ? ORDER_AB : ORDER_BA };
	}
	assert_non_null(row);
	row->primary = primary;
	assert_int_equal(compare_pairs(pairs, PAIRS, &options, &row->result), 0);
}

static void begin(struct comparisons *c)
{
	*c = (struct comparisons){ .unit = "round", .options = compare_defaults };
	c->a = strdup("x=1");
	c->b = strdup("x=2");
	add(c, "same", 1, true);
	add(c, "other, \"metric\"", 3, false);
	add(c, "faster", 0.9, true);
	add(c, "slower", 1.1, true);
	add(c, "much slower", 1.5, true);
	assert_int_equal(comparisons_judge(c), 0);
}

static void test_order(void **state)
{
	static const char *const cells[] = { "much slower", "slower", "faster", "same",
					     "other, \"metric\"" };
	struct comparisons c;
	char text[64];

	(void)state;
	begin(&c);
	assert_int_equal(c.n, ARRAY_LENGTH(cells));
	for (size_t i = 0; i < c.n; i++)
		assert_string_equal(c.rows[i].cell, cells[i]);
	assert_true(c.rows[0].result.worse_beyond_margin && !c.rows[2].result.worse_beyond_margin);
	assert_string_equal(compared_verdict(&c.rows[3], text, sizeof(text)), "equivalent");
	assert_int_equal(c.rows[0].result.family, 4);
	assert_int_equal(c.rows[4].result.family, 1);
	comparisons_free(&c);
}

static void test_mean(void **state)
{
	struct comparisons c;

	(void)state;
	begin(&c);
	assert_int_equal(c.nr_means, 1);
	assert_int_equal(c.means[0].mean.count[GEOMEAN_USED], 4);
	assert_true(fabs(c.means[0].mean.ratio - pow(1.5 * 1.1 * 0.9, 0.25)) < 1e-3);
	comparisons_free(&c);
}

static char *written(struct comparisons *c,
		     int (*write)(const struct comparisons *c, FILE *out, struct error *err))
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	assert_int_equal(write(c, out, NULL), 0);
	fclose(out);
	return text;
}

static void test_json(void **state)
{
	struct comparisons c;
	const cJSON *row;
	cJSON *document;
	char *text;

	(void)state;
	begin(&c);
	comparisons_say(&c, &c.unmatched, "a \"quoted\" one");
	c.rows[0].result.needed = INFINITY;
	text = written(&c, comparisons_write_json);
	document = cJSON_Parse(text);
	assert_non_null(document);
	assert_string_equal(json_get_text(document, "baseline"), "x=1");
	assert_true(json_get_double(document, "margin", 0) == 0.01);
	row = cJSON_GetArrayItem(cJSON_GetObjectItem(document, "comparisons"), 0);
	assert_string_equal(json_get_text(row, "cell"), "much slower");
	assert_true(json_get_double(row, "ratio", 0) == c.rows[0].result.effect);
	assert_true(json_get_double(row, "low", 0) == c.rows[0].result.wide.low);
	assert_true(json_get_double(row, "holm_p", 0) == c.rows[0].result.p_adjusted);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "needed")));
	assert_string_equal(json_get_text(row, "verdict"), "slower");
	assert_true(json_get_double(row, "holm_p_margin", 1) == c.rows[0].result.p_margin_adjusted);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(row, "slower_beyond_margin")));
	row = cJSON_GetArrayItem(cJSON_GetObjectItem(document, "comparisons"), 3);
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(row, "slower_beyond_margin")));
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(document, "unmatched")), 1);
	cJSON_Delete(document);
	free(text);
	comparisons_free(&c);
}

static void test_csv(void **state)
{
	struct comparisons c;
	char *text, *last;

	(void)state;
	begin(&c);
	text = written(&c, comparisons_write_csv);
	assert_int_equal(strncmp(text, "cell,metric,unit,better,a,", 26), 0);
	last = strstr(text, "\"other, \"\"metric\"\"\",touch.time,ns,");
	assert_non_null(last);
	assert_non_null(strstr(last, ",slower,slower,"));
	assert_non_null(strstr(last, ",true\n"));
	free(text);
	comparisons_free(&c);
}

static void test_nothing(void **state)
{
	struct comparisons c = { .unit = "round", .options = compare_defaults };
	char *text;

	(void)state;
	assert_int_equal(comparisons_judge(&c), 0);
	text = written(&c, comparisons_write_json);
	assert_non_null(strstr(text, "\"comparisons\":[]"));
	free(text);
	comparisons_free(&c);
}

/* What never happened stands behind all else, and is told once a metric with all its cells. */
static void test_empty(void **state)
{
	static const struct {
		const char *cell, *metric;
	} empty[] = { { "a", "swaps" }, { "b", "faults" }, { "b", "swaps" } };
	struct comparisons c = { .unit = "round", .options = compare_defaults };
	struct compare_pair none[2] = { { 0, 0 }, { 0, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(empty); i++) {
		struct compared *row = comparisons_add(&c, empty[i].cell, empty[i].metric, "", "");

		assert_non_null(row);
		assert_int_equal(compare_pairs(none, 2, &compare_defaults, &row->result), 0);
	}
	add(&c, "same", 1, false);
	assert_int_equal(comparisons_judge(&c), 0);
	assert_string_equal(c.rows[0].cell, "same");
	assert_int_equal(c.warnings.n, 2);
	assert_non_null(strstr(c.warnings.texts[0], "faults: in 1 cell every value"));
	assert_non_null(strstr(c.warnings.texts[1], "swaps: in 2 cells every value"));
	comparisons_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),   cmocka_unit_test(test_mean),
		cmocka_unit_test(test_json),    cmocka_unit_test(test_csv),
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
