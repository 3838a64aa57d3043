/* SPDX-License-Identifier: MIT */
/*
 * What the steps come to one after the other: whether there is a mapping where one is needed,
 * whether a second pass finds what the first found, and whether the axes mean anything to them.
 */
#include "axes/rows.h"
#include "scenario/reader.h"

#include <math.h>

/*
 * Is there a mapping at this point of the sequence? PART: but for what was unmapped of it. MAYBE:
 * it depends on a `when`.
 */
enum mapped { MAPPED_NO, MAPPED_YES, MAPPED_PART, MAPPED_MAYBE };

/* Unless the arguments say so, all of it goes. */
static enum mapped after_unmap(const struct step *step)
{
	for (unsigned int i = 0; step->op->args && step->op->args[i].name; i++)
		if (step->args[i].given)
			return MAPPED_PART;
	return MAPPED_NO;
}

static enum mapped follow_step(struct reader *r, const struct step *step, const struct node *at,
			       enum mapped state)
{
	unsigned int traits = step->op->traits;
	enum mapped after = state;

	if (traits & OP_NEEDS_MAPPING && state == MAPPED_NO)
		mistakes_add(r->mistakes, at->place,
			     "%s needs a mapping, and none is there: put 'map' before it",
			     step->op->name);
	if (traits & OP_MAPS && (state == MAPPED_YES || state == MAPPED_PART))
		mistakes_add(r->mistakes, at->place,
			     "%s where a mapping is there already: put 'unmap' before it",
			     step->op->name);
	if (traits & OP_MAPS)
		after = MAPPED_YES;
	if (traits & OP_UNMAPS)
		after = after_unmap(step);
	return step->when && after != state ? MAPPED_MAYBE : after;
}

static enum mapped follow(struct reader *r, const char *name, const struct step *steps,
			  unsigned int nr, enum mapped state)
{
	const struct node *list = node_find(r->root, name, NULL);

	/* Steps that could not be read are missing here: their order says nothing then. */
	if (!list || list->kind != NODE_LIST || list->nr != nr)
		return MAPPED_MAYBE;
	for (unsigned int i = 0; i < nr; i++) {
		const struct node *item = list->items[i];

		state = follow_step(r, &steps[i], item->kind == NODE_MAPPING ? item->keys[0] : item,
				    state);
	}
	return state;
}

/*
 * How many times as long as before a pass leaves the mapping, as far as the file alone says: 0
 * where it is no share of the mapping that is asked for.
 */
static double growth(const struct step *steps, unsigned int nr)
{
	double times = 1;

	for (unsigned int i = 0; i < nr; i++) {
		const struct arg *to = arg_find(steps[i].op->args, "to");
		const struct size *size;

		if (steps[i].op->traits & OP_MAPS)
			times = 1;
		if (!steps[i].op->leaves_bytes || !to || to->type != ARG_SIZE)
			continue;
		size = &steps[i].args[to - steps[i].op->args].size;
		if (steps[i].when || size->base != SIZE_MAPPING || size->add_bytes ||
		    size->add_pages)
			return 0;
		times *= (double)size->share_millionths / 1e6;
	}
	return times;
}

static void check_growth(struct reader *r, const struct node *measure)
{
	double times = growth(r->scenario->steps, r->scenario->nr_steps);

	/* 300% and then 33.3333% are as near as a file can say it: a run looks again. */
	if (times > 0 && fabs(times - 1) > 1e-3)
		mistakes_add(r->mistakes, measure->place,
			     "the steps cannot be repeated: they leave the mapping %g times as "
			     "long as they find it, 'remap' it back at their end",
			     times);
}

/* What forks copy, for the pool of huge pages: where several do, as much as there is. */
static const struct size *copied_by(const struct step *steps, unsigned int nr,
				    const struct size *so_far)
{
	static const struct size all = { .base = SIZE_MAPPING, .share_millionths = 1000000 };

	for (unsigned int i = 0; i < nr; i++) {
		const struct arg *write = arg_find(steps[i].op->args, "write");

		if (steps[i].op->traits & OP_FORKS && write)
			so_far = so_far ? &all : &steps[i].args[write - steps[i].op->args].size;
	}
	return so_far;
}

/* Is the size of the scenario's mapping, of which no step makes one, a base all the same? */
static bool asks_for_size(const struct step *steps, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		for (unsigned int k = 0; steps[i].op->args && steps[i].op->args[k].name; k++)
			if (steps[i].op->args[k].type == ARG_SIZE &&
			    steps[i].args[k].size.base == SIZE_MAPPING)
				return true;
	return false;
}

static bool all_own(const struct step *steps, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (!(steps[i].op->traits & OP_OWN_MEMORY))
			return false;
	return true;
}

/* Cells that differ in nothing but their labels would read as a comparison. */
static void warn_without_effect(struct reader *r)
{
	const struct scenario *s = r->scenario;
	const struct node *matrix = node_find(r->root, "matrix", NULL);
	bool size = asks_for_size(s->steps, s->nr_steps) || asks_for_size(s->setup, s->nr_setup);

	if (!s->nr_steps || !all_own(s->steps, s->nr_steps) || !all_own(s->setup, s->nr_setup))
		return;
	for (unsigned int i = 0; matrix && i < s->matrix.nr_axes; i++) {
		const struct axis *axis = s->matrix.axes[i].axis;
		const struct node *key = NULL;

		if (axis == &axis_size && size)
			continue;
		if (axis->of_mapping && s->matrix.axes[i].nr_values > 1 &&
		    node_find(matrix, axis->name, &key))
			mistakes_warn(r->mistakes, key->place,
				      "'%s' makes no difference: no step here works on the "
				      "scenario's mapping, %s has memory of its own",
				      axis->name, s->steps[0].op->name);
	}
}

void read_steps_end(struct reader *r)
{
	struct scenario *s = r->scenario;
	const struct node *key = NULL, *measure = node_find(r->root, "measure", &key);
	enum mapped before = MAPPED_NO, after;

	s->matrix.copied = copied_by(s->steps, s->nr_steps, copied_by(s->setup, s->nr_setup, NULL));

	if (s->find || !node_find(r->root, "steps", NULL))
		return;
	warn_without_effect(r);
	if (node_find(r->root, "setup", NULL))
		before = follow(r, "setup", s->setup, s->nr_setup, before);
	if (before == MAPPED_PART) /* what the steps begin with: it must not become less */
		before = MAPPED_YES;
	after = follow(r, "steps", s->steps, s->nr_steps, before);
	if (!measure || s->measure.iterations == 1 || before == MAPPED_MAYBE ||
	    after == MAPPED_MAYBE)
		return;
	if (before == MAPPED_YES && after == MAPPED_YES)
		check_growth(r, key);
	if (before != after)
		mistakes_add(
			r->mistakes, key->place,
			after == MAPPED_YES
				? "the steps cannot be repeated: they leave a mapping behind, "
				  "end them with 'unmap' or move 'map' to setup"
			: after == MAPPED_PART
				? "the steps cannot be repeated: they unmap a part, begin them "
				  "with "
				  "'map' and end them with 'unmap'"
				: "the steps cannot be repeated: they take away the mapping of "
				  "setup, move 'map' from setup to steps");
}
