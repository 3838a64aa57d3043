/* SPDX-License-Identifier: MIT */
/* What in the data speaks against reading a comparison as it stands: data for people, no verdicts.
 */
#ifndef STATS_COMPARE_WARNINGS_H
#define STATS_COMPARE_WARNINGS_H

#include "stats/compare.h"

/* Add warnings on n pairs in the order of rounds. differences: of the pairs, in logarithms or
 * units; nothing is changed. −ENOMEM. */
int compare_warn_pairs(struct comparison *c, const double *a, const double *b,
		       const double *differences, const enum compare_order *orders, size_t n);

/* Add warnings on one sample, in the order of measurement: is_b says which. −ENOMEM. */
int compare_warn_sample(struct comparison *c, const double *values, size_t n, bool is_b);

#endif
