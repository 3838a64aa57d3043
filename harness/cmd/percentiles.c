/* SPDX-License-Identifier: MIT */
#include "cmd/percentiles.h"

#include "base/cleanup.h"
#include "cmd/value.h"

#include <math.h>
#include <string.h>

/* By events a stall of 100 ms among millions of short ones is not seen; by time it is. */
static const struct {
	const char *name;
	double p;
	uint64_t (*get)(const struct hist *h, double p);
} columns[] = {
	{ "p50", 0.5, hist_percentile },
	{ "p99", 0.99, hist_percentile },
	{ "p99.9", 0.999, hist_percentile },
	{ "p50 by time", 0.5, hist_percentile_by_time },
	{ "p99 by time", 0.99, hist_percentile_by_time },
	{ "p99.9 by time", 0.999, hist_percentile_by_time },
};

bool percentiles_wanted(const struct result *r)
{
	const char *events = result_text(r, "scenario/events");

	return events && strcmp(events, "none") != 0;
}

/* One row: a step of a cell. */
struct row {
	uint32_t cell;
	const char *step;
};

/* Rows of all cells, in order; their number. Each step has metrics, one after the other. */
static size_t list_rows(const struct result *r, const uint32_t *order, struct row *ret)
{
	size_t n = 0;

	for (uint32_t c = 0; c < r->nr_cells; c++)
		for (unsigned int i = 0; i < r->nr_metrics; i++) {
			const char *step = r->metrics[i].step;

			if (step && (!i || strcmp(step, r->metrics[i - 1].step ?: "") != 0))
				ret[n++] = (struct row){ order[c], step };
		}
	return n;
}

/* All events of the row's step over the cell's repetitions. */
static void gather(const struct result *r, const struct row *row, struct hist *ret)
{
	hist_reset(ret);
	for (uint32_t i = 0; i < r->nr_repetitions; i++) {
		const struct result_repetition *rep = &r->repetitions[i];

		if (rep->cell != row->cell)
			continue;
		for (uint32_t k = 0; k < rep->nr_steps; k++)
			if (rep->steps[k].events.n && strcmp(rep->steps[k].name, row->step) == 0)
				result_hist_merge(&rep->steps[k].events, ret);
	}
}

static void set_percentiles(struct table *t, size_t row, int first, const struct hist *h)
{
	for (size_t i = 0; i < ARRAY_LENGTH(columns); i++) {
		char text[32];

		value_format((double)columns[i].get(h, columns[i].p), "ns", text, sizeof(text));
		table_set(t, row, first + (int)i, "%s", text);
	}
}

static int add_columns(const struct result *r, struct table *t, int *ret_first)
{
	for (unsigned int i = 0; i < r->nr_axes; i++)
		if (r->axes[i].varies && table_add(t, r->axes[i].name, 0) < 0)
			return -ENOMEM;
	*ret_first = table_add(t, "events of", 0) + 1;
	if (*ret_first <= 0)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_LENGTH(columns); i++)
		if (table_add(t, columns[i].name, TABLE_RIGHT) < 0)
			return -ENOMEM;
	return 0;
}

static void set_names(const struct result *r, struct table *t, size_t row, const struct row *of)
{
	int column = 0;

	for (unsigned int i = 0; i < r->nr_axes; i++) {
		const char *value = r->cells[of->cell].params[i];

		if (r->axes[i].varies)
			table_set(t, row, column++, "%s", value ? value : "-");
	}
	table_set(t, row, column, "%s", of->step);
}

/* Rows that have events, in the places from 0 on; their number. */
static size_t keep_rows(const struct result *r, struct row *rows, size_t n, struct hist *h)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		gather(r, &rows[i], h);
		if (h->n)
			rows[kept++] = rows[i];
	}
	return kept;
}

/* The time of an event by its share, of the step in one repetition; NaN: none is mostly stamp. */
static double stamped_ns(const struct result *r, const struct result_repetition *rep,
			 const char *step)
{
	for (uint32_t i = 0; i < rep->nr_steps; i++)
		if (rep->steps[i].stamp_share >= STAMP_SHARE_NOTED &&
		    strcmp(rep->steps[i].name, step) == 0)
			return result_number(r, "run/event_stamp_cost_ns", NAN) /
			       rep->steps[i].stamp_share;
	return NAN;
}

/* Said, not subtracted: between two stamps a processor cannot do what it does without them. */
static void note_stamps(const struct result *r, const char *step, FILE *stream, const char *bullet)
{
	double stamp = result_number(r, "run/event_stamp_cost_ns", NAN), sum = 0;
	char each[32], of_which[32];
	unsigned int n = 0;

	for (uint32_t i = 0; i < r->nr_repetitions; i++) {
		double ns = stamped_ns(r, &r->repetitions[i], step);

		sum += isfinite(ns) ? ns : 0;
		n += isfinite(ns);
	}
	if (n)
		fprintf(stream,
			"%s%s: an event takes %s, of which the time stamp %s, in %u of %u "
			"repetitions: for its cost leave 'events' out\n",
			bullet, step, value_format(sum / n, "ns", each, sizeof(each)),
			value_format(stamp, "ns", of_which, sizeof(of_which)), n,
			r->nr_repetitions);
}

static void print_stamps(const struct result *r, FILE *stream, const struct show_options *options)
{
	const char *bullet = options->format == TABLE_MARKDOWN ? "- " : "  ";
	double step_ns = result_number(r, "run/clock_resolution_ns", NAN);
	char text[32];

	for (unsigned int i = 0; i < r->nr_metrics; i++) {
		const char *step = r->metrics[i].step;

		if (step && (!i || strcmp(step, r->metrics[i - 1].step ?: "") != 0))
			note_stamps(r, step, stream, bullet);
	}
	if (isfinite(step_ns))
		fprintf(stream, "%sthe clock goes by steps of %s\n", bullet,
			value_format(step_ns, "ns", text, sizeof(text)));
}

int percentiles_print(const struct result *r, const uint32_t *order, FILE *stream,
		      const struct show_options *options, struct error *err)
{
	AUTO_FREE struct row *rows = calloc((size_t)r->nr_cells * r->nr_metrics + 1, sizeof(*rows));
	AUTO_FREE struct hist *h = malloc(sizeof(*h));
	struct table *t = NULL;
	int first, status;
	size_t n;

	if (!rows || !h)
		return error_set(err, -ENOMEM, "out of memory");
	n = keep_rows(r, rows, list_rows(r, order, rows), h);
	if (!n)
		return 0;
	if (table_new(&t, n, r->nr_axes + 1 + ARRAY_LENGTH(columns)) || add_columns(r, t, &first)) {
		table_free(t);
		return error_set(err, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < n; i++) {
		gather(r, &rows[i], h);
		set_names(r, t, i, &rows[i]);
		set_percentiles(t, i, first, h);
	}
	fputc('\n', stream);
	status = table_print(t, stream, options->format, options->colors, err);
	table_free(t);
	if (!status)
		print_stamps(r, stream, options);
	return status;
}
