/* SPDX-License-Identifier: MIT */
#include "run/arms.h"

#include "base/cleanup.h"
#include "stats/looks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static void find_steps(struct arms *a)
{
	for (unsigned int i = 0; i < a->scenario->nr_steps; i++) {
		int metric = scenario_primary_metric(a->scenario->steps[i].op);

		if (metric < 0)
			continue;
		a->primary[a->nr_steps] = metric;
		a->steps[a->nr_steps++] = i;
	}
}

static void find_arms(struct arms *a, const struct host *host)
{
	uint64_t numbers = matrix_numbers(&a->scenario->matrix);
	struct cell cell;

	for (uint64_t i = 0; i < numbers; i++)
		if (matrix_cell(&a->scenario->matrix, host, i, &cell))
			a->arm[a->nr++] = (struct arm){
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
static int find_bases(struct arms *a)
{
	AUTO_FREE struct arm **bases = calloc(a->nr + 1, sizeof(struct arm *));
	size_t n = 0;

	if (!bases)
		return -ENOMEM;
	for (size_t i = 0; i < a->nr; i++)
		if (a->arm[i].baseline)
			bases[n++] = &a->arm[i];
	qsort(bases, n, sizeof(struct arm *), by_group);
	for (size_t i = 0; i < a->nr; i++) {
		struct arm *arm = &a->arm[i], **found;

		found = bsearch(&arm, bases, n, sizeof(struct arm *), by_group);
		arm->base = found && !arm->baseline ? *found : NULL;
	}
	return 0;
}

int arms_open(struct arms *ret, const struct scenario *s, const struct host *host)
{
	struct arms a = { .scenario = s };

	find_steps(&a);
	a.arm = calloc(matrix_numbers(&s->matrix) + 1, sizeof(*a.arm));
	if (!a.arm)
		return -ENOMEM;
	find_arms(&a, host);
	if (find_bases(&a)) {
		arms_close(&a);
		return -ENOMEM;
	}
	*ret = a;
	return 0;
}

void arms_close(struct arms *a)
{
	for (size_t i = 0; i < a->nr; i++) {
		free(a->arm[i].samples);
		free(a->arm[i].values);
	}
	free(a->arm);
}

static int by_cell(const void *key, const void *element)
{
	uint64_t cell = *(const uint64_t *)key;
	const struct arm *arm = element;

	return (cell > arm->cell) - (cell < arm->cell);
}

struct arm *arms_find(const struct arms *a, uint64_t cell)
{
	return bsearch(&cell, a->arm, a->nr, sizeof(*a->arm), by_cell);
}

static int make_room(const struct arms *a, struct arm *arm)
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

int arms_add(struct arms *a, const struct repetition *r)
{
	struct arm *arm = arms_find(a, r->cell);
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

size_t arms_pair(const struct arms *a, const struct arm *arm, unsigned int step, unsigned int round,
		 struct compare_pair *ret, bool *ret_any)
{
	const struct arm *base = arm->base;
	uint32_t i = 0, k = 0;
	size_t n = 0;

	*ret_any = false;
	while (i < base->n && k < arm->n && n < round) {
		const struct sample *s = &base->samples[i], *t = &arm->samples[k];

		if (s->round >= round || t->round >= round)
			break;
		if (s->round == t->round) {
			ret[n] = (struct compare_pair){
				.a = base->values[(size_t)i * a->nr_steps + step],
				.b = arm->values[(size_t)k * a->nr_steps + step],
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

size_t arm_count_pairs(const struct arm *arm, unsigned int round)
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
