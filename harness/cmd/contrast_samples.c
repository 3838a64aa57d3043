/* SPDX-License-Identifier: MIT */
/* Samples of other programs against each other. */
#include "cmd/contrast.h"

#include "base/cleanup.h"

#include <string.h>

static int compare_sets_unpaired(const struct sample_set *a, const struct sample_set *b,
				 const struct compare_options *options, struct comparison *ret)
{
	struct untied_table known = { .next = 0 };
	int r = compare_samples(a->values, a->n, b->values, b->n, options, &known, ret);

	untied_table_free(&known);
	return r;
}

static int compare_sets_paired(const struct sample_set *a, const struct sample_set *b,
			       const struct compare_options *options, struct comparison *ret)
{
	AUTO_FREE struct compare_pair *pairs = calloc(a->n + 1, sizeof(*pairs));

	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < a->n; i++)
		pairs[i] = (struct compare_pair){ .a = a->values[i], .b = b->values[i] };
	return compare_pairs(pairs, a->n, options, ret);
}

/* Where the first value that cannot be used stands; the counts are told with the row. */
static void tell_odd(struct comparisons *c, const char *file, const struct sample_set *set)
{
	if (set->odd)
		comparisons_say(c, &c->warnings,
				"%s: %zu of %zu values are 0, negative or not finite, the first in "
				"%s",
				file, set->odd, set->n, set->where);
}

static int compare_sets(const char *cell, const struct sample_set *a, const struct sample_set *b,
			const char *unit, bool paired, const struct contrast *q,
			struct comparisons *ret, struct error *err)
{
	struct compared *row;
	int r;

	if (paired && a->n != b->n)
		return error_set(err, -EINVAL,
				 "%s%s%zu values of A and %zu of B cannot be paired: leave out "
				 "--paired",
				 cell, *cell ? ": " : "", a->n, b->n);
	row = comparisons_add(ret, cell, "", unit, "");
	if (!row)
		return error_set(err, -ENOMEM, "out of memory");
	row->better = (enum better)q->options.better;
	row->primary = true;
	r = paired ? compare_sets_paired(a, b, &q->options, &row->result)
		   : compare_sets_unpaired(a, b, &q->options, &row->result);
	return r ? error_set_errno(err, r, "cannot compare") : 0;
}

/* One set each is a pair whatever it is called; more are matched by name. */
static int match_sets(const struct samples *a, const struct samples *b, bool paired,
		      const struct contrast *q, struct comparisons *ret, struct error *err)
{
	int r = 0;

	if (a->nr_sets == 1 && b->nr_sets == 1)
		return compare_sets(a->sets[0].name, &a->sets[0], &b->sets[0], a->unit, paired, q,
				    ret, err);
	for (size_t i = 0; !r && i < a->nr_sets; i++) {
		const struct sample_set *other = samples_find(b, a->sets[i].name);

		if (other)
			r = compare_sets(a->sets[i].name, &a->sets[i], other, a->unit, paired, q,
					 ret, err);
		else
			comparisons_say(ret, &ret->unmatched, "%s: only A has it", a->sets[i].name);
	}
	for (size_t i = 0; i < b->nr_sets; i++)
		if (!samples_find(a, b->sets[i].name))
			comparisons_say(ret, &ret->unmatched, "%s: only B has it", b->sets[i].name);
	return r;
}

static void tell_file(struct comparisons *c, const char *name, const struct samples *s)
{
	for (size_t i = 0; i < s->nr_sets; i++)
		tell_odd(c, name, &s->sets[i]);
	if (s->nr_failed)
		comparisons_say(c, &c->warnings, "%s: %zu runs failed, by its own account", name,
				s->nr_failed);
	if (s->nr_aggregates)
		comparisons_say(c, &c->warnings, "%s: %zu aggregates are no samples and left out",
				name, s->nr_aggregates);
}

int contrast_samples(const char *name_a, const struct samples *a, const char *name_b,
		     const struct samples *b, bool paired, const struct contrast *q,
		     struct comparisons *ret, struct error *err)
{
	int r = 0;

	if (!b && a->nr_sets < 2)
		return error_set(err, -EINVAL,
				 "%s: holds one sample: give a second file to compare it with",
				 name_a);
	if (b && strcmp(a->unit, b->unit) != 0)
		return error_set(err, -EINVAL, "%s is in %s and %s in %s: bring them to one unit",
				 name_a, *a->unit ? a->unit : "a unit that it does not say", name_b,
				 *b->unit ? b->unit : "a unit that it does not say");
	ret->unit = paired ? "pair" : "value";
	ret->a = strdup(b ? name_a : a->sets[0].name);
	ret->b = strdup(b ? name_b : "the others");
	if (!ret->a || !ret->b)
		return error_set(err, -ENOMEM, "out of memory");
	tell_file(ret, name_a, a);
	if (b) {
		tell_file(ret, name_b, b);
		return match_sets(a, b, paired, q, ret, err);
	}
	for (size_t i = 1; !r && i < a->nr_sets; i++)
		r = compare_sets(a->sets[i].name, &a->sets[0], &a->sets[i], a->unit, paired, q, ret,
				 err);
	return r;
}
