/* SPDX-License-Identifier: MIT */
/* What stands above and below the table. */
#include "cmd/show_view.h"

#include "base/cleanup.h"
#include "base/size.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define REASONS_MAX 8 /* shown without --all */

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

void show_print_header(const struct view *v)
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
	tally_sort(tallies, n);
	for (size_t i = 0; i < n; i++)
		fprintf(v->stream, "%s %u %s", i ? "," : ":", tallies[i].count, tallies[i].kind);
	if (unexpected)
		fprintf(v->stream, "; %u not as expected", unexpected);
	if (indeterminate)
		fprintf(v->stream, "; %u that the model would not predict", indeterminate);
	fputs(".\n", v->stream);
	return 0;
}

/* Did every cell get what the scenario repeats it for, and if not, was it for want of time? */
static void print_end(const struct view *v)
{
	const struct result *r = v->r;
	const char *by = result_text(r, "run/ended_by");
	double unsettled = result_number(r, "summary/unsettled", 0);
	char limit[32];

	if (by && strcmp(by, "time limit") == 0)
		fprintf(v->stream, "The time limit of %s ended the run%s",
			duration_format((uint64_t)result_number(r, "run/options/time_limit_ns", 0),
					limit, sizeof(limit)),
			unsettled > 0 ? ": " : ".\n");
	if (unsettled > 0)
		fprintf(v->stream,
			"%.0f of %u cells lack%s the repetitions, the narrow interval or the "
			"verdict that the scenario asks for.\n",
			unsettled, r->nr_cells, unsettled == 1 ? "s" : "");
}

static void print_tallies(const struct view *v, struct tally *tallies, size_t n)
{
	size_t most = v->options->all || n <= REASONS_MAX ? n : REASONS_MAX;

	tally_sort(tallies, n);
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

int show_print_footer(const struct view *v, const struct table *t, size_t dropped)
{
	int r;

	fputc('\n', v->stream);
	r = print_counts(v);
	print_end(v);
	if (!r)
		r = print_reasons(v);
	show_print_counters(v);
	show_print_noise(v);
	if (!r)
		r = print_warnings(v);
	print_hints(v, t, dropped);
	return r;
}
