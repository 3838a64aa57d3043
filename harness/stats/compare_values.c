/* SPDX-License-Identifier: MIT */
#include "stats/compare_values.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Count what a value cannot be used for; true where it can be used. */
static bool usable(const struct comparison *c, double value, struct compare_counts *counts)
{
	if (isnan(value))
		counts->nan++;
	else if (isinf(value))
		counts->infinite++;
	else if (compare_is_log(c) && value <= 0)
		counts->not_positive++;
	else
		return true;
	return false;
}

double compare_log_ratio(double a, double b)
{
	double ratio = a < b ? b / a : a / b;

	if (!isfinite(ratio))
		return log(b) - log(a);
	return a < b ? log(ratio) : -log(ratio);
}

void compare_values_free(struct compare_values *w)
{
	free(w->a);
	free(w->b);
	free(w->effects);
	free(w->effects_b);
	free(w->orders);
}

int compare_values_new(struct compare_values *w, size_t nr_a, size_t nr_b, bool paired)
{
	*w = (struct compare_values){ .nr_a = 0 };
	w->a = malloc((nr_a + 1) * sizeof(*w->a));
	w->b = malloc((nr_b + 1) * sizeof(*w->b));
	w->effects = malloc((nr_a + 1) * sizeof(*w->effects));
	if (paired)
		w->orders = malloc((nr_a + 1) * sizeof(*w->orders));
	else
		w->effects_b = malloc((nr_b + 1) * sizeof(*w->effects_b));
	if (w->a && w->b && w->effects && (paired ? !!w->orders : !!w->effects_b))
		return 0;
	compare_values_free(w);
	return -ENOMEM;
}

void compare_take_pairs(struct comparison *c, const struct compare_pair *pairs, size_t n,
			struct compare_values *w)
{
	size_t used = 0;

	c->a.counts.given = c->b.counts.given = n;
	for (size_t i = 0; i < n; i++) {
		const struct compare_pair *p = &pairs[i];
		double difference;
		bool a_usable, b_usable;

		c->a.counts.disturbed += p->disturbed;
		c->b.counts.disturbed += p->disturbed;
		if (p->disturbed)
			continue;
		a_usable = usable(c, p->a, &c->a.counts);
		b_usable = usable(c, p->b, &c->b.counts);
		if (!a_usable || !b_usable)
			continue;
		difference = compare_is_log(c) ? compare_log_ratio(p->a, p->b) : p->b - p->a;
		/* Both are finite, but apart by more than a double holds. */
		c->a.counts.infinite += !isfinite(difference);
		if (!isfinite(difference))
			continue;
		w->a[used] = p->a;
		w->b[used] = p->b;
		w->orders[used] = p->order;
		w->effects[used++] = difference;
	}
	w->nr_a = w->nr_b = used;
	c->a.counts.used = c->b.counts.used = used;
	c->n = used;
	c->n_effective = (double)used;
}

static size_t take_sample(const struct comparison *c, const double *values, size_t n,
			  struct compare_counts *counts, double *ret, double *effects)
{
	counts->given = n;
	for (size_t i = 0; i < n; i++) {
		if (!usable(c, values[i], counts))
			continue;
		ret[counts->used] = values[i];
		effects[counts->used++] = compare_is_log(c) ? log(values[i]) : values[i];
	}
	return counts->used;
}

void compare_take_samples(struct comparison *c, const double *a, size_t nr_a, const double *b,
			  size_t nr_b, struct compare_values *w)
{
	w->nr_a = take_sample(c, a, nr_a, &c->a.counts, w->a, w->effects);
	w->nr_b = take_sample(c, b, nr_b, &c->b.counts, w->b, w->effects_b);
	c->n = w->nr_a < w->nr_b ? w->nr_a : w->nr_b;
	c->n_effective = c->n ? 2 / (1 / (double)w->nr_a + 1 / (double)w->nr_b) : 0;
}
