/* SPDX-License-Identifier: MIT */
/*
 * Mann and Whitney's rank-sum statistics of two samples with nothing to pair them by. All inputs
 * are finite; the arrays are sorted in place. known keeps distributions from one call to the next:
 * samples of the same sizes take most of their time otherwise.
 */
#ifndef STATS_RANK_SUM_H
#define STATS_RANK_SUM_H

#include "stats/order.h"
#include "stats/untied.h"

#include <stdbool.h>
#include <stddef.h>

struct rank_sum {
	double u; /* pairs (a, b) with b > a, equal ones count half */
	double p; /* two-sided; 1 where a sample is empty */
	bool exact;
};

/*
 * Do the two come from one distribution? Exact over all ways to part the pooled values, mid-ranks
 * for ties, p the share of ways at least as far from the mean as this one (Mann and Whitney, "On a
 * test of whether one of two random variables is stochastically larger than the other", 1947;
 * Lehmann, Nonparametrics, §1.4). Where that would take some 10 ms or more (from some 150 a
 * side, with ties 60): normal with continuity
 * and tie correction and the cumulants to the sixth (as Fix and Hodges, "Significance probabilities
 * of the Wilcoxon test", 1955). −ENOMEM.
 */
int rank_sum_test(double *a, size_t nr_a, double *b, size_t nr_b, struct untied_table *known,
		  struct rank_sum *ret);

/*
 * How far b lies above a: the median of all b_j − a_i (Hodges and Lehmann 1963). −EDOM: a sample is
 * empty; −ENOMEM.
 */
int rank_sum_shift(double *a, size_t nr_a, double *b, size_t nr_b, double *ret);

/*
 * The interval of the shift from the k-th smallest to the k-th largest b_j − a_i, the k of the
 * statistic's distribution without ties for at least this coverage (Hollander and Wolfe, §4.3).
 * −EDOM: the samples are too small for any (below 4 and 4 at 95 %); −ENOMEM.
 */
int rank_sum_interval(double *a, size_t nr_a, double *b, size_t nr_b, double coverage,
		      struct untied_table *known, struct interval *ret);

#endif
