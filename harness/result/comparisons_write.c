/* SPDX-License-Identifier: MIT */
/* Comparisons as JSON and CSV: the same fields, with as many digits as it takes. */
#include "result/comparisons.h"

#include "base/cleanup.h"
#include "result/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void add_arm(cJSON *row, const char *name, const struct compare_arm *arm)
{
	cJSON *object = json_add_object(row, name);

	json_add_double(object, "median", arm->median);
	json_add_double(object, "low", arm->interval.low);
	json_add_double(object, "high", arm->interval.high);
	json_add_double(object, "coverage", arm->interval.coverage);
	json_add_u64(object, "given", arm->counts.given);
	json_add_u64(object, "used", arm->counts.used);
	json_add_u64(object, "disturbed", arm->counts.disturbed);
	json_add_u64(object, "not_measured", arm->counts.nan);
	json_add_u64(object, "infinite", arm->counts.infinite);
	json_add_u64(object, "not_positive", arm->counts.not_positive);
}

static void add_interval(cJSON *row, const char *name, const struct interval *interval)
{
	cJSON *object = json_add_object(row, name);

	json_add_double(object, "low", interval->low);
	json_add_double(object, "high", interval->high);
	json_add_double(object, "coverage", interval->coverage);
}

static void add_warnings(cJSON *row, const struct comparison *c)
{
	static const char *const kinds[] = {
		[COMPARE_TREND_A] = "trend_a",
		[COMPARE_TREND_B] = "trend_b",
		[COMPARE_CORRELATED] = "correlated",
		[COMPARE_CORRELATED_A] = "correlated_a",
		[COMPARE_CORRELATED_B] = "correlated_b",
		[COMPARE_ORDER_MATTERS] = "order_matters",
		[COMPARE_ORDER_NOT_RANDOM] = "order_not_random",
	};
	cJSON *array = json_add_array(row, "warnings");

	for (size_t i = 0; i < c->nr_warnings; i++) {
		cJSON *warning = cJSON_CreateObject();

		json_add_text(warning, "kind", kinds[c->warnings[i].kind]);
		json_add_double(warning, "value", c->warnings[i].value);
		json_add_double(warning, "p", c->warnings[i].p);
		json_append(array, warning);
	}
}

/* What is a ratio with logarithms is a difference without them: a member says which. */
static void add_effect(cJSON *row, const struct comparison *c)
{
	bool log = c->options.transform == COMPARE_LOG;

	if (log)
		json_add_double(row, "ratio", c->effect);
	else
		json_add_null(row, "ratio");
	if (log)
		json_add_null(row, "difference");
	else
		json_add_double(row, "difference", c->effect);
	json_add_double(row, log ? "low" : "difference_low", c->wide.low);
	json_add_double(row, log ? "high" : "difference_high", c->wide.high);
	json_add_double(row, "coverage", c->wide.coverage);
	add_interval(row, "narrow", &c->narrow);
	json_add_double(row, log ? "ratio_of_medians" : "difference_of_medians", c->plain);
}

/* Dropped: a pair for what either side of it lacks, else single values. */
static uint64_t dropped(const struct comparison *c)
{
	uint64_t a = c->a.counts.given - c->a.counts.used;

	return c->paired ? a : a + c->b.counts.given - c->b.counts.used;
}

static cJSON *row_json(const struct compared *row)
{
	const struct comparison *c = &row->result;
	cJSON *object = cJSON_CreateObject();

	json_add_text(object, "cell", row->cell);
	json_add_text(object, "metric", row->metric);
	json_add_text(object, "unit", row->unit);
	json_add_text(object, "better", better_name(row->better));
	json_add_bool(object, "primary", row->primary);
	add_arm(object, "a", &c->a);
	add_arm(object, "b", &c->b);
	add_effect(object, c);
	json_add_text(object, "test", c->paired ? "signed-rank" : "rank-sum");
	json_add_double(object, "statistic", c->statistic);
	json_add_double(object, "p", c->p);
	json_add_bool(object, "exact", c->exact);
	json_add_double(object, "holm_p", c->p_adjusted);
	json_add_double(object, "p_margin", c->p_margin);
	json_add_double(object, "holm_p_margin", c->p_margin_adjusted);
	json_add_u64(object, "family", c->family);
	json_add_u64(object, "n", c->n);
	json_add_u64(object, "zeros", c->zeros);
	json_add_u64(object, "dropped", dropped(c));
	json_add_u64(object, "unpaired_repetitions", row->unpaired);
	json_add_text(object, "label", compare_label(c));
	json_add_double(object, "noise", c->noise);
	json_add_double(object, "detectable", c->detectable);
	json_add_double(object, "needed", c->needed);
	json_add_text(object, "verdict", compare_verdict_name(c->verdict));
	json_add_text(object, "apparent", compare_verdict_name(c->apparent));
	json_add_bool(object, "beyond_margin", c->beyond_margin);
	json_add_bool(object, "slower_beyond_margin", c->worse_beyond_margin);
	add_warnings(object, c);
	return object;
}

static cJSON *sentences_json(const struct sentences *s)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < s->n; i++)
		json_append_text(array, s->texts[i]);
	return array;
}

static cJSON *mean_json(const struct compared_mean *mean)
{
	cJSON *object = cJSON_CreateObject();

	json_add_text(object, "metric", mean->metric);
	json_add_text(object, "of", *mean->group ? mean->group : NULL);
	json_add_text(object, "better", better_name(mean->better));
	json_add_double(object, "ratio", mean->mean.ratio);
	json_add_u64(object, "cells", mean->mean.count[GEOMEAN_USED]);
	json_add_u64(object, "unmatched", mean->mean.count[GEOMEAN_UNMATCHED]);
	json_add_u64(object, "zero", mean->mean.count[GEOMEAN_ZERO]);
	json_add_u64(object, "negative", mean->mean.count[GEOMEAN_NEGATIVE]);
	json_add_u64(object, "infinite", mean->mean.count[GEOMEAN_INFINITE]);
	return object;
}

/* As a result has them, so that one reader finds them in both. */
static void add_origin(cJSON *document, const struct comparisons *c)
{
	static const struct {
		const char *object, *name;
		enum origin origin;
	} rows[] = {
		{ "host", "name", ORIGIN_HOST },       { "host", "kernel", ORIGIN_KERNEL },
		{ "host", "machine", ORIGIN_MACHINE }, { "run", "started", ORIGIN_STARTED },
		{ "run", "clock", ORIGIN_CLOCK },      { "scenario", "name", ORIGIN_SCENARIO },
		{ "tool", "version", ORIGIN_VERSION },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		cJSON *object = cJSON_GetObjectItemCaseSensitive(document, rows[i].object);

		if (!c->origin[rows[i].origin])
			continue;
		if (!object)
			object = json_add_object(document, rows[i].object);
		json_add_text(object, rows[i].name, c->origin[rows[i].origin]);
	}
	if (c->emulated)
		json_add_bool(document, "emulated", true);
}

static void add_head(cJSON *document, const struct comparisons *c)
{
	json_add_text(document, "overmap", "comparison");
	json_add_u64(document, "schema", COMPARISONS_SCHEMA);
	add_origin(document, c);
	json_add_text(document, "baseline", c->a);
	json_add_text(document, "other", c->b);
	json_add_text(document, "unit", c->unit);
	json_add_double(document, "margin", c->options.margin);
	json_add_double(document, "alpha", c->options.alpha);
	json_add_double(document, "power", c->options.power);
	json_add_text(document, "transform", c->options.transform == COMPARE_LOG ? "log" : "none");
}

/* One row a line, so that it diffs. */
static int print_list(FILE *out, const char *name, cJSON *array)
{
	const char *separator = "\n";
	cJSON *item;
	int r = array ? 0 : -ENOMEM;

	fprintf(out, ",\n\"%s\":[", name);
	cJSON_ArrayForEach(item, array)
	{
		AUTO_FREE char *text = json_print(item);

		if (!text)
			r = -ENOMEM;
		else
			fprintf(out, "%s%s", separator, text);
		separator = ",\n";
	}
	fputs("]", out);
	cJSON_Delete(array);
	return r;
}

static int print_rows(const struct comparisons *c, FILE *out)
{
	const char *separator = "\n";

	fputs(",\n\"comparisons\":[", out);
	for (size_t i = 0; i < c->n; i++) {
		cJSON *row = row_json(&c->rows[i]);
		AUTO_FREE char *text = json_print(row);

		cJSON_Delete(row);
		if (!text)
			return -ENOMEM;
		fprintf(out, "%s%s", separator, text);
		separator = ",\n";
	}
	fputs("]", out);
	return 0;
}

static cJSON *means_json(const struct comparisons *c)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < c->nr_means; i++)
		json_append(array, mean_json(&c->means[i]));
	return array;
}

static int flushed(FILE *out, int r, struct error *err)
{
	if (r)
		return error_set(err, r, "out of memory");
	if (ferror(out) || fflush(out))
		return error_set(err, -EIO, "cannot write the comparisons");
	return 0;
}

int comparisons_write_json(const struct comparisons *c, FILE *out, struct error *err)
{
	cJSON *head = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	int r = -ENOMEM;

	add_head(head, c);
	text = json_print(head);
	cJSON_Delete(head);
	if (text) {
		/* The head is an object of its own until the lists are put before its end. */
		fprintf(out, "%.*s", (int)strlen(text) - 1, text);
		r = print_rows(c, out);
	}
	if (!r)
		r = print_list(out, "geomeans", means_json(c));
	if (!r)
		r = print_list(out, "unmatched", sentences_json(&c->unmatched));
	if (!r)
		r = print_list(out, "differences", sentences_json(&c->differences));
	if (!r)
		r = print_list(out, "warnings", sentences_json(&c->warnings));
	fputs("}\n", out);
	return flushed(out, r, err);
}

/* CSV. */

static void put_text(FILE *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fprintf(out, "%s,", text);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputs("\",", out);
}

/* Empty: not known. */
static void put_double(FILE *out, double value)
{
	char text[JSON_DOUBLE_MAX];

	fprintf(out, "%s,", isfinite(value) ? json_format_double(value, text) : "");
}

static void put_arm(FILE *out, const struct compare_arm *arm)
{
	put_double(out, arm->median);
	put_double(out, arm->interval.low);
	put_double(out, arm->interval.high);
}

static void put_row(FILE *out, const struct compared *row)
{
	const struct comparison *c = &row->result;

	put_text(out, row->cell);
	put_text(out, row->metric);
	put_text(out, row->unit);
	put_text(out, better_name(row->better));
	put_arm(out, &c->a);
	put_arm(out, &c->b);
	put_double(out, c->effect);
	put_double(out, c->wide.low);
	put_double(out, c->wide.high);
	put_double(out, c->wide.coverage);
	put_double(out, c->plain);
	put_double(out, c->statistic);
	put_double(out, c->p);
	put_double(out, c->p_adjusted);
	fprintf(out, "%zu,%" PRIu64 ",", c->n, dropped(c));
	put_text(out, compare_label(c));
	put_double(out, c->detectable);
	put_double(out, c->needed);
	put_text(out, compare_verdict_name(c->apparent));
	put_text(out, compare_verdict_name(c->verdict));
	put_double(out, c->p_margin_adjusted);
	fprintf(out, "%s\n", c->worse_beyond_margin ? "true" : "false");
}

int comparisons_write_csv(const struct comparisons *c, FILE *out, struct error *err)
{
	fputs("cell,metric,unit,better,a,a_low,a_high,b,b_low,b_high,effect,low,high,coverage,"
	      "effect_of_medians,statistic,p,holm_p,n,dropped,label,detectable,needed,apparent,"
	      "verdict,holm_p_margin,slower_beyond_margin\n",
	      out);
	for (size_t i = 0; i < c->n; i++)
		put_row(out, &c->rows[i]);
	return flushed(out, 0, err);
}
