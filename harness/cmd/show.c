/* SPDX-License-Identifier: MIT */
/*
 * overmap show: what became of each cell, and what it cost. What a reader wants first is where, on
 * which kernel, whether it is all there; then the outcomes; then the medians with how sure they
 * are.
 */
#include "cmd/show.h"

#include "model/rule.h"
#include "sys/counters.h"

#include "base/cleanup.h"
#include "base/size.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/percentiles.h"
#include "cmd/value.h"
#include "stats/summary.h"

#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define COVERAGE    0.95
#define REASONS_MAX 8 /* shown without --all */

/* What is worked with while one result is shown. */
struct view {
	const struct result *r;
	const struct show_options *options;
	FILE *stream;
	uint32_t *cells;     /* indices of cells, by number in the matrix */
	uint32_t *first;     /* [nr_cells + 1]: a cell's repetitions in by_cell */
	uint32_t *by_cell;   /* indices of repetitions, grouped by cell */
	double *scratch;     /* [nr_repetitions] */
	bool *shown;         /* [nr_metrics] */
	int *metric_columns; /* [nr_metrics]: −1 none */
};

static void view_clear(struct view *v)
{
	free(v->cells);
	free(v->first);
	free(v->by_cell);
	free(v->scratch);
	free(v->shown);
	free(v->metric_columns);
}

static int by_number(const void *a, const void *b, void *context)
{
	const struct result *r = context;
	uint64_t x = r->cells[*(const uint32_t *)a].number,
		 y = r->cells[*(const uint32_t *)b].number;

	return (x > y) - (x < y);
}

static int view_init(struct view *v)
{
	const struct result *r = v->r;
	uint32_t *next;

	v->cells = calloc(r->nr_cells + 1, sizeof(*v->cells));
	v->first = calloc(r->nr_cells + 2, sizeof(*v->first));
	v->by_cell = calloc(r->nr_repetitions + 1, sizeof(*v->by_cell));
	v->scratch = calloc(r->nr_repetitions + 1, sizeof(*v->scratch));
	v->shown = calloc(r->nr_metrics + 1, sizeof(*v->shown));
	v->metric_columns = calloc(r->nr_metrics + 1, sizeof(*v->metric_columns));
	if (!v->cells || !v->first || !v->by_cell || !v->scratch || !v->shown || !v->metric_columns)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->nr_cells; i++) {
		v->cells[i] = i;
		v->first[i + 2] = v->first[i + 1] + r->cells[i].nr_repetitions;
	}
	qsort_r(v->cells, r->nr_cells, sizeof(*v->cells), by_number, (void *)(uintptr_t)r);
	/* Counting sort: next[cell] ends as the start of the next cell. */
	next = v->first + 1;
	for (uint32_t i = 0; i < r->nr_repetitions; i++)
		v->by_cell[next[r->repetitions[i].cell]++] = i;
	return 0;
}

static const struct result_repetition *repetition(const struct view *v, uint32_t cell, uint32_t i)
{
	return &v->r->repetitions[v->by_cell[v->first[cell] + i]];
}

/* The finite values of a metric in a cell, into scratch. */
static size_t gather_metric(const struct view *v, uint32_t cell, unsigned int metric)
{
	size_t n = 0;

	for (uint32_t i = v->first[cell]; i < v->first[cell + 1]; i++) {
		double value = result_values(v->r, v->by_cell[i])[metric];

		if (isfinite(value))
			v->scratch[n++] = value;
	}
	return n;
}

/* Header. */

static void print_host(const struct view *v)
{
	const struct result *r = v->r;
	const char *name = result_text(r, "host/name"), *kernel = result_text(r, "host/kernel"),
		   *machine = result_text(r, "host/machine");
	double swap = result_number(r, "host/memory/swap_bytes", 0);
	char ram[32], swap_text[32];

	fprintf(v->stream, "%s: Linux %s %s, %.0f CPUs, %s RAM, %s%s\n", name ? name : "?",
		kernel ? kernel : "?", machine ? machine : "?",
		result_number(r, "host/cpu/online", 0),
		bytes_format((uint64_t)result_number(r, "host/memory/ram_bytes", 0), ram,
			     sizeof(ram)),
		swap > 0 ? bytes_format((uint64_t)swap, swap_text, sizeof(swap_text)) : "no",
		" swap");
}

static void print_run(const struct view *v)
{
	const struct result *r = v->r;
	const char *started = result_text(r, "run/started"), *signal = result_text(r, "run/signal"),
		   *version = result_text(r, "tool/version"),
		   *commit = result_text(r, "tool/commit");

	fprintf(v->stream, "%.10s %.5s UTC, seed %" PRIu64 ", overmap %s (%s)%s",
		started ? started : "?", started && strlen(started) > 16 ? started + 11 : "?",
		r->seed, version ? version : "?", commit ? commit : "?",
		r->complete ? "\n" : ", INCOMPLETE");
	if (!r->complete)
		fprintf(v->stream, ": %s%s\n", signal ? "ended by " : "the run was cut short",
			signal ? signal : "");
}

/* Axes that the scenario fixes: said once, not in every row. */
static void print_fixed(const struct view *v)
{
	const char *separator = "fixed: ";

	for (unsigned int i = 0; i < v->r->nr_axes; i++) {
		const char *value = v->r->nr_cells ? v->r->cells[0].params[i] : NULL;

		if (v->r->axes[i].varies || !value)
			continue;
		fprintf(v->stream, "%s%s %s", separator, v->r->axes[i].name, value);
		separator = ", ";
	}
	if (*separator == ',')
		fputc('\n', v->stream);
}

static void print_header(const struct view *v)
{
	const char *name = result_text(v->r, "scenario/name"),
		   *summary = result_text(v->r, "scenario/summary");

	fprintf(v->stream, "%s%s%s%s\n", v->options->format == TABLE_MARKDOWN ? "### " : "",
		name ? name : "?", summary && *summary ? ": " : "", summary ? summary : "");
	/* Markdown would run lines together. */
	if (v->options->format == TABLE_MARKDOWN)
		fputc('\n', v->stream);
	print_host(v);
	if (v->options->format == TABLE_MARKDOWN)
		fputc('\n', v->stream);
	print_run(v);
	print_fixed(v);
	fputc('\n', v->stream);
}

/* Which metrics. */

static bool chosen(const char *const *names, const struct result_metric *m)
{
	for (; *names; names++)
		if (strcmp(*names, m->name) == 0 || strcmp(*names, m->step) == 0)
			return true;
	return false;
}

static int unknown_metric(const struct result *r, const char *name, struct error *err)
{
	AUTO_FREE const char **names = calloc(r->nr_metrics + 1, sizeof(*names));
	const char *nearest;
	char all[512];

	if (!names)
		return -ENOMEM;
	for (unsigned int i = 0; i < r->nr_metrics; i++)
		names[i] = r->metrics[i].name;
	nearest = text_nearest(name, names);
	if (nearest)
		return error_set(err, -EINVAL, "%s: has no metric \"%s\": did you mean \"%s\"?",
				 r->path, name, nearest);
	return error_set(err, -EINVAL, "%s: has no metric \"%s\": choose %s", r->path, name,
			 text_alternatives(names, all, sizeof(all)));
}

/* The first metric of every step, or all of them; counters only where they are named. */
static bool of_interest(const struct view *v, unsigned int i)
{
	const struct result_metric *m = &v->r->metrics[i];

	if (counter_index(m->name) >= 0)
		return false;
	return v->options->all || !i || strcmp(m->step, v->r->metrics[i - 1].step) != 0;
}

static int choose_metrics(struct view *v, struct error *err)
{
	const char *const *names = v->options->metrics;
	const struct result *r = v->r;

	for (unsigned int i = 0; i < r->nr_metrics; i++)
		v->shown[i] = names ? chosen(names, &r->metrics[i]) : of_interest(v, i);
	for (; names && *names; names++) {
		bool found = false;

		for (unsigned int i = 0; i < r->nr_metrics; i++)
			found |= strcmp(*names, r->metrics[i].name) == 0 ||
				 strcmp(*names, r->metrics[i].step) == 0;
		if (!found)
			return unknown_metric(r, *names, err);
	}
	return 0;
}

/* How often each thing was. */

struct tally {
	const char *kind, *text; /* of the store: pointers compare */
	uint32_t count;
};

/* Count one more of a kind and a text; −ENOMEM. */
static int tally_add(struct tally **tallies, size_t *n, const char *kind, const char *text)
{
	struct tally *grown;

	for (size_t i = 0; i < *n; i++)
		if ((*tallies)[i].kind == kind && (*tallies)[i].text == text) {
			(*tallies)[i].count++;
			return 0;
		}
	grown = realloc(*tallies, (*n + 1) * sizeof(**tallies));
	if (!grown)
		return -ENOMEM;
	grown[(*n)++] = (struct tally){ kind, text, 1 };
	*tallies = grown;
	return 0;
}

/* Rows. */

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
		const struct result_repetition *rep = repetition(v, cell, i);

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
	size_t n = gather_metric(v, cell, metric);
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
	if (summary_median_interval(v->scratch, n, COVERAGE, &interval)) {
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
		double value = get(&repetition(v, cell, i)->effective);

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

static int fill_table(const struct view *v, struct table *t)
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

/* Footer. */

static int by_count(const void *a, const void *b)
{
	uint32_t x = ((const struct tally *)a)->count, y = ((const struct tally *)b)->count;

	return (x < y) - (x > y);
}

/* "24 cells, 144 repetitions: 120 ok, 24 ENOMEM; 2 not as expected" */
static int print_counts(const struct view *v)
{
	AUTO_FREE struct tally *tallies = NULL;
	const struct result *r = v->r;
	uint32_t unexpected = 0, indeterminate = 0;
	size_t n = 0;

	for (uint32_t i = 0; i < r->nr_repetitions; i++) {
		unexpected += !r->repetitions[i].as_expected;
		indeterminate += r->repetitions[i].indeterminate;
		if (tally_add(&tallies, &n, r->repetitions[i].outcome, NULL))
			return -ENOMEM;
	}
	fprintf(v->stream, "%u cell%s, %u repetition%s", r->nr_cells, r->nr_cells == 1 ? "" : "s",
		r->nr_repetitions, r->nr_repetitions == 1 ? "" : "s");
	if (n)
		qsort(tallies, n, sizeof(*tallies), by_count);
	for (size_t i = 0; i < n; i++)
		fprintf(v->stream, "%s %u %s", i ? "," : ":", tallies[i].count, tallies[i].kind);
	if (unexpected)
		fprintf(v->stream, "; %u not as expected", unexpected);
	if (indeterminate)
		fprintf(v->stream, "; %u that the model would not predict", indeterminate);
	fputs(".\n", v->stream);
	return 0;
}

static void print_tallies(const struct view *v, struct tally *tallies, size_t n)
{
	size_t most = v->options->all || n <= REASONS_MAX ? n : REASONS_MAX;

	if (n)
		qsort(tallies, n, sizeof(*tallies), by_count);
	for (size_t i = 0; i < most; i++)
		fprintf(v->stream, "%s%u %s: %s\n",
			v->options->format == TABLE_MARKDOWN ? "- " : "  ", tallies[i].count,
			tallies[i].kind, tallies[i].text);
	if (most < n)
		fprintf(v->stream, "  … and %zu more reasons: --all shows them\n", n - most);
}

/* Why repetitions were skipped, refused, degraded or failed: each reason once, with how often. */
static int print_reasons(const struct view *v)
{
	AUTO_FREE struct tally *tallies = NULL;
	const struct result *r = v->r;
	size_t n = 0;

	for (uint32_t i = 0; i < r->nr_repetitions; i++) {
		const struct result_repetition *rep = &r->repetitions[i];

		/* An errno says it all. */
		if (rep->detail && (rep->outcome[0] != 'E' || !rep->as_expected) &&
		    tally_add(&tallies, &n, rep->outcome, rep->detail))
			return -ENOMEM;
	}
	print_tallies(v, tallies, n);
	return 0;
}

static int print_warnings(const struct view *v)
{
	static const char in_repetition[] = "warned";
	AUTO_FREE struct tally *tallies = NULL;
	const struct result *r = v->r;
	size_t n = 0;

	for (uint32_t i = 0; i < r->nr_repetitions; i++)
		for (uint32_t k = 0; k < r->repetitions[i].nr_warnings; k++)
			if (tally_add(&tallies, &n, in_repetition, r->repetitions[i].warnings[k]))
				return -ENOMEM;
	print_tallies(v, tallies, n);
	for (uint32_t i = 0; i < r->nr_warnings; i++) {
		/* What guards a run is the same in every result of a machine. */
		if (strcmp(r->warnings[i].kind, "guard") == 0 && !v->options->all)
			continue;
		fprintf(v->stream, "%swarning: %s\n",
			v->options->format == TABLE_MARKDOWN ? "- " : "  ", r->warnings[i].text);
	}
	return 0;
}

static void print_hints(const struct view *v, const struct table *t, size_t dropped)
{
	const char *separator = "Not shown: ";

	if (v->options->format == TABLE_TEXT)
		fputs("[low high]: 95 % interval of the median, from 6 repetitions on.\n",
		      v->stream);
	if (!dropped)
		return;
	for (int i = 0; i < (int)v->r->nr_metrics; i++)
		if (v->metric_columns[i] >= 0 && table_dropped(t, v->metric_columns[i])) {
			fprintf(v->stream, "%s%s", separator, v->r->metrics[i].name);
			separator = ", ";
		}
	if (*separator == ',')
		fputs(" (the screen is too narrow; --metric NAME shows them)\n", v->stream);
}

static int print_footer(const struct view *v, const struct table *t, size_t dropped)
{
	int r;

	fputc('\n', v->stream);
	r = print_counts(v);
	if (!r)
		r = print_reasons(v);
	if (!r)
		r = print_warnings(v);
	print_hints(v, t, dropped);
	return r;
}

static int show_view(struct view *v, struct error *err)
{
	struct table *t = NULL;
	size_t dropped;
	int r = choose_metrics(v, err);

	if (r)
		return r;
	/* Axes, metrics, outcome, n, and what the kernel gave. */
	if (table_new(&t, v->r->nr_cells, v->r->nr_axes + v->r->nr_metrics + 5))
		return error_set(err, -ENOMEM, "out of memory");
	r = fill_table(v, t);
	if (r) {
		error_set(err, r, "out of memory");
		goto out;
	}
	dropped = table_fit(t, v->options->all ? 0 : v->options->width);
	print_header(v);
	r = table_print(t, v->stream, v->options->format, v->options->colors, err);
	if (!r)
		r = percentiles_print(v->r, v->cells, v->stream, v->options, err);
	if (!r)
		r = print_footer(v, t, dropped);
	if (!r && (fflush(v->stream) || ferror(v->stream)))
		r = error_set_errno(err, errno ? -errno : -EIO, "cannot write the table");
out:
	table_free(t);
	return r;
}

int show_result(const struct result *result, FILE *stream, const struct show_options *options,
		struct error *err)
{
	struct view v = { .r = result, .options = options, .stream = stream };
	int r = view_init(&v);

	if (r)
		error_set(err, r, "out of memory");
	else
		r = show_view(&v, err);
	view_clear(&v);
	return r;
}

int show_read(struct result **ret, const char *path, struct error *err)
{
	/* Standard input can be read but once. */
	bool piped = strcmp(path, "-") == 0;
	int r = result_read(ret, path, piped ? RESULT_STEPS : 0, err);

	if (r || piped || !percentiles_wanted(*ret))
		return r;
	result_free(*ret);
	*ret = NULL;
	return result_read(ret, path, RESULT_STEPS, err);
}

struct arguments {
	struct show_options options;
	const char **metrics; /* [nr_metrics + 1] */
	size_t nr_metrics;
	const char *path;
};

static void add_metric(struct arguments *a, const char *name, struct argp_state *state)
{
	const char **grown = realloc(a->metrics, (a->nr_metrics + 2) * sizeof(*grown));

	if (!grown)
		argp_failure(state, EXIT_USAGE, ENOMEM, "--metric");
	grown[a->nr_metrics++] = name;
	grown[a->nr_metrics] = NULL;
	a->metrics = grown;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'm':
		add_metric(a, text, state);
		return 0;
	case 'a':
		a->options.all = true;
		return 0;
	case 'f':
		if (strcmp(text, "text") != 0 && strcmp(text, "markdown") != 0)
			argp_error(state, "no format '%s': choose text or markdown", text);
		a->options.format = text[0] == 'm' ? TABLE_MARKDOWN : TABLE_TEXT;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one result, please");
		a->path = text;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which result?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_show(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "metric", 'm', "NAME", 0, "Show this metric, or all of this step (repeatable)",
		  0 },
		{ "all", 'a', NULL, 0, "Show every metric and every reason", 0 },
		{ "format", 'f', "FORMAT", 0, "text (default) or markdown", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "RESULT",
		.doc = "Print the summary table of a result: what became of each cell, and what it "
		       "cost. RESULT may be a journal too; - is standard input.",
	};
	struct arguments a = { .path = NULL };
	struct result *result = NULL;
	struct error err;
	int r;

	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return EXIT_USAGE;
	a.options.metrics = a.metrics;
	a.options.width = a.options.format == TABLE_TEXT ? stream_width(stdout) : 0;
	a.options.colors = stream_colors(stdout);
	r = show_read(&result, a.path, &err);
	if (!r && result->note)
		fprintf(stderr, "overmap: %s\n", result->note);
	if (!r)
		r = show_result(result, stdout, &a.options, &err);
	if (r)
		fprintf(stderr, "overmap: %s\n", err.text);
	result_free(result);
	free(a.metrics);
	return r ? EXIT_USAGE : 0;
}
