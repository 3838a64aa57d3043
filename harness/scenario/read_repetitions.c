/* SPDX-License-Identifier: MIT */
/* Reads how often to repeat: a number, until intervals are narrow, or until a comparison's verdict.
 */
#include "scenario/reader.h"

#include "stats/holm.h"
#include "stats/looks.h"

#include <inttypes.h>

#define REPETITIONS_MAX 1000000u

static void read_min(struct reader *r, const struct node *key, const struct node *value)
{
	uint64_t n;

	if (!reader_count(r, key, value, 1, REPETITIONS_MAX, &n))
		r->scenario->repetitions.min = (unsigned int)n;
}

static void read_max(struct reader *r, const struct node *key, const struct node *value)
{
	uint64_t n;

	if (!reader_count(r, key, value, 1, REPETITIONS_MAX, &n))
		r->scenario->repetitions.max = (unsigned int)n;
}

static void read_until(struct reader *r, const struct node *key, const struct node *value)
{
	const char *text = reader_scalar(r, key, value);
	struct error err;
	double until;

	if (!text)
		return;
	if (percent_parse(text, &until, &err))
		mistakes_add(r->mistakes, value->place, "%s: %s", key->text, err.text);
	else if (!(until > 0) || until > 1)
		mistakes_add(r->mistakes, value->place, "%s: %s: choose more than 0%%, up to 100%%",
			     key->text, text);
	else
		r->scenario->repetitions.until = until;
}

static void read_compare(struct reader *r, const struct node *key, const struct node *value)
{
	int row = reader_scalar(r, key, value) ? reader_axis(r, value) : -1;

	if (row < 0)
		return;
	if (r->scenario->matrix.axes[row].nr_values < 2)
		mistakes_add(r->mistakes, value->place,
			     "compare: '%s' has one value: give it two or more in 'matrix'",
			     value->text);
	else
		r->scenario->repetitions.compare = row;
}

static double read_share(struct reader *r, const struct node *key, const struct node *value,
			 double least, double most, double fallback)
{
	const char *text = reader_scalar(r, key, value);
	struct error err;
	double share;

	if (!text)
		return fallback;
	if (percent_parse(text, &share, &err))
		mistakes_add(r->mistakes, value->place, "%s: %s", key->text, err.text);
	else if (!(share >= least) || share > most)
		mistakes_add(r->mistakes, value->place, "%s: %s: choose %g%% to %g%%", key->text,
			     text, least * 100, most * 100);
	else
		return share;
	return fallback;
}

static void read_margin(struct reader *r, const struct node *key, const struct node *value)
{
	r->scenario->repetitions.margin = read_share(r, key, value, 0.0001, 1, 0.01);
}

static void read_power(struct reader *r, const struct node *key, const struct node *value)
{
	r->scenario->repetitions.power = read_share(r, key, value, 0.5, 0.999, 0.8);
}

/* So few pairs that no p can be small enough, however large the difference. */
static void check_reach(struct reader *r, const struct node *key)
{
	struct repetition_plan *plan = &r->scenario->repetitions;
	uint64_t n = scenario_comparisons(r->scenario);
	size_t needed = n ? holm_pairs_needed((size_t)n, 0.05 * looks_share(plan->max)) : 0;

	if (plan->max < needed)
		mistakes_add(r->mistakes, key->place,
			     "%" PRIu64 " comparisons cannot reach a verdict with %u pairs: they "
			     "need %zu; raise 'max', or compare fewer cells",
			     n, plan->max, needed);
}

/* Adaptive repetition: as many pairs as the looks need, at most max. */
static void end_compare(struct reader *r, const struct node *value)
{
	static const char *const others[] = { "min", "until", NULL };
	struct repetition_plan *plan = &r->scenario->repetitions;
	const struct node *at;

	for (int i = 0; others[i]; i++)
		if (node_find(value, others[i], &at))
			mistakes_add(r->mistakes, at->place,
				     "'compare' decides itself when to look: remove '%s'",
				     others[i]);
	if (!node_find(value, "max", NULL))
		plan->max = (unsigned int)looks_pairs(LOOKS - 1);
	plan->min = (unsigned int)looks_pairs(0);
	if (plan->min > plan->max)
		plan->min = plan->max;
}

static void end_until(struct reader *r, const struct node *value)
{
	struct repetition_plan *plan = &r->scenario->repetitions;
	const struct node *max, *until, *other;

	if (node_find(value, "max", &max) && !node_find(value, "until", NULL) &&
	    plan->max > plan->min)
		mistakes_add(
			r->mistakes, max->place,
			"'max' without 'until': add 'until: 2%%', the width of the interval to "
			"stop at, or write 'repetitions: %u', always as many",
			plan->max);
	if (node_find(value, "until", &until) && !node_find(value, "max", NULL))
		mistakes_add(r->mistakes, until->place,
			     "'until' without 'max': add 'max: 64', where to give up");
	else if (!node_find(value, "max", NULL))
		plan->max = plan->min;
	else if (plan->max < plan->min)
		mistakes_add(r->mistakes, max->place, "max is less than min, which is %u",
			     plan->min);
	if (node_find(value, "margin", &other) || node_find(value, "power", &other))
		mistakes_add(r->mistakes, other->place,
			     "'%s' without 'compare': add 'compare: AXIS', whose values to compare",
			     other->text);
}

void read_repetitions(struct reader *r, const struct node *key, const struct node *value)
{
	static const struct key_row rows[] = {
		{ "min", read_min },
		{ "max", read_max },
		{ "until", read_until },
		{ "compare", read_compare },
		{ "margin", read_margin },
		{ "power", read_power },
		{ NULL, NULL },
	};

	if (value->kind == NODE_SCALAR) {
		read_min(r, key, value);
		r->scenario->repetitions.max = r->scenario->repetitions.min;
		return;
	}
	if (!reader_mapping(r, key, value, rows, "min: 6, max: 64, until: 2%"))
		return;
	if (!node_find(value, "compare", NULL)) {
		end_until(r, value);
		return;
	}
	end_compare(r, value);
	check_reach(r, key);
}
