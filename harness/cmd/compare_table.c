/* SPDX-License-Identifier: MIT */
#include "cmd/compare_table.h"

#include "base/cleanup.h"
#include "cmd/value.h"
#include "stats/holm.h"

#include <math.h>
#include <string.h>

#define SHOWN_ROWS      50 /* unless --all */
#define SHOWN_SENTENCES 12
#define COLUMNS         10

struct view {
	const struct comparisons *c;
	const struct compare_table_options *options;
	FILE *stream;
	struct table *table;
	int cell, metric, a, b, effect, p, n, verdict, shows, needs; /* columns; −1: none */
};

static bool is_log(const struct view *v)
{
	return v->c->options.transform == COMPARE_LOG;
}

/* "2.15 us [2.10 2.31]": in the unit of the first. */
static void format_arm(const struct compare_arm *arm, const char *unit, char *ret, size_t length)
{
	struct value_scale scale = value_scale(arm->median, unit);
	char middle[48], low[32], high[32];

	value_format(arm->median, unit, middle, sizeof(middle));
	if (arm->interval.coverage <= 0) {
		snprintf(ret, length, "%s", middle);
		return;
	}
	snprintf(ret, length, "%s [%s %s]", middle,
		 value_format_number(arm->interval.low, scale, low, sizeof(low)),
		 value_format_number(arm->interval.high, scale, high, sizeof(high)));
}

/* Ratios near 1 with a digit more than the noise has; far from it three digits are enough. */
static void format_ratio(const struct comparison *c, char *ret, size_t length)
{
	double low = c->wide.low, high = c->wide.high, distance;
	int digits;

	if (isnan(c->effect)) {
		snprintf(ret, length, "-");
		return;
	}
	distance = fmax(fabs(c->effect - 1), c->wide.coverage > 0 ? high - low : 0);
	digits = c->effect >= 1000 ? 0 : distance < 0.01 ? 4 : distance < 10 ? 3 : 1;
	if (c->wide.coverage > 0)
		snprintf(ret, length, "%.*f [%.*f %.*f]", digits, c->effect, digits, low, digits,
			 high);
	else
		snprintf(ret, length, "%.*f", digits, c->effect);
}

static void format_difference(const struct comparison *c, const char *unit, char *ret,
			      size_t length)
{
	struct compare_arm arm = { .median = c->effect, .interval = c->wide };

	format_arm(&arm, unit, ret, length);
}

static void format_p(double p, char *ret, size_t length)
{
	if (isnan(p))
		snprintf(ret, length, "-");
	else if (p < 1e-99)
		snprintf(ret, length, "<1e-99");
	else if (p < 0.0001)
		snprintf(ret, length, "%.0e", p);
	else
		snprintf(ret, length, "%.*f", p < 0.1 ? 4 : 2, p);
}

/* "3.2 %", or in the unit without logarithms; "-": n pairs can show nothing. */
static void format_detectable(const struct view *v, const struct compared *row, char *ret,
			      size_t length)
{
	double value = row->result.detectable;

	if (!isfinite(value))
		snprintf(ret, length, "-");
	else if (is_log(v))
		snprintf(ret, length, value < 0.995 ? "%.2g %%" : "%.0f %%", value * 100);
	else
		value_format(value, row->unit, ret, length);
}

static void format_needed(const struct comparison *c, char *ret, size_t length)
{
	if (!isfinite(c->needed))
		snprintf(ret, length, "-");
	else if (c->needed < 1e7)
		snprintf(ret, length, "%.0f", c->needed);
	else
		snprintf(ret, length, "%.1e", c->needed);
}

/* Pairs (values a side) below which this many comparisons claim nothing, however clear it is. */
static size_t least_n(const struct comparison *c)
{
	return c->paired ? holm_pairs_needed(c->family, c->options.alpha)
			 : holm_samples_needed(c->family, c->options.alpha);
}

/* What is inconclusive says what it could have shown, and what it would take. */
static void set_inconclusive(const struct view *v, size_t i)
{
	const struct compared *row = &v->c->rows[i];
	size_t least = least_n(&row->result);
	char text[48];

	if (row->result.apparent != COMPARE_VERDICT_INCONCLUSIVE || v->shows < 0)
		return;
	/* Where not even the clearest difference could be claimed, that is what is to be known. */
	if (row->result.n < least) {
		table_set(v->table, i, v->needs, "%zu at least", least);
		return;
	}
	format_detectable(v, row, text, sizeof(text));
	table_set(v->table, i, v->shows, "%s", text);
	format_needed(&row->result, text, sizeof(text));
	table_set(v->table, i, v->needs, "%s", text);
}

static enum table_mood verdict_mood(const struct compared *row)
{
	if (row->result.worse_beyond_margin)
		return MOOD_BAD;
	switch (row->result.apparent) {
	case COMPARE_VERDICT_FASTER:
		return MOOD_GOOD;
	case COMPARE_VERDICT_INCONCLUSIVE:
		return MOOD_ODD;
	case COMPARE_VERDICT_EQUIVALENT:
		return MOOD_FAINT;
	default:
		return MOOD_PLAIN;
	}
}

static void set_row(const struct view *v, size_t i)
{
	const struct compared *row = &v->c->rows[i];
	struct table *t = v->table;
	char text[160];

	if (v->cell >= 0)
		table_set(t, i, v->cell, "%s", row->cell);
	if (v->metric >= 0)
		table_set(t, i, v->metric, "%s%s", row->metric, row->primary ? "" : " *");
	format_arm(&row->result.a, row->unit, text, sizeof(text));
	table_set(t, i, v->a, "%s", text);
	format_arm(&row->result.b, row->unit, text, sizeof(text));
	table_set(t, i, v->b, "%s", text);
	if (is_log(v))
		format_ratio(&row->result, text, sizeof(text));
	else
		format_difference(&row->result, row->unit, text, sizeof(text));
	table_set(t, i, v->effect, "%s", text);
	format_p(row->result.p_adjusted, text, sizeof(text));
	table_set(t, i, v->p, "%s", text);
	table_set(t, i, v->n, "%zu", row->result.n);
	table_set(t, i, v->verdict, "%s", compared_verdict(row, text, sizeof(text)));
	table_set_mood(t, i, v->verdict, verdict_mood(row));
	set_inconclusive(v, i);
}

static bool any_text(const struct comparisons *c, bool metric)
{
	for (size_t i = 0; i < c->n; i++)
		if (*(metric ? c->rows[i].metric : c->rows[i].cell))
			return true;
	return false;
}

static size_t rows_shown(const struct view *v)
{
	return v->options->all || v->c->n <= SHOWN_ROWS ? v->c->n : SHOWN_ROWS;
}

static bool is_inconclusive(const struct compared *row)
{
	return row->result.apparent == COMPARE_VERDICT_INCONCLUSIVE;
}

static bool is_indicative(const struct compared *row)
{
	return row->result.verdict == COMPARE_VERDICT_INDICATIVE;
}

static bool is_other(const struct compared *row)
{
	return !row->primary;
}

static bool any_row(const struct comparisons *c, bool (*is)(const struct compared *row))
{
	for (size_t i = 0; i < c->n; i++)
		if (is(&c->rows[i]))
			return true;
	return false;
}

static void add_columns(struct view *v)
{
	struct table *t = v->table;

	v->cell = any_text(v->c, false) ? table_add(t, "cell", 0) : -1;
	v->metric = any_text(v->c, true) ? table_add(t, "metric", 0) : -1;
	v->a = table_add(t, "A", TABLE_RIGHT | TABLE_OPTIONAL);
	v->b = table_add(t, "B", TABLE_RIGHT | TABLE_OPTIONAL);
	v->effect = table_add(t, is_log(v) ? "B/A" : "B - A", TABLE_RIGHT);
	v->p = table_add(t, "p", TABLE_RIGHT | TABLE_OPTIONAL);
	v->n = table_add(t, "n", TABLE_RIGHT | TABLE_OPTIONAL);
	v->verdict = table_add(t, "verdict", 0);
	v->shows = v->needs = -1;
	if (!any_row(v->c, is_inconclusive))
		return;
	v->shows = table_add(t, "shows", TABLE_RIGHT | TABLE_OPTIONAL);
	v->needs = table_add(t, "needs", TABLE_RIGHT | TABLE_OPTIONAL);
}

static int print_table(struct view *v, struct error *err)
{
	int *const explained[] = { &v->p, &v->n, &v->shows, &v->needs };
	size_t n = rows_shown(v), dropped;
	int r = table_new(&v->table, n, COLUMNS);

	if (r)
		return error_set(err, r, "out of memory");
	add_columns(v);
	for (size_t i = 0; i < n; i++)
		set_row(v, i);
	dropped = v->options->all ? 0 : table_fit(v->table, v->options->width);
	/* The legend is of what is there. */
	for (size_t i = 0; i < ARRAY_LENGTH(explained); i++)
		if (*explained[i] >= 0 && table_dropped(v->table, *explained[i]))
			*explained[i] = -1;
	r = table_print(v->table, v->stream, v->options->format, v->options->colors, err);
	if (n < v->c->n)
		fprintf(v->stream, "... and %zu more rows: --all shows them\n", v->c->n - n);
	if (dropped)
		fprintf(v->stream,
			"... and %zu more column%s that the screen has no room for: --all shows "
			"them\n",
			dropped, dropped == 1 ? "" : "s");
	table_free(v->table);
	return r;
}

/* Markdown would run lines together. */
static void end_paragraph(const struct view *v)
{
	fputs(v->options->format == TABLE_MARKDOWN ? "\n\n" : "\n", v->stream);
}

static void print_head(const struct view *v)
{
	const struct comparisons *c = v->c;
	const struct comparison *first = c->n ? &c->rows[0].result : NULL;

	fprintf(v->stream, "A: %s (baseline)", c->a);
	end_paragraph(v);
	fprintf(v->stream, "B: %s", c->b);
	end_paragraph(v);
	if (first)
		fprintf(v->stream,
			"%s by %s; %zu comparison%s judged together; margin %g %%, alpha %g %%",
			compare_label(first), c->unit, first->family, first->family == 1 ? "" : "s",
			c->options.margin * 100, c->options.alpha * 100);
	end_paragraph(v);
	if (v->options->format == TABLE_TEXT)
		fputc('\n', v->stream);
}

static void print_means(const struct view *v)
{
	static const char *const gone[] = {
		[GEOMEAN_UNMATCHED] = "without a value",
		[GEOMEAN_ZERO] = "zero",
		[GEOMEAN_NEGATIVE] = "negative",
		[GEOMEAN_INFINITE] = "infinite",
	};

	for (size_t i = 0; i < v->c->nr_means; i++) {
		const struct compared_mean *m = &v->c->means[i];

		if (m->mean.count[GEOMEAN_USED] < 2)
			continue;
		fprintf(v->stream, "geomean of B/A%s%s%s%s: %.4g over %zu cells",
			*m->metric ? ", " : "", m->metric, *m->group ? ", " : "", m->group,
			m->mean.ratio, m->mean.count[GEOMEAN_USED]);
		for (int use = GEOMEAN_UNMATCHED; use < GEOMEAN_USES; use++)
			if (m->mean.count[use])
				fprintf(v->stream, ", %zu %s left out", m->mean.count[use],
					gone[use]);
		end_paragraph(v);
	}
}

static void print_sentences(const struct view *v, const char *title, const struct sentences *s)
{
	size_t n = v->options->all || s->n <= SHOWN_SENTENCES ? s->n : SHOWN_SENTENCES;
	const char *bullet = v->options->format == TABLE_MARKDOWN ? "- " : "  ";

	if (!s->n)
		return;
	fprintf(v->stream, "\n%s:", title);
	end_paragraph(v);
	for (size_t i = 0; i < n; i++)
		fprintf(v->stream, "%s%s\n", bullet, s->texts[i]);
	if (n < s->n)
		fprintf(v->stream, "%s... and %zu more: --all says them\n", bullet, s->n - n);
}

static void print_legend(const struct view *v)
{
	const struct comparisons *c = v->c;
	const char *what = c->n && c->rows[0].result.paired ? "pairs" : "values a side";

	fprintf(v->stream, "[low high]: %g %% intervals", (1 - c->options.alpha) * 100);
	if (v->p >= 0)
		fputs("; p: Holm's", v->stream);
	if (v->n >= 0)
		fprintf(v->stream, "; n: %s", what);
	fputc('.', v->stream);
	end_paragraph(v);
	if (v->shows >= 0)
		fprintf(v->stream,
			"shows: the smallest difference that n shows with a power of %g %%",
			c->options.power * 100);
	if (v->needs >= 0)
		fprintf(v->stream, "; needs: %s for a verdict at the margin", what);
	if (v->shows >= 0) {
		fputc('.', v->stream);
		end_paragraph(v);
	}
	if (any_row(c, is_other)) {
		fputs("*: not of the declared family: judged by themselves, without effect on the "
		      "exit status.",
		      v->stream);
		end_paragraph(v);
	}
	if (any_row(c, is_indicative)) {
		fputs("indicative: A and B were not measured in a random order that is on record, "
		      "so drift may be the reason.",
		      v->stream);
		end_paragraph(v);
	}
}

int compare_table_print(const struct comparisons *c, FILE *stream,
			const struct compare_table_options *options, struct error *err)
{
	struct view v = { .c = c, .options = options, .stream = stream };
	int r;

	print_head(&v);
	r = print_table(&v, err);
	if (r)
		return r;
	fputc('\n', stream);
	print_means(&v);
	print_legend(&v);
	print_sentences(&v, "Between the environments", &c->differences);
	print_sentences(&v, "Not compared", &c->unmatched);
	print_sentences(&v, "Warnings", &c->warnings);
	if (fflush(stream) || ferror(stream))
		return error_set(err, -EIO, "cannot write the table");
	return 0;
}
