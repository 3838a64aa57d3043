/* SPDX-License-Identifier: MIT */
/*
 * The distribution of Mann and Whitney's U without ties. It depends on nothing but the two sizes,
 * and many comparisons have the same: who makes many holds a table of them.
 */
#ifndef STATS_UNTIED_H
#define STATS_UNTIED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNTIED_LOG_WAYS_MAX 700 /* the number of ways must be a double */

struct untied {
	size_t small, large; /* sizes of the smaller sample and the other; small 0: none is here */
	uint64_t most;       /* the lower half: it is symmetric around small × large / 2 */
	double *tails;       /* [most + 1] P(U ≤ u) */
};

/* A few of different sizes, the latest that were made; {0} is an empty one. */
struct untied_table {
	struct untied kept[4];
	unsigned int next;
};

void untied_table_free(struct untied_table *t);

/* ln of the number of ways to choose the smaller sample. */
double untied_log_ways(size_t small, size_t large);

/* Is it a matter of some milliseconds, and no number too large? */
bool untied_is_cheap(size_t small, size_t large);

/*
 * The distribution, made where it is not there yet; it lives until the next call. small is above 0
 * and both are cheap. −ENOMEM.
 */
int untied_get(struct untied_table *t, size_t small, size_t large, const struct untied **ret);

#endif
