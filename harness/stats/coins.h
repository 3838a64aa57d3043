/* SPDX-License-Identifier: MIT */
/*
 * What chance alone would have claimed. Where A and B are the same, only the coin that chose their
 * order says which is called A: had it fallen the other way, every difference of that pair had the
 * other sign. Series that were measured in one process share the coin, so they are no independent
 * comparisons: tossing all coins anew says how many claims are to be expected, and how far they
 * scatter, as the dependence is.
 */
#ifndef STATS_COINS_H
#define STATS_COINS_H

#include <stddef.h>
#include <stdint.h>

#define COINS_TOSSES 4000

struct coins_differences {
	const double *values; /* [nr_groups × nr_series × nr_rounds], NaN: no pair */
	size_t nr_groups;     /* that have coins of their own, one a round */
	size_t nr_series;     /* of a group, that share them */
	size_t nr_rounds;
};

struct coins {
	size_t nr_pairs, nr_above, nr_below; /* differences; above zero, below zero */
	double p_signs;   /* share of tosses in which as many more lie on one side, or more yet */
	size_t claims;    /* series with a signed-rank p of at most alpha */
	double p_claims;  /* share of tosses with as many claims, or more */
	double expected;  /* claims, the mean over all tosses */
	double low, high; /* claims in the middle 95 % of tosses */
};

/*
 * Toss the coins COINS_TOSSES times anew (a randomisation test: Edgington, Randomization Tests;
 * p with the toss that happened among them: Phipson and Smyth, "Permutation p-values should never
 * be zero", 2010). −EDOM: no group, series or round; −ENOMEM.
 */
int coins_toss(const struct coins_differences *d, double alpha, uint64_t seed, struct coins *ret);

#endif
