/* SPDX-License-Identifier: MIT */
/*
 * Looking at the data before all of it is there, and stopping when it says enough: each look spends
 * its share of α, so that all together err as seldom as one would.
 */
#ifndef STATS_LOOKS_H
#define STATS_LOOKS_H

#include <stddef.h>

#define LOOKS 3

/* The pairs at which look number i (0 … LOOKS − 1) is taken: 16, 32, 64. */
size_t looks_pairs(size_t look);

/*
 * The share of α that the look at so many pairs spends: .1, .3, .6, so of 5 %: .005, .015, .030
 * (Bonferroni over looks, as Pocock, "Group sequential methods", 1977, bounds it). A run that ends
 * between two looks spends what the next one would have; one beyond the last look spends as it.
 */
double looks_share(size_t nr_pairs);

/* The pairs at the next look after so many; 0 after the last. */
size_t looks_next(size_t nr_pairs);

#endif
