/* SPDX-License-Identifier: MIT */
#include "stats/signed_rank.h"

#include "base/cleanup.h"
#include "stats/normal.h"
#include "stats/sums.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* Ranks are kept doubled, so that mid-ranks are whole numbers. */
struct ranks {
	uint32_t *doubled; /* [n] */
	size_t n;
	uint64_t plus, total; /* doubled sums: of positive differences, of all */
};

/*
 * values: n of them, none zero; sorted. From the middle outwards negative and positive ones are
 * merged by magnitude.
 */
static void rank_magnitudes(double *values, struct ranks *r)
{
	size_t left = 0, right, end = 0;

	order_sort(values, r->n);
	while (left < r->n && values[left] < 0)
		left++;
	right = left;
	r->plus = 0;
	while (end < r->n) {
		double below = left > 0 ? -values[left - 1] : INFINITY;
		double above = right < r->n ? values[right] : INFINITY;
		double magnitude = fmin(below, above);
		size_t first = end, first_right = right;

		for (; left > 0 && -values[left - 1] == magnitude; left--)
			end++;
		for (; right < r->n && values[right] == magnitude; right++)
			end++;
		/* Ranks first + 1 … end share their mean. */
		for (size_t i = first; i < end; i++)
			r->doubled[i] = (uint32_t)(first + 1 + end);
		r->plus += (uint64_t)(right - first_right) * (first + 1 + end);
	}
	r->total = (uint64_t)r->n * (r->n + 1);
}

/*
 * shares[s] becomes the share of the 2^n sign patterns whose positive ranks sum to s, for s up to
 * most. One rank at a time: a pattern either has it or has not.
 */
static void distribution(const uint32_t *ranks, size_t n, double *shares, uint64_t most)
{
	uint64_t reach = 0;

	shares[0] = 1;
	for (uint64_t s = 1; s <= most; s++)
		shares[s] = 0;
	for (size_t i = 0; i < n; i++) {
		reach = reach + ranks[i] < most ? reach + ranks[i] : most;
		for (uint64_t s = reach; s >= ranks[i]; s--)
			shares[s] = (shares[s] + shares[s - ranks[i]]) / 2;
		for (uint64_t s = 0; s < ranks[i] && s <= reach; s++)
			shares[s] /= 2;
	}
}

/* Where no rank is a half there are only half as many sums: what one counts as afterwards. */
static uint64_t coarsen(struct ranks *r)
{
	uint32_t odd = 0;

	for (size_t i = 0; i < r->n; i++)
		odd |= r->doubled[i] & 1;
	for (size_t i = 0; !odd && i < r->n; i++)
		r->doubled[i] /= 2;
	return odd ? 1 : 2;
}

/* The exact two-sided p. The distribution is symmetric: the smaller tail decides. */
static int exact_p(struct ranks *r, double *ret)
{
	uint64_t least = (r->plus < r->total - r->plus ? r->plus : r->total - r->plus) / coarsen(r);
	AUTO_FREE double *shares = malloc((least + 1) * sizeof(*shares));
	double tail = 0;

	if (!shares)
		return -ENOMEM;
	distribution(r->doubled, r->n, shares, least);
	for (uint64_t s = 0; s <= least; s++)
		tail += shares[s];
	*ret = fmin(1, 2 * tail);
	return 0;
}

/* A rank r counts or not, like a coin: its cumulants around the mean are r²/4, −r⁴/8, r⁶/4. */
static void add_rank(struct cumulants *c, double rank)
{
	double square = rank * rank;

	c->variance += square / 4;
	c->fourth -= square * square / 8;
	c->sixth += square * square * square / 4;
}

static double normal_p(const struct ranks *r, uint64_t plus)
{
	struct cumulants c = { 0 };
	double distance = fabs((double)plus - (double)r->total / 2) / 2 - 0.5;

	for (size_t i = 0; i < r->n; i++)
		add_rank(&c, (double)r->doubled[i] / 2);
	return distance <= 0 ? 1 : fmin(1, 2 * normal_edgeworth(&c, -distance));
}

/* The ranks of those that are not zero, in fresh memory. */
static int ranks_new(const double *differences, size_t n, struct ranks *ret)
{
	AUTO_FREE double *values = malloc((n + 1) * sizeof(*values));
	struct ranks r = { .doubled = malloc((n + 1) * sizeof(*r.doubled)) };

	if (!values || !r.doubled) {
		free(r.doubled);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		if (differences[i] != 0)
			values[r.n++] = differences[i];
	rank_magnitudes(values, &r);
	*ret = r;
	return 0;
}

int signed_rank_test(const double *differences, size_t n, struct signed_rank *ret)
{
	struct signed_rank test = { .p = 1 };
	struct ranks r;
	int error = ranks_new(differences, n, &r);

	if (error)
		return error;
	test.n = r.n;
	test.zeros = n - r.n;
	test.plus = (double)r.plus / 2;
	test.minus = (double)(r.total - r.plus) / 2;
	test.exact = r.n <= SIGNED_RANK_EXACT_MAX;
	if (test.exact)
		error = exact_p(&r, &test.p);
	else
		test.p = normal_p(&r, r.plus);
	free(r.doubled);
	if (!error)
		*ret = test;
	return error;
}

static int exact_critical(struct ranks *r, double alpha, double *ret)
{
	uint64_t unit = coarsen(r), most = r->total / unit / 2;
	AUTO_FREE double *shares = malloc((most + 1) * sizeof(*shares));
	double tail = 0;

	if (!shares)
		return -ENOMEM;
	distribution(r->doubled, r->n, shares, most);
	for (uint64_t s = 0; s <= most && 2 * (tail += shares[s]) <= alpha; s++)
		*ret = (double)(s * unit) / 2;
	return 0;
}

static void normal_critical(const struct ranks *r, double alpha, double *ret)
{
	uint64_t low = 0, high = r->total / 2;

	while (low < high) {
		uint64_t middle = low + (high - low + 1) / 2;

		if (normal_p(r, middle) <= alpha)
			low = middle;
		else
			high = middle - 1;
	}
	*ret = (double)low / 2;
}

int signed_rank_critical(const double *differences, size_t n, double alpha, double *ret)
{
	double critical = -1;
	struct ranks r;
	int error = ranks_new(differences, n, &r);

	if (error)
		return error;
	if (r.n <= SIGNED_RANK_EXACT_MAX)
		error = exact_critical(&r, alpha, &critical);
	else
		normal_critical(&r, alpha, &critical);
	free(r.doubled);
	if (!error)
		*ret = critical;
	return error;
}

/* Halved, so that no sum overflows; exact but for subnormal values. */
static int halve(double *differences, size_t n, double **ret)
{
	double *halves = malloc((n + 1) * sizeof(*halves));

	if (!halves)
		return -ENOMEM;
	order_sort(differences, n);
	for (size_t i = 0; i < n; i++)
		halves[i] = differences[i] / 2;
	*ret = halves;
	return 0;
}

int signed_rank_estimate(double *differences, size_t n, double *ret)
{
	AUTO_FREE double *halves = NULL;
	int error = halve(differences, n, &halves);
	struct sums sums;

	if (error)
		return error;
	sums = (struct sums){ halves, halves, n, n, true };
	return sums_median(&sums, ret);
}

/*
 * The largest k whose tail P(W < k) is at most limit, for n ranks without ties, and that tail.
 */
static int exact_rank(size_t n, double limit, uint64_t *ret_k, double *ret_tail)
{
	uint64_t most = (uint64_t)n * (n + 1) / 4;
	AUTO_FREE double *shares = malloc((most + 1) * sizeof(*shares));
	AUTO_FREE uint32_t *ranks = malloc((n + 1) * sizeof(*ranks));

	if (!shares || !ranks)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		ranks[i] = (uint32_t)i + 1;
	distribution(ranks, n, shares, most);
	for (uint64_t k = 0; k <= most && *ret_tail + shares[k] <= limit; k++) {
		*ret_tail += shares[k];
		*ret_k = k + 1;
	}
	return 0;
}

static uint64_t normal_signed_rank(size_t n, double limit, double *ret_tail)
{
	struct cumulants c = { 0 };

	for (size_t i = 1; i <= n; i++)
		add_rank(&c, (double)i);
	return normal_rank(&c, (double)n * ((double)n + 1) / 4, limit, ret_tail);
}

int signed_rank_interval(double *differences, size_t n, double coverage, struct interval *ret)
{
	AUTO_FREE double *halves = NULL;
	/* A coverage that is reached exactly is reached. */
	double limit = (1 - coverage) / 2 * (1 + 1e-12), tail = 0;
	struct interval interval;
	struct sums sums;
	uint64_t k = 0;
	int error = 0;

	if (n <= SIGNED_RANK_EXACT_MAX)
		error = exact_rank(n, limit, &k, &tail);
	else
		k = normal_signed_rank(n, limit, &tail);
	if (error || !k)
		return error ? error : -EDOM;
	error = halve(differences, n, &halves);
	if (error)
		return error;
	sums = (struct sums){ halves, halves, n, n, true };
	interval.coverage = 1 - 2 * tail;
	error = sums_select(&sums, k - 1, &interval.low);
	if (!error)
		error = sums_select(&sums, sums_count(&sums) - k, &interval.high);
	if (!error)
		*ret = interval;
	return error;
}
