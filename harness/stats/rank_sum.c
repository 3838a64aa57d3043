/* SPDX-License-Identifier: MIT */
#include "stats/rank_sum.h"

#include "base/cleanup.h"
#include "stats/normal.h"
#include "stats/sums.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define TIED_STEPS_MAX 3e7 /* at most; a third of them is made */
#define TIED_SUMS_MAX  4e6 /* doubles in a table */

/* Both samples in one order. Ranks are doubled, so that mid-ranks are whole numbers. */
struct pool {
	size_t small, large, n; /* sizes of the smaller sample and the other, and of both */
	uint32_t *doubled;      /* [n] ranks, ascending */
	uint64_t doubled_u;     /* pairs with b > a, and half of the equal ones, doubled */
	double ties;            /* Σ t³ − t over runs of t equal values */
};

static void pool_fill(const double *a, size_t nr_a, const double *b, size_t nr_b, struct pool *p)
{
	size_t i = 0, j = 0;
	uint64_t rank_sum_b = 0;

	while (i < nr_a || j < nr_b) {
		double value = i < nr_a && (j == nr_b || a[i] <= b[j]) ? a[i] : b[j];
		size_t first = i + j, first_b = j, end;

		while (i < nr_a && a[i] == value)
			i++;
		while (j < nr_b && b[j] == value)
			j++;
		end = i + j;
		for (size_t k = first; k < end; k++)
			p->doubled[k] = (uint32_t)(first + 1 + end);
		rank_sum_b += (uint64_t)(j - first_b) * (first + 1 + end);
		p->ties += pow((double)(end - first), 3) - (double)(end - first);
	}
	p->doubled_u = rank_sum_b - (uint64_t)nr_b * (nr_b + 1);
}

static int untied_p(const struct pool *p, struct untied_table *known, double *ret)
{
	uint64_t pairs = (uint64_t)p->small * p->large, u = p->doubled_u / 2;
	const struct untied *untied;
	int error = untied_get(known, p->small, p->large, &untied);

	if (!error)
		*ret = fmin(1, 2 * untied->tails[u < pairs - u ? u : pairs - u]);
	return error;
}

/* The table of the tied distribution: ways[c * width + s] to choose c values with rank sum s. */
struct table {
	size_t width;
	uint64_t *first; /* [n + 1] sums of the 0, 1, 2, … smallest ranks */
	double *ways;
};

static double table_size(const struct pool *p)
{
	double width = 2 * (double)p->small * (double)p->n;

	return width * (double)(p->small + 1);
}

static bool tied_is_cheap(const struct pool *p)
{
	double pairs = (double)p->small * (double)p->large;

	return (double)p->n * (double)p->small * pairs <= TIED_STEPS_MAX &&
	       table_size(p) <= TIED_SUMS_MAX &&
	       untied_log_ways(p->small, p->large) < UNTIED_LOG_WAYS_MAX;
}

/* One rank at a time joins each choice of one value less; only sums that can occur are visited. */
static void table_fill(struct table *t, const struct pool *p)
{
	t->first[0] = 0;
	for (size_t i = 0; i < p->n; i++)
		t->first[i + 1] = t->first[i] + p->doubled[i];
	t->ways[0] = 1;
	for (size_t i = 0; i < p->n; i++) {
		size_t most = i + 1 < p->small ? i + 1 : p->small;

		for (size_t c = most; c > 0; c--) {
			double *to = t->ways + c * t->width + p->doubled[i];
			const double *from = t->ways + (c - 1) * t->width;
			uint64_t high = t->first[i] - t->first[i - (c - 1)];

			for (uint64_t s = t->first[c - 1]; s <= high; s++)
				to[s] += from[s];
		}
	}
}

/* The share of choices of the smaller sample at least as far from the mean as the one at hand. */
static double table_p(const struct table *t, const struct pool *p, uint64_t distance)
{
	const double *ways = t->ways + p->small * t->width;
	uint64_t mean = (uint64_t)p->small * (p->n + 1); /* doubled, as all are */
	double far = 0, all = 0;

	for (uint64_t s = 0; s < t->width; s++) {
		all += ways[s];
		far += (s < mean ? mean - s : s - mean) >= distance ? ways[s] : 0;
	}
	return far / all;
}

static int tied_p(const struct pool *p, double *ret)
{
	AUTO_FREE uint64_t *first = malloc((p->n + 1) * sizeof(*first));
	AUTO_FREE double *ways = NULL;
	struct table t = { .first = first };
	uint64_t pairs = (uint64_t)p->small * p->large;

	t.width = p->small * 2 * p->n + 1;
	t.ways = ways = calloc((p->small + 1) * t.width, sizeof(*ways));
	if (!first || !ways)
		return -ENOMEM;
	table_fill(&t, p);
	/* Rank sum and U differ by a constant: their distances from their means are the same. */
	*ret = table_p(&t, p, p->doubled_u < pairs ? pairs - p->doubled_u : p->doubled_u - pairs);
	return 0;
}

/*
 * The cumulants of U without ties. Its moment generating function is the product over i = 1 … small
 * of sinh((large + i)t/2)/sinh(it/2), up to a constant, and ln(sinh(x)/x) is
 * x²/6 − x⁴/180 + x⁶/2835 − ….
 */
static struct cumulants untied_cumulants(size_t small, size_t large)
{
	struct cumulants c = { 0 };

	for (size_t i = 1; i <= small; i++) {
		double above = (double)(large + i) * (double)(large + i);
		double below = (double)i * (double)i;

		c.variance += (above - below) / 12;
		c.fourth -= (above * above - below * below) / 120;
		c.sixth += (above * above * above - below * below * below) / 252;
	}
	return c;
}

/* Ties lessen the variance; the shape is taken to stay. */
static double normal_p(const struct pool *p)
{
	struct cumulants c = untied_cumulants(p->small, p->large);
	double pairs = (double)p->small * (double)p->large, n = (double)p->n;
	double left = 1 - pairs * p->ties / (12 * n * (n - 1)) / c.variance;
	double distance = fabs((double)p->doubled_u - pairs) / 2 - 0.5;

	if (distance <= 0 || left <= 0)
		return 1;
	c.variance *= left;
	c.fourth *= left * left;
	c.sixth *= left * left * left;
	return fmin(1, 2 * normal_edgeworth(&c, -distance));
}

static int pool_p(const struct pool *p, struct untied_table *known, struct rank_sum *ret)
{
	ret->exact = true;
	if (p->ties <= 0 && untied_is_cheap(p->small, p->large))
		return untied_p(p, known, &ret->p);
	if (p->ties > 0 && tied_is_cheap(p))
		return tied_p(p, &ret->p);
	ret->exact = false;
	ret->p = normal_p(p);
	return 0;
}

int rank_sum_test(double *a, size_t nr_a, double *b, size_t nr_b, struct untied_table *known,
		  struct rank_sum *ret)
{
	struct pool pool = { .n = nr_a + nr_b };
	struct rank_sum test = { .p = 1, .exact = true };
	AUTO_FREE uint32_t *doubled = malloc((nr_a + nr_b + 1) * sizeof(*doubled));
	int error;

	if (!doubled)
		return -ENOMEM;
	if (!nr_a || !nr_b) {
		*ret = test;
		return 0;
	}
	order_sort(a, nr_a);
	order_sort(b, nr_b);
	pool.small = nr_a < nr_b ? nr_a : nr_b;
	pool.large = pool.n - pool.small;
	pool.doubled = doubled;
	pool_fill(a, nr_a, b, nr_b, &pool);
	test.u = (double)pool.doubled_u / 2;
	error = pool_p(&pool, known, &test);
	if (!error)
		*ret = test;
	return error;
}

/* The shifts b − a as sums: a negated and turned round. Halved, so that no sum overflows. */
static int shifts(double *a, size_t nr_a, double *b, size_t nr_b, double **ret, struct sums *sums)
{
	double *halves = malloc((nr_a + nr_b + 1) * sizeof(*halves));

	if (!halves)
		return -ENOMEM;
	order_sort(a, nr_a);
	order_sort(b, nr_b);
	for (size_t i = 0; i < nr_a; i++)
		halves[i] = -a[nr_a - 1 - i] / 2;
	for (size_t j = 0; j < nr_b; j++)
		halves[nr_a + j] = b[j] / 2;
	*sums = (struct sums){ halves, halves + nr_a, nr_a, nr_b, false };
	*ret = halves;
	return 0;
}

int rank_sum_shift(double *a, size_t nr_a, double *b, size_t nr_b, double *ret)
{
	AUTO_FREE double *halves = NULL;
	struct sums sums;
	double half;
	int error = shifts(a, nr_a, b, nr_b, &halves, &sums);

	if (!error)
		error = sums_median(&sums, &half);
	if (!error)
		*ret = 2 * half;
	return error;
}

/* The largest k whose tail P(U < k) is at most limit, without ties, and that tail. */
static int exact_rank(size_t small, size_t large, struct untied_table *known, double limit,
		      uint64_t *ret_k, double *ret_tail)
{
	const struct untied *untied;
	int error = untied_get(known, small, large, &untied);

	for (uint64_t k = 0; !error && k <= untied->most && untied->tails[k] <= limit; k++) {
		*ret_tail = untied->tails[k];
		*ret_k = k + 1;
	}
	return error;
}

static int interval_rank(size_t nr_a, size_t nr_b, struct untied_table *known, double limit,
			 uint64_t *ret_k, double *ret_tail)
{
	size_t small = nr_a < nr_b ? nr_a : nr_b, large = nr_a + nr_b - small;
	struct cumulants c;

	if (!small)
		return -EDOM;
	if (untied_is_cheap(small, large))
		return exact_rank(small, large, known, limit, ret_k, ret_tail);
	c = untied_cumulants(small, large);
	*ret_k = normal_rank(&c, (double)small * (double)large / 2, limit, ret_tail);
	return 0;
}

int rank_sum_interval(double *a, size_t nr_a, double *b, size_t nr_b, double coverage,
		      struct untied_table *known, struct interval *ret)
{
	AUTO_FREE double *halves = NULL;
	/* A coverage that is reached exactly is reached. */
	double limit = (1 - coverage) / 2 * (1 + 1e-12), tail = 0;
	struct interval interval;
	struct sums sums;
	uint64_t k = 0;
	int error = interval_rank(nr_a, nr_b, known, limit, &k, &tail);

	if (error || !k)
		return error ? error : -EDOM;
	error = shifts(a, nr_a, b, nr_b, &halves, &sums);
	if (!error)
		error = sums_select(&sums, k - 1, &interval.low);
	if (!error)
		error = sums_select(&sums, sums_count(&sums) - k, &interval.high);
	if (error)
		return error;
	*ret = (struct interval){ 2 * interval.low, 2 * interval.high, 1 - 2 * tail };
	return 0;
}
