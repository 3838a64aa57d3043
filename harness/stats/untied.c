/* SPDX-License-Identifier: MIT */
#include "stats/untied.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define STEPS_MAX 4e6 /* of the innermost loop: some milliseconds */
#define SUMS_MAX  1e6 /* doubles in a distribution */

double untied_log_ways(size_t small, size_t large)
{
	return lgamma((double)(small + large) + 1) - lgamma((double)small + 1) -
	       lgamma((double)large + 1);
}

bool untied_is_cheap(size_t small, size_t large)
{
	double sums = (double)small * (double)large / 2;

	return sums <= SUMS_MAX && sums * (double)small * 2 <= STEPS_MAX &&
	       untied_log_ways(small, large) < UNTIED_LOG_WAYS_MAX;
}

/*
 * tails[u], all 0 before, becomes P(U ≤ u). The numbers of ways are the coefficients of the
 * Gaussian binomial Π (1 − q^(large + i)) / (1 − q^i), made one factor at a time; each multiplies
 * or divides in place, and lower coefficients never depend on higher ones.
 */
static void fill(const struct untied *d)
{
	double scale = exp(-untied_log_ways(d->small, d->large)), *tails = d->tails;

	tails[0] = 1;
	for (size_t i = 1; i <= d->small; i++) {
		for (uint64_t u = d->most; u >= d->large + i; u--)
			tails[u] -= tails[u - d->large - i];
		for (uint64_t u = i; u <= d->most; u++)
			tails[u] += tails[u - i];
	}
	tails[0] *= scale;
	for (uint64_t u = 1; u <= d->most; u++)
		tails[u] = tails[u] * scale + tails[u - 1];
}

void untied_table_free(struct untied_table *t)
{
	for (size_t i = 0; i < ARRAY_LENGTH(t->kept); i++)
		free(t->kept[i].tails);
	*t = (struct untied_table){ .next = 0 };
}

int untied_get(struct untied_table *t, size_t small, size_t large, const struct untied **ret)
{
	struct untied made = { small, large, (uint64_t)small * large / 2, NULL };
	struct untied *place;

	for (size_t i = 0; i < ARRAY_LENGTH(t->kept); i++)
		if (t->kept[i].small == small && t->kept[i].large == large) {
			*ret = &t->kept[i];
			return 0;
		}
	made.tails = calloc(made.most + 1, sizeof(*made.tails));
	if (!made.tails)
		return -ENOMEM;
	fill(&made);
	place = &t->kept[t->next];
	t->next = (t->next + 1) % ARRAY_LENGTH(t->kept);
	free(place->tails);
	*place = made;
	*ret = place;
	return 0;
}
