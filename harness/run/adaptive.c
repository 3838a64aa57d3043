/* SPDX-License-Identifier: MIT */
#include "run/adaptive.h"

#include "base/cleanup.h"
#include "run/spend.h"
#include "stats/compare.h"
#include "stats/looks.h"
#include "stats/signed_rank.h"

#include <math.h>
#include <string.h>

#define GAIN_COVERAGE 0.90 /* of the interval that is held against the margin */

/* One cell: its repetitions, and which cells it is compared with. */
struct arm {
	uint64_t cell;
	uint64_t group; /* equal for cells that differ in the compared axis alone */
	bool baseline, settled;
	struct arm *base;    /* that it is compared with; NULL: none */
	unsigned int looked; /* pairs at the last look */
	uint32_t n, room;
	struct sample {
		unsigned int round;
		uint64_t sequence;
	} * samples;
	double *values; /* [room × nr_steps] */
};

struct adaptive {
	const struct scenario *scenario;
	size_t nr_arms;
	struct arm *arms;              /* ascending cell */
	unsigned int nr_steps;         /* with a primary metric */
	int primary[STEPS_MAX];        /* row of the step's metrics */
	unsigned int steps[STEPS_MAX]; /* index in the scenario */
	struct comparison *last;       /* [nr_arms × nr_steps]: against the baseline */
	bool *made;                    /* of last: there was something to compare */
};

/* What all axes but the compared one say. */
static uint64_t group_of(const struct scenario *s, const struct cell *cell)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (int i = 0; i < (int)s->matrix.nr_axes; i++) {
		if (i == s->repetitions.compare)
			continue;
		for (const char *at = cell->params.value[i]->text; *at; at++)
			hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
		hash = (hash ^ 0xff) * 0x100000001b3u;
	}
	return hash;
}

static bool is_baseline(const struct scenario *s, const struct cell *cell)
{
	int axis = s->repetitions.compare;

	return strcmp(cell->params.value[axis]->text, s->matrix.axes[axis].values[0].text) == 0;
}

static void find_steps(struct adaptive *a)
{
	for (unsigned int i = 0; i < a->scenario->nr_steps; i++) {
		int metric = scenario_primary_metric(a->scenario->steps[i].op);

		if (metric < 0)
			continue;
		a->primary[a->nr_steps] = metric;
		a->steps[a->nr_steps++] = i;
	}
}

static void find_arms(struct adaptive *a, const struct host *host)
{
	uint64_t numbers = matrix_numbers(&a->scenario->matrix);
	struct cell cell;

	for (uint64_t i = 0; i < numbers; i++)
		if (matrix_cell(&a->scenario->matrix, host, i, &cell))
			a->arms[a->nr_arms++] = (struct arm){
				.cell = i,
				.group = group_of(a->scenario, &cell),
				.baseline = is_baseline(a->scenario, &cell),
			};
}

static int by_group(const void *a, const void *b)
{
	uint64_t x = (*(struct arm *const *)a)->group, y = (*(struct arm *const *)b)->group;

	return (x > y) - (x < y);
}

/* Each arm's baseline: sorted by group, so that many cells take no more than a moment. */
static int find_bases(struct adaptive *a)
{
	AUTO_FREE struct arm **bases = calloc(a->nr_arms + 1, sizeof(struct arm *));
	size_t n = 0;

	if (!bases)
		return -ENOMEM;
	for (size_t i = 0; i < a->nr_arms; i++)
		if (a->arms[i].baseline)
			bases[n++] = &a->arms[i];
	qsort(bases, n, sizeof(struct arm *), by_group);
	for (size_t i = 0; i < a->nr_arms; i++) {
		struct arm *arm = &a->arms[i], **found;

		found = bsearch(&arm, bases, n, sizeof(struct arm *), by_group);
		arm->base = found && !arm->baseline ? *found : NULL;
	}
	return 0;
}

int adaptive_new(struct adaptive **ret, const struct scenario *s, const struct host *host)
{
	uint64_t numbers = matrix_numbers(&s->matrix);
	struct adaptive *a;

	*ret = NULL;
	if (s->repetitions.compare < 0)
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->scenario = s;
	find_steps(a);
	a->arms = calloc(numbers + 1, sizeof(*a->arms));
	a->last = calloc(numbers * a->nr_steps + 1, sizeof(*a->last));
	a->made = calloc(numbers * a->nr_steps + 1, sizeof(*a->made));
	if (!a->arms || !a->last || !a->made) {
		adaptive_free(a);
		return -ENOMEM;
	}
	find_arms(a, host);
	if (find_bases(a)) {
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
	for (size_t i = 0; a->arms && i < a->nr_arms; i++) {
		free(a->arms[i].samples);
		free(a->arms[i].values);
	}
	free(a->arms);
	free(a->last);
	free(a->made);
	free(a);
}

static int by_cell(const void *key, const void *element)
{
	uint64_t cell = *(const uint64_t *)key;
	const struct arm *arm = element;

	return (cell > arm->cell) - (cell < arm->cell);
}

static struct arm *find_arm(const struct adaptive *a, uint64_t cell)
{
	return bsearch(&cell, a->arms, a->nr_arms, sizeof(*a->arms), by_cell);
}

static int make_room(const struct adaptive *a, struct arm *arm)
{
	uint32_t room = arm->room ? 2 * arm->room : (uint32_t)looks_pairs(0);
	struct sample *samples;
	double *values;

	if (arm->n < arm->room)
		return 0;
	samples = realloc(arm->samples, room * sizeof(*samples));
	if (!samples)
		return -ENOMEM;
	arm->samples = samples;
	values = realloc(arm->values, room * ((size_t)a->nr_steps + 1) * sizeof(*values));
	if (!values)
		return -ENOMEM;
	arm->values = values;
	arm->room = room;
	return 0;
}

int adaptive_add(struct adaptive *a, const struct repetition *r)
{
	struct arm *arm = find_arm(a, r->cell);
	int error;

	if (!arm)
		return -ENOENT;
	error = make_room(a, arm);
	if (error)
		return error;
	arm->samples[arm->n] = (struct sample){ r->round, r->sequence };
	for (unsigned int i = 0; i < a->nr_steps; i++)
		arm->values[(size_t)arm->n * a->nr_steps + i] =
			a->steps[i] < r->nr_steps ? r->steps[a->steps[i]].metric[a->primary[i]]
						  : NAN;
	arm->n++;
	return 0;
}

/* Pairs of one step in the rounds before this one; ret has room for round of them. */
static size_t pair(const struct adaptive *a, const struct arm *x, const struct arm *y,
		   unsigned int step, unsigned int round, struct compare_pair *ret, bool *ret_any)
{
	uint32_t i = 0, k = 0;
	size_t n = 0;

	*ret_any = false;
	while (i < x->n && k < y->n && n < round) {
		const struct sample *s = &x->samples[i], *t = &y->samples[k];

		if (s->round >= round || t->round >= round)
			break;
		if (s->round == t->round) {
			ret[n] = (struct compare_pair){
				.a = x->values[(size_t)i * a->nr_steps + step],
				.b = y->values[(size_t)k * a->nr_steps + step],
				.order = s->sequence < t->sequence ? ORDER_AB : ORDER_BA,
			};
			*ret_any |= !isnan(ret[n].a) && !isnan(ret[n].b);
			n++;
		}
		/* The one that is behind goes on; both where they are level. */
		i += s->round <= t->round;
		k += t->round <= s->round;
	}
	return n;
}

/* Rounds before this one that an arm and its baseline both have. */
static size_t count_pairs(const struct arm *arm, unsigned int round)
{
	const struct arm *base = arm->base;
	uint32_t i = 0, k = 0;
	size_t n = 0;

	while (base && i < base->n && k < arm->n && base->samples[i].round < round &&
	       arm->samples[k].round < round) {
		unsigned int x = base->samples[i].round, y = arm->samples[k].round;

		n += x == y;
		i += x <= y;
		k += y <= x;
	}
	return n;
}

static int look_at(struct adaptive *a, size_t index, unsigned int round, struct compare_pair *pairs)
{
	const struct arm *arm = &a->arms[index], *base = arm->base;
	struct compare_options options = compare_defaults;
	int r = 0;

	options.margin = a->scenario->repetitions.margin;
	options.power = a->scenario->repetitions.power;
	options.randomised = options.adaptive = true;
	for (unsigned int step = 0; !r && base && step < a->nr_steps; step++) {
		const struct op *op = a->scenario->steps[a->steps[step]].op;
		size_t at = index * a->nr_steps + step, n;
		bool any;

		options.better = (enum compare_better)op->metrics[a->primary[step]].better;
		n = pair(a, base, arm, step, round, pairs, &any);
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
	size_t all = a->nr_arms * a->nr_steps, n = 0;
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
	for (unsigned int step = 0; step < a->nr_steps; step++) {
		size_t at = index * a->nr_steps + step;

		if (a->made[at] && a->last[at].apparent == COMPARE_VERDICT_INCONCLUSIVE)
			return false;
	}
	return true;
}

/* The baseline is needed as long as any that is compared with it. */
static void settle(struct adaptive *a)
{
	for (size_t i = 0; i < a->nr_arms; i++)
		a->arms[i].settled = a->arms[i].baseline || a->arms[i].settled ||
				     has_verdicts(a, i);
	for (size_t i = 0; i < a->nr_arms; i++)
		if (!a->arms[i].settled && a->arms[i].base)
			a->arms[i].base->settled = false;
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

	for (size_t i = 0; !r && i < a->nr_arms; i++) {
		struct arm *arm = &a->arms[i];
		size_t n = arm->baseline || arm->settled ? 0 : count_pairs(arm, round);

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

	for (size_t i = 0; i < a->nr_arms; i++)
		if (a->arms[i].n && a->arms[i].samples[a->arms[i].n - 1].round >= round)
			round = a->arms[i].samples[a->arms[i].n - 1].round + 1;
	return look(a, round, true);
}

bool adaptive_settled(const struct adaptive *a, uint64_t cell)
{
	const struct arm *arm = find_arm(a, cell);

	return arm && arm->settled;
}

uint64_t adaptive_baseline(const struct adaptive *a, uint64_t cell)
{
	const struct arm *arm = find_arm(a, cell);

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
	const struct arm *arm = find_arm(a, cell);
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
	for (unsigned int step = 0; step < a->nr_steps; step++) {
		size_t at = (size_t)(arm - a->arms) * a->nr_steps + step;
		bool any;

		if (!a->made[at] || a->last[at].apparent != COMPARE_VERDICT_INCONCLUSIVE)
			continue;
		n = pair(a, arm->base, arm, step, round, pairs, &any);
		widest = fmax(widest, width_of(pairs, n, differences));
	}
	return spend_gain(widest, (uint32_t)n);
}
