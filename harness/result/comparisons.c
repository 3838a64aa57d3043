/* SPDX-License-Identifier: MIT */
#include "result/comparisons.h"

#include "base/cleanup.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static void sentences_free(struct sentences *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->texts[i]);
	free(s->texts);
}

void comparisons_free(struct comparisons *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->rows[i].cell);
		free(c->rows[i].metric);
		free(c->rows[i].unit);
		free(c->rows[i].group);
	}
	free(c->rows);
	free(c->means);
	sentences_free(&c->unmatched);
	sentences_free(&c->differences);
	sentences_free(&c->warnings);
	for (size_t i = 0; i < ORIGINS; i++)
		free(c->origin[i]);
	free(c->a);
	free(c->b);
	*c = (struct comparisons){ .n = 0 };
}

static char *copy(struct comparisons *c, const char *text)
{
	char *ret = strdup(text);

	c->out_of_memory |= !ret;
	return ret;
}

struct compared *comparisons_add(struct comparisons *c, const char *cell, const char *metric,
				 const char *unit, const char *group)
{
	struct compared *row;

	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 32;
		struct compared *grown = realloc(c->rows, room * sizeof(*grown));

		if (!grown) {
			c->out_of_memory = true;
			return NULL;
		}
		c->rows = grown;
		c->room = room;
	}
	row = &c->rows[c->n++];
	*row = (struct compared){
		.cell = copy(c, cell),
		.metric = copy(c, metric),
		.unit = copy(c, unit),
		.group = copy(c, group),
	};
	return row;
}

void comparisons_say(struct comparisons *c, struct sentences *to, const char *format, ...)
{
	char **grown = realloc(to->texts, (to->n + 1) * sizeof(*grown));
	va_list args;

	if (!grown) {
		c->out_of_memory = true;
		return;
	}
	to->texts = grown;
	va_start(args, format);
	if (vasprintf(&to->texts[to->n], format, args) < 0)
		c->out_of_memory = true;
	else
		to->n++;
	va_end(args);
}

static void note_emulated(void *context, const char *path, const char *text)
{
	struct comparisons *c = context;

	(void)path;
	c->emulated |= strcmp(text, "true") == 0;
}

void comparisons_origin(struct comparisons *c, const struct result *a, const struct result *b)
{
	static const char *const paths[ORIGINS] = {
		[ORIGIN_HOST] = "host/name",       [ORIGIN_KERNEL] = "host/kernel",
		[ORIGIN_MACHINE] = "host/machine", [ORIGIN_STARTED] = "run/started",
		[ORIGIN_CLOCK] = "run/clock",      [ORIGIN_SCENARIO] = "scenario/name",
		[ORIGIN_VERSION] = "tool/version",
	};

	for (size_t i = 0; i < ORIGINS; i++) {
		const char *one = result_text(a, paths[i]), *other = result_text(b, paths[i]);
		bool same = !one || !other || strcmp(one, other) == 0 || i == ORIGIN_STARTED;

		free(c->origin[i]);
		c->origin[i] = NULL;
		if (!one && !other)
			continue;
		if (asprintf(&c->origin[i], "%s%s%s", one ? one : other, same ? "" : " / ",
			     same ? "" : other) < 0) {
			c->origin[i] = NULL;
			c->out_of_memory = true;
		}
	}
	result_visit(a, "emulated", note_emulated, c);
	result_visit(b, "emulated", note_emulated, c);
}

char *compared_verdict(const struct compared *row, char *ret, size_t length)
{
	const struct comparison *c = &row->result;

	if (c->verdict == COMPARE_VERDICT_INDICATIVE)
		snprintf(ret, length, "indicative: %s", compare_verdict_name(c->apparent));
	else
		snprintf(ret, length, "%s", compare_verdict_name(c->verdict));
	return ret;
}

/* Judge the rows that are, or are not, of the declared family. */
static int judge_rows(struct comparisons *c, bool primary)
{
	AUTO_FREE struct comparison *family = calloc(c->n + 1, sizeof(*family));
	size_t n = 0;
	int r;

	if (!family)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].primary == primary)
			family[n++] = c->rows[i].result;
	r = compare_family(family, n);
	n = 0;
	for (size_t i = 0; !r && i < c->n; i++)
		if (c->rows[i].primary == primary)
			c->rows[i].result = family[n++];
	return r;
}

static struct compared_mean *mean_of(struct comparisons *c, const struct compared *row)
{
	struct compared_mean *mean;

	for (size_t i = 0; i < c->nr_means; i++) {
		mean = &c->means[i];
		if (strcmp(mean->metric, row->metric) == 0 && strcmp(mean->group, row->group) == 0)
			return mean;
	}
	mean = &c->means[c->nr_means++];
	*mean = (struct compared_mean){ row->metric, row->group, row->better, { .ratio = NAN } };
	return mean;
}

/* Of ratios only: differences have no geometric mean. */
static int take_means(struct comparisons *c)
{
	AUTO_FREE double *ratios = calloc(c->n + 1, sizeof(*ratios));

	free(c->means);
	c->nr_means = 0;
	c->means = calloc(c->n + 1, sizeof(*c->means));
	if (!c->means || !ratios)
		return -ENOMEM;
	if (c->options.transform != COMPARE_LOG)
		return 0;
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].primary)
			mean_of(c, &c->rows[i]);
	for (size_t k = 0; k < c->nr_means; k++) {
		size_t n = 0;

		for (size_t i = 0; i < c->n; i++)
			if (c->rows[i].primary && mean_of(c, &c->rows[i]) == &c->means[k])
				ratios[n++] = c->rows[i].result.effect;
		geomean_of(ratios, n, &c->means[k].mean);
	}
	return 0;
}

static void tell_counts(struct comparisons *c, const struct compared *row, const char *side,
			const struct compare_counts *n)
{
	const char *gap = *row->metric ? " " : "";

	if (n->disturbed)
		comparisons_say(c, &c->warnings,
				"%s%s%s: %zu pairs dropped, disturbed by steal time above 1 %%",
				row->cell, gap, row->metric, n->disturbed);
	if (n->nan)
		comparisons_say(c, &c->warnings, "%s%s%s: %zu of %zu values of %s not measured",
				row->cell, gap, row->metric, n->nan, n->given, side);
	if (n->infinite)
		comparisons_say(c, &c->warnings,
				"%s%s%s: %zu of %zu values of %s infinite, or too far from the "
				"other's, and left out",
				row->cell, gap, row->metric, n->infinite, n->given, side);
	if (n->not_positive)
		comparisons_say(c, &c->warnings,
				"%s%s%s: %zu of %zu values of %s are 0 or below, have no logarithm "
				"and are left out: --transform none compares differences",
				row->cell, gap, row->metric, n->not_positive, n->given, side);
}

/* Nothing of either side has a logarithm: what is counted and never happened, as a rule. */
static bool is_empty(const struct compared *row)
{
	const struct compare_counts *a = &row->result.a.counts, *b = &row->result.b.counts;

	return !row->primary && a->not_positive && a->not_positive == a->given &&
	       b->not_positive == b->given;
}

/* Such rows stand behind the others by metric: one sentence a metric. The rows it is for. */
static size_t tell_empty(struct comparisons *c, size_t first)
{
	const char *metric = c->rows[first].metric;
	size_t n = 1;

	while (first + n < c->n && is_empty(&c->rows[first + n]) &&
	       strcmp(c->rows[first + n].metric, metric) == 0)
		n++;
	comparisons_say(c, &c->warnings,
			"%s: in %zu cell%s every value of both sides is 0 or below and has no "
			"logarithm: --transform none compares differences",
			metric, n, n == 1 ? "" : "s");
	return n;
}

static void tell_warnings(struct comparisons *c, const struct compared *row)
{
	static const char *const texts[] = {
		[COMPARE_TREND_A] = "A drifts, over the run by",
		[COMPARE_TREND_B] = "B drifts, over the run by",
		[COMPARE_CORRELATED] = "neighbouring pairs depend on each other, correlation",
		[COMPARE_CORRELATED_A] =
			"neighbouring values of A depend on each other, correlation",
		[COMPARE_CORRELATED_B] =
			"neighbouring values of B depend on each other, correlation",
		[COMPARE_ORDER_MATTERS] = "it matters which of the two ran first, by",
		[COMPARE_ORDER_NOT_RANDOM] = "the order is none that a coin would give",
	};
	static const char *const units[] = { "pairs", "values" };
	const struct comparison *r = &row->result;

	if (r->paired) {
		struct compare_counts only_a = r->a.counts, only_b = r->b.counts;

		only_b.disturbed = 0;
		tell_counts(c, row, "A", &only_a);
		tell_counts(c, row, "B", &only_b);
	} else {
		tell_counts(c, row, "A", &r->a.counts);
		tell_counts(c, row, "B", &r->b.counts);
	}
	if (row->unpaired)
		comparisons_say(c, &c->warnings,
				"%s %s: %zu repetitions without a partner in their round dropped",
				row->cell, row->metric, row->unpaired);
	for (size_t i = 0; row->primary && i < r->nr_warnings; i++) {
		char value[32] = "";

		if (r->warnings[i].kind == COMPARE_CORRELATED ||
		    r->warnings[i].kind == COMPARE_CORRELATED_A ||
		    r->warnings[i].kind == COMPARE_CORRELATED_B)
			snprintf(value, sizeof(value), " %+.2f", r->warnings[i].value);
		else if (r->warnings[i].kind == COMPARE_TREND_A ||
			 r->warnings[i].kind == COMPARE_TREND_B)
			snprintf(value, sizeof(value), " %+.2g %%", r->warnings[i].value * 100);
		else if (r->warnings[i].kind == COMPARE_ORDER_MATTERS)
			snprintf(value, sizeof(value), " %.3g", r->warnings[i].value);
		comparisons_say(c, &c->warnings, "%s%s%s: %s%s (p %.2g, %zu %s)", row->cell,
				*row->metric ? " " : "", row->metric, texts[r->warnings[i].kind],
				value, r->warnings[i].p, r->n, units[!r->paired]);
	}
}

/* What matters: slower first, then faster, the rest behind; the larger effect first. */
static int rank(const struct compared *row)
{
	static const int ranks[] = {
		[COMPARE_VERDICT_SLOWER] = 1,       [COMPARE_VERDICT_FASTER] = 2,
		[COMPARE_VERDICT_HIGHER] = 3,       [COMPARE_VERDICT_LOWER] = 3,
		[COMPARE_VERDICT_INCONCLUSIVE] = 4, [COMPARE_VERDICT_EQUIVALENT] = 5,
		[COMPARE_VERDICT_INDICATIVE] = 4,
	};
	int found = ranks[row->result.apparent];

	/* A difference that the margin covers matters less than one beyond it. */
	if (found <= 3 && !row->result.beyond_margin)
		found += 5;
	/* What has no value says nothing. */
	if (isnan(row->result.effect))
		found = is_empty(row) ? 91 : 90;
	return (row->primary ? 0 : 100) + (row->result.worse_beyond_margin ? 0 : found);
}

static double size_of(const struct compared *row)
{
	double effect = row->result.effect;

	if (isnan(effect))
		return -1;
	return row->result.options.transform == COMPARE_LOG ? fabs(log(effect)) : fabs(effect);
}

static int by_what_matters(const void *a, const void *b)
{
	const struct compared *x = a, *y = b;
	double first = size_of(x), second = size_of(y);
	int order = rank(x) - rank(y);

	if (order)
		return order;
	if (first != second)
		return first > second ? -1 : 1;
	if (is_empty(x) && (order = strcmp(x->metric, y->metric)))
		return order;
	order = strcmp(x->cell, y->cell);
	return order ? order : strcmp(x->metric, y->metric);
}

int comparisons_judge(struct comparisons *c)
{
	int r = c->out_of_memory ? -ENOMEM : judge_rows(c, true);

	if (!r)
		r = judge_rows(c, false);
	if (r)
		return r;
	if (c->n)
		qsort(c->rows, c->n, sizeof(*c->rows), by_what_matters);
	for (size_t i = 0; i < c->n;)
		if (is_empty(&c->rows[i]))
			i += tell_empty(c, i);
		else
			tell_warnings(c, &c->rows[i++]);
	r = take_means(c);
	return r || !c->out_of_memory ? r : -ENOMEM;
}
