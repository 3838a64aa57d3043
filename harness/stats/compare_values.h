/* SPDX-License-Identifier: MIT */
/* What of the input a comparison can use; what it cannot is counted. */
#ifndef STATS_COMPARE_VALUES_H
#define STATS_COMPARE_VALUES_H

#include "stats/compare.h"

/* Values used, and their differences or logarithms. */
struct compare_values {
	double *a, *b;               /* in the order given, until sorted */
	double *effects, *effects_b; /* paired: d. Unpaired: transformed a, transformed b */
	enum compare_order *orders;
	size_t nr_a, nr_b;
	struct untied_table *known; /* unpaired: the caller's */
};

static inline bool compare_is_log(const struct comparison *c)
{
	return c->options.transform == COMPARE_LOG;
}

/*
 * ln(b/a), the same for (a, b) and, negated, for (b, a), and the same for pairs of the same ratio
 * wherever a double holds it: ties stay ties. a and b are above 0.
 */
double compare_log_ratio(double a, double b);

/* Room for as many; −ENOMEM. */
int compare_values_new(struct compare_values *w, size_t nr_a, size_t nr_b, bool paired);
void compare_values_free(struct compare_values *w);

/* Pairs that can be used, in order; a disturbed pair or a value that cannot be used drops both. */
void compare_take_pairs(struct comparison *c, const struct compare_pair *pairs, size_t n,
			struct compare_values *w);

void compare_take_samples(struct comparison *c, const double *a, size_t nr_a, const double *b,
			  size_t nr_b, struct compare_values *w);

#endif
