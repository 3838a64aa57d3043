/* SPDX-License-Identifier: MIT */
#include "run/widths.h"

#include "base/cleanup.h"
#include "stats/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define INTERVAL_COVERAGE 0.95

static unsigned int watched_steps(const struct scenario *s)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < s->nr_steps; i++)
		n += s->steps[i].op->metrics && s->steps[i].op->metrics[0].name;
	return n;
}

/* Room grows by doubling. */
static int make_room(struct widths *w)
{
	size_t room = w->n ? (size_t)w->n * 2 : 1;
	double *grown;

	if (!w->nr_watched || w->n & (w->n - 1))
		return 0;
	grown = realloc(w->values, room * w->nr_watched * sizeof(double));
	if (!grown)
		return -ENOMEM;
	w->values = grown;
	return 0;
}

int widths_add(struct widths *w, const struct scenario *s, const struct repetition *r)
{
	size_t at;
	int error;

	w->nr_watched = watched_steps(s);
	at = (size_t)w->n * w->nr_watched;
	error = make_room(w);
	if (error)
		return error;
	for (unsigned int i = 0; i < s->nr_steps; i++) {
		const struct metric *m = s->steps[i].op->metrics;

		if (m && m[0].name)
			w->values[at++] = i < r->nr_steps ? r->steps[i].metric[0] : NAN;
	}
	w->n++;
	return 0;
}

static double width_of(const struct widths *w, unsigned int step)
{
	AUTO_FREE double *values = malloc(w->n * sizeof(*values));
	struct interval interval;
	size_t n = 0;

	if (!values)
		return INFINITY;
	for (uint32_t i = 0; i < w->n; i++) {
		double value = w->values[(size_t)i * w->nr_watched + step];

		if (isfinite(value))
			values[n++] = value;
	}
	if (!n)
		return -1;
	if (summary_median_interval(values, n, INTERVAL_COVERAGE, &interval))
		return INFINITY;
	if (interval.high <= interval.low)
		return 0;
	return (interval.high - interval.low) / fabs(summary_median(values, n));
}

double widths_widest(struct widths *w)
{
	if (!w->n)
		return -1;
	if (w->widest_n != w->n) {
		w->widest = -1;
		for (unsigned int i = 0; i < w->nr_watched; i++)
			w->widest = fmax(w->widest, width_of(w, i));
		w->widest_n = w->n;
	}
	return w->widest;
}

void widths_free(struct widths *w)
{
	free(w->values);
}
