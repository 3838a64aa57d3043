/* SPDX-License-Identifier: MIT */
#include "run/tracks.h"

#include "base/cleanup.h"
#include "run/adaptive.h"
#include "stats/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INTERVAL_COVERAGE 0.95

struct track {
	uint64_t cell, block;
	uint32_t n; /* repetitions so far */
	uint32_t next_round;
	bool closed;    /* skipped or refused: it will be so again */
	double *values; /* [n * nr_watched]: the first metric of every step; NULL: none yet */
};

struct tracks {
	const struct scenario *scenario;
	unsigned int nr_watched; /* steps with a metric */
	size_t n;
	struct track *tracks; /* ascending cell */
	uint64_t left;        /* repetitions still to run, at least; exact at each tracks_due() */
	struct adaptive *adaptive; /* NULL: nothing is compared */
};

static unsigned int watched_steps(const struct scenario *s)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < s->nr_steps; i++)
		n += s->steps[i].op->metrics && s->steps[i].op->metrics[0].name;
	return n;
}

int tracks_new(struct tracks **ret, const struct scenario *s, const struct host *host)
{
	uint64_t numbers = matrix_numbers(&s->matrix);
	struct tracks *t = calloc(1, sizeof(*t));
	struct cell cell;

	if (!t)
		return -ENOMEM;
	t->scenario = s;
	t->nr_watched = watched_steps(s);
	t->tracks = calloc(numbers ? numbers : 1, sizeof(*t->tracks));
	if (!t->tracks || adaptive_new(&t->adaptive, s, host)) {
		tracks_free(t);
		return -ENOMEM;
	}
	for (uint64_t i = 0; i < numbers; i++) {
		if (!matrix_cell(&s->matrix, host, i, &cell))
			continue;
		t->tracks[t->n].cell = i;
		t->tracks[t->n++].block = cell_block(&s->matrix, &cell);
	}
	t->left = t->n * s->repetitions.min;
	*ret = t;
	return 0;
}

void tracks_free(struct tracks *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		free(t->tracks[i].values);
	adaptive_free(t->adaptive);
	free(t->tracks);
	free(t);
}

size_t tracks_count(const struct tracks *t)
{
	return t->n;
}

static int compare_cell(const void *key, const void *element)
{
	uint64_t cell = *(const uint64_t *)key;
	const struct track *track = element;

	return (cell > track->cell) - (cell < track->cell);
}

/* Values grow by doubling, and only where a width decides when to stop. */
static int keep_values(const struct tracks *t, struct track *track, const struct repetition *r)
{
	size_t width = t->nr_watched, at = (size_t)track->n * width;

	if (!width || t->scenario->repetitions.until <= 0)
		return 0;
	if ((track->n & (track->n - 1)) == 0) {
		size_t room = track->n ? (size_t)track->n * 2 : 1;
		double *grown = realloc(track->values, room * width * sizeof(double));

		if (!grown)
			return -ENOMEM;
		track->values = grown;
	}
	for (unsigned int i = 0; i < t->scenario->nr_steps; i++) {
		const struct metric *m = t->scenario->steps[i].op->metrics;

		if (m && m[0].name)
			track->values[at++] = i < r->nr_steps ? r->steps[i].metric[0] : NAN;
	}
	return 0;
}

int tracks_add(struct tracks *t, const struct repetition *r)
{
	struct track *track = bsearch(&r->cell, t->tracks, t->n, sizeof(*t->tracks), compare_cell);
	int error;

	if (!track)
		return -ENOENT;
	error = t->adaptive ? adaptive_add(t->adaptive, r) : keep_values(t, track, r);
	if (error)
		return error;
	track->n++;
	track->next_round = r->round + 1;
	track->closed = r->outcome.kind == OUTCOME_SKIPPED || r->outcome.kind == OUTCOME_REFUSED;
	t->left -= t->left > 0;
	if (track->closed && track->n < t->scenario->repetitions.min)
		t->left -= t->scenario->repetitions.min - track->n;
	return 0;
}

/* Is the step's interval narrow enough? One that was never measured decides nothing. */
static bool step_settled(const struct tracks *t, const struct track *track, unsigned int step)
{
	AUTO_FREE double *values = malloc(track->n * sizeof(*values));
	struct interval interval;
	double median;
	size_t n = 0;

	if (!values)
		return false;
	for (uint32_t i = 0; i < track->n; i++) {
		double value = track->values[(size_t)i * t->nr_watched + step];

		if (isfinite(value))
			values[n++] = value;
	}
	if (!n)
		return true;
	median = summary_median(values, n);
	if (summary_median_interval(values, n, INTERVAL_COVERAGE, &interval))
		return false;
	return interval.high - interval.low <= t->scenario->repetitions.until * fabs(median);
}

static bool settled(const struct tracks *t, const struct track *track)
{
	if (t->adaptive)
		return adaptive_settled(t->adaptive, track->cell);
	if (t->scenario->repetitions.until <= 0 || !track->values)
		return true;
	for (unsigned int i = 0; i < t->nr_watched; i++)
		if (!step_settled(t, track, i))
			return false;
	return true;
}

static bool needs_another(const struct tracks *t, const struct track *track)
{
	const struct repetition_plan *plan = &t->scenario->repetitions;

	if (track->closed || track->n >= plan->max)
		return false;
	return track->n < plan->min || !settled(t, track);
}

/* At least how many more the track needs. */
static uint32_t still_needs(const struct tracks *t, const struct track *track)
{
	if (!needs_another(t, track))
		return 0;
	return track->n < t->scenario->repetitions.min ? t->scenario->repetitions.min - track->n
						       : 1;
}

size_t tracks_due(struct tracks *t, unsigned int round, struct order_item *items)
{
	size_t n = 0;

	/* Without memory for a look there is none: more is measured than need be. */
	if (t->adaptive)
		(void)adaptive_look(t->adaptive, round);
	t->left = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct track *track = &t->tracks[i];
		uint32_t needs = still_needs(t, track);

		t->left += needs;
		/* A resumed run has some of its cells a round ahead of the others. */
		if (!needs || track->next_round > round)
			continue;
		items[n].cell = track->cell;
		items[n++].block = track->block;
	}
	return n;
}

uint64_t tracks_left(const struct tracks *t)
{
	return t->left;
}
