/* SPDX-License-Identifier: MIT */
/* When to look at the arms, what their comparisons say, and what one more round would tell. */
#include "run/adaptive.h"

#include "base/cleanup.h"
#include "run/arms.h"
#include "run/spend.h"
#include "stats/looks.h"
#include "stats/signed_rank.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define GAIN_COVERAGE 0.90 /* of the interval that is held against the margin */

struct adaptive {
	struct arms arms;
	struct comparison *last; /* [arms × steps]: against the baseline */
	bool *made;              /* of last: there was something to compare */
};

int adaptive_new(struct adaptive **ret, const struct scenario *s, const struct host *host)
{
	struct adaptive *a;
	size_t n;

	*ret = NULL;
	if (s->repetitions.compare < 0)
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	if (arms_open(&a->arms, s, host)) {
		free(a);
		return -ENOMEM;
	}
	n = a->arms.nr * a->arms.nr_steps + 1;
	a->last = calloc(n, sizeof(*a->last));
	a->made = calloc(n, sizeof(*a->made));
	if (!a->last || !a->made) {
		adaptive_free(a);
		return -ENOMEM;
	}
	*ret = a;
	return 0;
}

void adaptive_free(struct adaptive *a)
{
	if (!a)
		return;
	arms_close(&a->arms);
	free(a->last);
	free(a->made);
	free(a);
}

int adaptive_add(struct adaptive *a, const struct repetition *r)
{
	return arms_add(&a->arms, r);
}

static int look_at(struct adaptive *a, size_t index, unsigned int round, struct compare_pair *pairs)
{
	const struct arm *arm = &a->arms.arm[index];
	struct compare_options options = compare_defaults;
	int r = 0;

	options.margin = a->arms.scenario->repetitions.margin;
	options.power = a->arms.scenario->repetitions.power;
	options.randomised = options.adaptive = true;
	for (unsigned int step = 0; !r && arm->base && step < a->arms.nr_steps; step++) {
		const struct op *op = a->arms.scenario->steps[a->arms.steps[step]].op;
		size_t at = index * a->arms.nr_steps + step, n;
		bool any;

		options.better = (enum compare_better)op->metrics[a->arms.primary[step]].better;
		n = arms_pair(&a->arms, arm, step, round, pairs, &any);
		if (!any)
			continue;
		a->made[at] = true;
		r = compare_pairs(pairs, n, &options, &a->last[at]);
	}
	return r;
}

/* All comparisons as one family: those that are settled with what settled them. */
static int judge(struct adaptive *a)
{
	size_t all = a->arms.nr * a->arms.nr_steps, n = 0;
	AUTO_FREE struct comparison *family = calloc(all + 1, sizeof(*family));
	int r;

	if (!family)
		return -ENOMEM;
	for (size_t i = 0; i < all; i++)
		if (a->made[i])
			family[n++] = a->last[i];
	r = compare_family(family, n);
	n = 0;
	for (size_t i = 0; !r && i < all; i++)
		if (a->made[i])
			a->last[i] = family[n++];
	return r;
}

static bool has_verdicts(const struct adaptive *a, size_t index)
{
	for (unsigned int step = 0; step < a->arms.nr_steps; step++) {
		size_t at = index * a->arms.nr_steps + step;

		if (a->made[at] && a->last[at].apparent == COMPARE_VERDICT_INCONCLUSIVE)
			return false;
	}
	return true;
}

/* The baseline is needed as long as any that is compared with it. */
static void settle(struct adaptive *a)
{
	struct arm *arm = a->arms.arm;

	for (size_t i = 0; i < a->arms.nr; i++)
		arm[i].settled = arm[i].baseline || arm[i].settled || has_verdicts(a, i);
	for (size_t i = 0; i < a->arms.nr; i++)
		if (!arm[i].settled && arm[i].base)
			arm[i].base->settled = false;
}

/* Is it the number of pairs of a look, other than the last, that has not been taken? */
static bool look_is_due(const struct arm *arm, size_t pairs)
{
	for (size_t i = 0; i + 1 < LOOKS; i++)
		if (looks_pairs(i) == pairs && arm->looked < pairs)
			return true;
	return false;
}

/* Look at the arms that are due, or at all that are not settled; then judge all together. */
static int look(struct adaptive *a, unsigned int round, bool end)
{
	AUTO_FREE struct compare_pair *pairs = NULL;
	/* Who has no pairs by the first look never will: that is settled then. */
	bool any = round == looks_pairs(0);
	int r = 0;

	for (size_t i = 0; !r && i < a->arms.nr; i++) {
		struct arm *arm = &a->arms.arm[i];
		size_t n = arm->baseline || arm->settled ? 0 : arm_count_pairs(arm, round);

		if (!n || (!end && !look_is_due(arm, n)))
			continue;
		if (!pairs)
			pairs = calloc(round + 1, sizeof(*pairs));
		r = pairs ? look_at(a, i, round, pairs) : -ENOMEM;
		arm->looked = (unsigned int)n;
		any = true;
	}
	if (r || !any)
		return r;
	r = judge(a);
	if (!r)
		settle(a);
	return r;
}

int adaptive_look(struct adaptive *a, unsigned int round)
{
	return look(a, round, false);
}

int adaptive_end(struct adaptive *a)
{
	unsigned int round = 0;

	for (size_t i = 0; i < a->arms.nr; i++) {
		const struct arm *arm = &a->arms.arm[i];

		if (arm->n && arm->samples[arm->n - 1].round >= round)
			round = arm->samples[arm->n - 1].round + 1;
	}
	return look(a, round, true);
}

bool adaptive_settled(const struct adaptive *a, uint64_t cell)
{
	const struct arm *arm = arms_find(&a->arms, cell);

	return arm && arm->settled;
}

uint64_t adaptive_baseline(const struct adaptive *a, uint64_t cell)
{
	const struct arm *arm = arms_find(&a->arms, cell);

	return arm && arm->base ? arm->base->cell : cell;
}

/* How wide the interval of ln(b/a) is; infinite where there is none. */
static double width_of(const struct compare_pair *pairs, size_t n, double *differences)
{
	struct interval interval;
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		double difference = log(pairs[i].b / pairs[i].a);

		if (isfinite(difference))
			differences[used++] = difference;
	}
	if (signed_rank_interval(differences, used, GAIN_COVERAGE, &interval))
		return INFINITY;
	return interval.high - interval.low;
}

double adaptive_gain(const struct adaptive *a, uint64_t cell, unsigned int round)
{
	const struct arm *arm = arms_find(&a->arms, cell);
	AUTO_FREE struct compare_pair *pairs = NULL;
	AUTO_FREE double *differences = NULL;
	double widest = 0;
	size_t n = 0;

	if (!arm || !arm->base || arm->settled)
		return 0;
	pairs = calloc(round + 1, sizeof(*pairs));
	differences = calloc(round + 1, sizeof(*differences));
	if (!pairs || !differences)
		return INFINITY;
	for (unsigned int step = 0; step < a->arms.nr_steps; step++) {
		size_t at = (size_t)(arm - a->arms.arm) * a->arms.nr_steps + step;
		bool any;

		if (!a->made[at] || a->last[at].apparent != COMPARE_VERDICT_INCONCLUSIVE)
			continue;
		n = arms_pair(&a->arms, arm, step, round, pairs, &any);
		widest = fmax(widest, width_of(pairs, n, differences));
	}
	return spend_gain(widest, (uint32_t)n);
}
