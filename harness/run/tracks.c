/* SPDX-License-Identifier: MIT */
#include "run/tracks.h"

#include "base/cleanup.h"
#include "run/adaptive.h"
#include "run/spend.h"
#include "run/widths.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct track {
	uint64_t cell, block;
	uint32_t n; /* repetitions so far */
	uint32_t next_round;
	bool closed;          /* skipped or refused: it will be so again */
	bool due;             /* in the round at hand */
	double elapsed_ns;    /* of all repetitions */
	struct widths widths; /* only where one of them decides when to stop */
};

struct tracks {
	const struct scenario *scenario;
	size_t n;
	struct track *tracks; /* ascending cell */
	uint64_t left;        /* repetitions still to run, at least; exact at each tracks_due() */
	unsigned int begun;   /* rounds */
	struct adaptive *adaptive; /* NULL: nothing is compared */
};

int tracks_new(struct tracks **ret, const struct scenario *s, const struct host *host)
{
	uint64_t numbers = matrix_numbers(&s->matrix);
	struct tracks *t = calloc(1, sizeof(*t));
	struct cell cell;

	if (!t)
		return -ENOMEM;
	t->scenario = s;
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
		widths_free(&t->tracks[i].widths);
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

int tracks_add(struct tracks *t, const struct repetition *r)
{
	struct track *track = bsearch(&r->cell, t->tracks, t->n, sizeof(*t->tracks), compare_cell);
	int error;

	if (!track)
		return -ENOENT;
	if (t->adaptive)
		error = adaptive_add(t->adaptive, r);
	else
		error = t->scenario->repetitions.until > 0
				? widths_add(&track->widths, t->scenario, r)
				: 0;
	if (error)
		return error;
	track->n++;
	track->elapsed_ns += (double)r->elapsed_ns;
	track->next_round = r->round + 1;
	t->begun = track->next_round > t->begun ? track->next_round : t->begun;
	track->closed = r->outcome.kind == OUTCOME_SKIPPED || r->outcome.kind == OUTCOME_REFUSED;
	t->left -= t->left > 0;
	if (track->closed && track->n < t->scenario->repetitions.min)
		t->left -= t->scenario->repetitions.min - track->n;
	return 0;
}

static bool settled(const struct tracks *t, struct track *track)
{
	if (t->adaptive)
		return adaptive_settled(t->adaptive, track->cell);
	if (t->scenario->repetitions.until <= 0)
		return true;
	return widths_widest(&track->widths) <= t->scenario->repetitions.until;
}

static bool needs_another(const struct tracks *t, struct track *track)
{
	const struct repetition_plan *plan = &t->scenario->repetitions;

	if (track->closed || track->n >= plan->max)
		return false;
	return track->n < plan->min || !settled(t, track);
}

/* At least how many more the track needs. */
static uint32_t still_needs(const struct tracks *t, struct track *track)
{
	if (!needs_another(t, track))
		return 0;
	return track->n < t->scenario->repetitions.min ? t->scenario->repetitions.min - track->n
						       : 1;
}

/* The track whose rounds this one shares: its baseline's, or its own. */
static size_t unit_of(const struct tracks *t, size_t i)
{
	uint64_t cell = t->adaptive ? adaptive_baseline(t->adaptive, t->tracks[i].cell)
				    : t->tracks[i].cell;
	const struct track *unit = bsearch(&cell, t->tracks, t->n, sizeof(*unit), compare_cell);

	return (size_t)(unit - t->tracks);
}

static double gain_of(const struct tracks *t, struct track *track, unsigned int round)
{
	if (t->adaptive)
		return adaptive_gain(t->adaptive, track->cell, round);
	return spend_gain(widths_widest(&track->widths), track->n);
}

/* One more repetition, as long as those before took. */
static double cost_of(const struct track *track, const struct tracks_time *time)
{
	return fmax(1, track->elapsed_ns / fmax(1, track->n) + time->overhead_ns);
}

/*
 * Of those that are due, keep those that are worth the time. A unit that the run was cut short in
 * is finished: half a round is nothing to compare.
 */
static void spend(struct tracks *t, unsigned int round, struct tracks_time *time)
{
	AUTO_FREE struct spend_candidate *units = calloc(t->n + 1, sizeof(*units));
	AUTO_FREE bool *begun = calloc(t->n + 1, sizeof(*begun));
	bool any = false, kept = false;

	/* Without memory nothing is left out: more is measured than need be. */
	if (!units || !begun)
		return;
	for (size_t i = 0; i < t->n; i++) {
		struct track *track = &t->tracks[i];
		size_t unit = unit_of(t, i);

		begun[unit] |= t->adaptive && track->next_round > round;
		if (!track->due)
			continue;
		units[unit].gain += gain_of(t, track, round);
		units[unit].cost_ns += cost_of(track, time);
	}
	if (spend_choose(units, t->n, time->left_ns) < 0)
		return;
	for (size_t i = 0; i < t->n; i++) {
		struct track *track = &t->tracks[i];
		size_t unit = unit_of(t, i);

		any |= track->due;
		track->due = track->due && (units[unit].chosen || begun[unit]);
		kept |= track->due;
	}
	time->over = any && !kept;
}

/*
 * Of the least number, whole rounds alone: one begins where all of it fits. The first cannot be
 * reckoned, and one that the run was cut short in is finished.
 */
static void spend_whole(struct tracks *t, unsigned int round, struct tracks_time *time)
{
	double cost_ns = 0;

	if (!round || t->begun > round)
		return;
	for (size_t i = 0; i < t->n; i++)
		if (t->tracks[i].due)
			cost_ns += cost_of(&t->tracks[i], time);
	time->over = cost_ns > time->left_ns;
	for (size_t i = 0; time->over && i < t->n; i++)
		t->tracks[i].due = false;
}

size_t tracks_due(struct tracks *t, unsigned int round, struct tracks_time *time,
		  struct order_item *items)
{
	bool minimum = false;
	size_t n = 0;

	/* Without memory for a look there is none: more is measured than need be. */
	if (t->adaptive)
		(void)adaptive_look(t->adaptive, round);
	t->left = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct track *track = &t->tracks[i];
		uint32_t needs = still_needs(t, track);

		t->left += needs;
		/* A resumed run has some cells a round ahead of others; rounds that are past are.
		 */
		track->due = needs && track->next_round <= round && t->begun <= round + 1;
		minimum |= track->due && track->n < t->scenario->repetitions.min;
	}
	if (time && minimum)
		spend_whole(t, round, time);
	else if (time)
		spend(t, round, time);
	for (size_t i = 0; i < t->n; i++)
		if (t->tracks[i].due)
			items[n++] = (struct order_item){ t->tracks[i].cell, t->tracks[i].block };
	return n;
}

uint64_t tracks_left(const struct tracks *t)
{
	return t->left;
}

uint64_t tracks_unsettled(struct tracks *t)
{
	uint64_t n = 0;

	if (t->adaptive && adaptive_end(t->adaptive))
		return 0;
	for (size_t i = 0; i < t->n; i++) {
		struct track *track = &t->tracks[i];

		n += !track->closed &&
		     (track->n < t->scenario->repetitions.min || !settled(t, track));
	}
	return n;
}
