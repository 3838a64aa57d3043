/* SPDX-License-Identifier: MIT */
#include "stats/coins.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "stats/order.h"
#include "stats/signed_rank.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Magnitudes stay when a coin is tossed anew, so each series is ranked once. */
struct table {
	const struct coins_differences *d;
	double *ranks;    /* [as values] with the sign of the difference; 0: zero or no pair */
	double *critical; /* [nr_groups × nr_series] */
	double *totals;   /* the same: of the ranks without signs */
	double *excess;   /* [nr_groups × nr_rounds] series above zero less those below */
	size_t nr_series; /* of all groups */
};

static void table_free(struct table *t)
{
	free(t->ranks);
	free(t->critical);
	free(t->totals);
	free(t->excess);
}

/* The mid-rank of a magnitude among n sorted ones. */
static double rank_of(double magnitude, const double *sorted, size_t n)
{
	size_t low = 0, high = n, first;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] < magnitude)
			low = middle + 1;
		else
			high = middle;
	}
	for (first = low; low < n && sorted[low] == magnitude; low++)
		;
	return ((double)first + 1 + (double)low) / 2;
}

static int rank_series(struct table *t, size_t series, double alpha, double *used, double *sorted)
{
	size_t nr_rounds = t->d->nr_rounds, group = series / t->d->nr_series, n = 0;
	const double *values = t->d->values + series * nr_rounds;
	double *ranks = t->ranks + series * nr_rounds;

	for (size_t i = 0; i < nr_rounds; i++)
		if (values[i] != 0 && !isnan(values[i])) {
			used[n] = values[i];
			sorted[n++] = fabs(values[i]);
		}
	order_sort(sorted, n);
	for (size_t i = 0; i < nr_rounds; i++) {
		if (values[i] == 0 || isnan(values[i]))
			continue;
		ranks[i] = copysign(rank_of(fabs(values[i]), sorted, n), values[i]);
		t->excess[group * nr_rounds + i] += values[i] > 0 ? 1 : -1;
		t->totals[series] += fabs(ranks[i]);
	}
	return signed_rank_critical(used, n, alpha, &t->critical[series]);
}

static int table_new(struct table *t, const struct coins_differences *d, double alpha)
{
	AUTO_FREE double *used = malloc(d->nr_rounds * sizeof(*used));
	AUTO_FREE double *sorted = malloc(d->nr_rounds * sizeof(*sorted));
	int error = 0;

	*t = (struct table){ .d = d, .nr_series = d->nr_groups * d->nr_series };
	t->ranks = calloc(t->nr_series * d->nr_rounds, sizeof(*t->ranks));
	t->critical = calloc(t->nr_series, sizeof(*t->critical));
	t->totals = calloc(t->nr_series, sizeof(*t->totals));
	t->excess = calloc(d->nr_groups * d->nr_rounds, sizeof(*t->excess));
	if (!used || !sorted || !t->ranks || !t->critical || !t->totals || !t->excess)
		error = -ENOMEM;
	for (size_t i = 0; !error && i < t->nr_series; i++)
		error = rank_series(t, i, alpha, used, sorted);
	if (error)
		table_free(t);
	return error;
}

/* Claims of one group, and its excess above zero; coins: 1, or −1 where the signs are turned. */
static size_t count_group(const struct table *t, size_t group, const double *coins, double *excess)
{
	size_t nr_rounds = t->d->nr_rounds, claims = 0;

	for (size_t i = 0; i < nr_rounds; i++)
		*excess += coins[i] * t->excess[group * nr_rounds + i];
	for (size_t k = 0; k < t->d->nr_series; k++) {
		size_t series = group * t->d->nr_series + k;
		const double *ranks = t->ranks + series * nr_rounds;
		double sum = 0;

		for (size_t i = 0; i < nr_rounds; i++)
			sum += coins[i] * ranks[i];
		claims += (t->totals[series] - fabs(sum)) / 2 <= t->critical[series];
	}
	return claims;
}

/* All groups; random NULL: the coins as they fell. */
static size_t count(const struct table *t, double *coins, struct random *random, double *ret_excess)
{
	size_t claims = 0;

	*ret_excess = 0;
	for (size_t group = 0; group < t->d->nr_groups; group++) {
		for (size_t i = 0; i < t->d->nr_rounds; i++)
			coins[i] = random && random_next(random) >> 63 ? -1 : 1;
		claims += count_group(t, group, coins, ret_excess);
	}
	return claims;
}

static void count_pairs(const struct coins_differences *d, struct coins *c)
{
	for (size_t i = 0; i < d->nr_groups * d->nr_series * d->nr_rounds; i++) {
		c->nr_pairs += !isnan(d->values[i]);
		c->nr_above += d->values[i] > 0;
		c->nr_below += d->values[i] < 0;
	}
}

int coins_toss(const struct coins_differences *d, double alpha, uint64_t seed, struct coins *ret)
{
	AUTO_FREE double *coins = calloc(d->nr_rounds + 1, sizeof(*coins));
	AUTO_FREE double *claims = malloc(COINS_TOSSES * sizeof(*claims));
	struct random random = { .state = seed };
	size_t as_many = 1, as_far = 1;
	struct coins c = { 0 };
	double seen, excess;
	struct table t;
	int error;

	if (!d->nr_groups || !d->nr_series || !d->nr_rounds)
		return -EDOM;
	if (!coins || !claims)
		return -ENOMEM;
	error = table_new(&t, d, alpha);
	if (error)
		return error;
	c.claims = count(&t, coins, NULL, &seen);
	for (size_t i = 0; i < COINS_TOSSES; i++) {
		claims[i] = (double)count(&t, coins, &random, &excess);
		c.expected += claims[i] / COINS_TOSSES;
		as_many += claims[i] >= (double)c.claims;
		as_far += fabs(excess) >= fabs(seen);
	}
	table_free(&t);
	order_sort(claims, COINS_TOSSES);
	c.low = claims[COINS_TOSSES / 40];
	c.high = claims[COINS_TOSSES - 1 - COINS_TOSSES / 40];
	c.p_claims = (double)as_many / (COINS_TOSSES + 1);
	c.p_signs = (double)as_far / (COINS_TOSSES + 1);
	count_pairs(d, &c);
	*ret = c;
	return 0;
}
