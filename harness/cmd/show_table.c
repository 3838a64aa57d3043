/* SPDX-License-Identifier: MIT */
/* A row a cell: what became of it, its medians with how sure they are, what the kernel gave. */
#include "cmd/show_view.h"

#include "base/cleanup.h"
#include "cmd/value.h"
#include "model/rule.h"
#include "stats/summary.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static enum table_mood outcome_mood(const struct result_repetition *rep)
{
	if (!rep->as_expected || strcmp(rep->outcome, "failed") == 0)
		return MOOD_BAD;
	if (strcmp(rep->outcome, "ok") == 0)
		return MOOD_GOOD;
	return strcmp(rep->outcome, "skipped") == 0 || strcmp(rep->outcome, "refused") == 0
		       ? MOOD_FAINT
		       : MOOD_ODD;
}

/* "ok", "ENOMEM at map", "4 ok, 2 ENOMEM at map". */
static void format_outcomes(const struct tally *tallies, size_t n, char *ret, size_t length)
{
	FILE *stream = fmemopen(ret, length, "w");

	for (size_t i = 0; stream && i < n; i++) {
		fputs(i ? ", " : "", stream);
		if (n > 1)
			fprintf(stream, "%u ", tallies[i].count);
		fputs(tallies[i].kind, stream);
		if (tallies[i].text)
			fprintf(stream, " at %s", tallies[i].text);
	}
	if (stream)
		fclose(stream);
	ret[length - 1] = '\0';
}

static int set_outcome(const struct view *v, struct table *t, size_t row, int column, uint32_t cell)
{
	uint32_t nr_repetitions = v->r->cells[cell].nr_repetitions;
	AUTO_FREE struct tally *tallies = NULL;
	enum table_mood mood = MOOD_PLAIN;
	const char *expected = NULL, *rule = NULL;
	char text[256] = "";
	size_t n = 0;

	for (uint32_t i = 0; i < nr_repetitions; i++) {
		const struct result_repetition *rep = view_repetition(v, cell, i);

		if (tally_add(&tallies, &n, rep->outcome, rep->step))
			return -ENOMEM;
		if (!rep->as_expected)
			expected = rep->expected;
		if (rep->rule && strcmp(rep->outcome, "ok") != 0)
			rule = rep->rule;
		if (!i || outcome_mood(rep) == MOOD_BAD)
			mood = outcome_mood(rep);
	}
	format_outcomes(tallies, n, text, sizeof(text));
	if (expected)
		table_set(t, row, column, "%s, expected %s", text, expected);
	else if (rule && rule_find(rule))
		table_set(t, row, column, "%s: %s", text, rule_find(rule)->title);
	else
		table_set(t, row, column, "%s", text);
	table_set_mood(t, row, column, mood);
	return 0;
}

/* "2.15 us [2.10 2.31]": the median and its interval in the median's unit. */
static void set_metric(const struct view *v, struct table *t, size_t row, unsigned int metric,
		       uint32_t cell)
{
	const char *unit = v->r->metrics[metric].unit;
	int column = v->metric_columns[metric];
	size_t n = view_gather(v, cell, metric);
	char middle[48], low[32], high[32];
	struct value_scale scale;
	struct interval interval;
	double median;

	if (!n) {
		table_set(t, row, column, "-");
		table_set_mood(t, row, column, MOOD_FAINT);
		return;
	}
	median = summary_median(v->scratch, n);
	value_format(median, unit, middle, sizeof(middle));
	if (summary_median_interval(v->scratch, n, SHOW_COVERAGE, &interval)) {
		table_set(t, row, column, "%s", middle);
		return;
	}
	scale = value_scale(median, unit);
	value_format_number(interval.low, scale, low, sizeof(low));
	value_format_number(interval.high, scale, high, sizeof(high));
	if (strcmp(low, high) == 0)
		table_set(t, row, column, "%s", middle);
	else
		table_set(t, row, column, "%s [%s %s]", middle, low, high);
}

/* The median over a cell's repetitions of something that the kernel gave; NaN: nothing known. */
static double effective_median(const struct view *v, uint32_t cell,
			       double (*get)(const struct result_effective *e))
{
	uint32_t n = v->r->cells[cell].nr_repetitions;
	size_t known = 0;

	for (uint32_t i = 0; i < n; i++) {
		double value = get(&view_repetition(v, cell, i)->effective);

		if (isfinite(value))
			v->scratch[known++] = value;
	}
	return known ? summary_median(v->scratch, known) : NAN;
}

static double get_resident(const struct result_effective *e)
{
	return e->resident_bytes;
}

static double get_huge(const struct result_effective *e)
{
	return e->huge_share;
}

static double get_swap(const struct result_effective *e)
{
	return e->swap_bytes;
}

static bool any_cell(const struct view *v, double (*get)(const struct result_effective *e))
{
	for (uint32_t i = 0; i < v->r->nr_repetitions; i++)
		if (get(&v->r->repetitions[i].effective) > 0)
			return true;
	return false;
}

static int add_effective(const struct view *v, struct table *t, const char *name,
			 double (*get)(const struct result_effective *e), bool share)
{
	char text[32];
	int column;

	if (!any_cell(v, get))
		return 0;
	column = table_add(t, name, TABLE_RIGHT | TABLE_OPTIONAL);
	for (size_t row = 0; column >= 0 && row < v->r->nr_cells; row++) {
		double value = effective_median(v, v->cells[row], get);

		if (isnan(value))
			table_set(t, row, column, "-");
		else if (share)
			table_set(t, row, column, "%.0f%%", value * 100);
		else
			table_set(t, row, column, "%s",
				  value_format(value, "B", text, sizeof(text)));
	}
	return column < 0 ? column : 0;
}

static int add_axes(const struct view *v, struct table *t)
{
	for (unsigned int i = 0; i < v->r->nr_axes; i++) {
		int column;

		if (!v->r->axes[i].varies)
			continue;
		column = table_add(t, v->r->axes[i].name, 0);
		if (column < 0)
			return column;
		for (size_t row = 0; row < v->r->nr_cells; row++) {
			const char *value = v->r->cells[v->cells[row]].params[i];

			table_set(t, row, column, "%s", value ? value : "-");
		}
	}
	return 0;
}

static int add_outcomes(const struct view *v, struct table *t)
{
	int outcome = table_add(t, "outcome", 0), n = table_add(t, "n", TABLE_RIGHT);

	if (outcome < 0 || n < 0)
		return -ENOMEM;
	for (size_t row = 0; row < v->r->nr_cells; row++) {
		if (set_outcome(v, t, row, outcome, v->cells[row]))
			return -ENOMEM;
		table_set(t, row, n, "%u", v->r->cells[v->cells[row]].nr_repetitions);
	}
	return 0;
}

static int add_metrics(const struct view *v, struct table *t)
{
	unsigned int flags = TABLE_RIGHT;

	/* What was asked for is shown, however wide. */
	if (!v->options->metrics && !v->options->all)
		flags |= TABLE_OPTIONAL;
	for (unsigned int i = 0; i < v->r->nr_metrics; i++) {
		v->metric_columns[i] = -1;
		if (!v->shown[i])
			continue;
		v->metric_columns[i] = table_add(t, v->r->metrics[i].name, flags);
		if (v->metric_columns[i] < 0)
			return v->metric_columns[i];
		for (size_t row = 0; row < v->r->nr_cells; row++)
			set_metric(v, t, row, i, v->cells[row]);
	}
	return 0;
}

int show_fill_table(const struct view *v, struct table *t)
{
	int r = add_axes(v, t);

	if (!r)
		r = add_outcomes(v, t);
	if (!r)
		r = add_metrics(v, t);
	if (!r)
		r = add_effective(v, t, "resident", get_resident, false);
	if (!r)
		r = add_effective(v, t, "huge", get_huge, true);
	if (!r)
		r = add_effective(v, t, "swapped", get_swap, false);
	return r;
}
