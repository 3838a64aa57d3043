/* SPDX-License-Identifier: MIT */
/* Reads setup and steps: operations, their arguments, and whether their order can work. */
#include "scenario/reader.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_arg(struct reader *r, const struct op *op, const struct arg *arg,
		    const struct node *key, const struct node *value, struct arg_value *ret)
{
	AUTO_FREE char *joined = NULL;
	const char *text;
	struct error err;
	int result;

	if (arg->type == ARG_WORDS) {
		joined = reader_joined(r, key, value);
		text = joined;
	} else {
		text = reader_scalar(r, key, value);
	}
	if (!text)
		return -EINVAL;
	result = arg_parse(arg, text, ret, &err);
	if (result)
		mistakes_add(r->mistakes, value->kind == NODE_SCALAR ? value->place : key->place,
			     "%s %s: %s", op->name, arg->name, err.text);
	return result;
}

static void unknown_arg(struct reader *r, const struct op *op, const struct node *key)
{
	const char *names[ARGS_MAX + 2] = { NULL };
	size_t n = 0;

	for (size_t i = 0; op->args && op->args[i].name; i++)
		names[n++] = op->args[i].name;
	names[n++] = "when";
	if (n == 1 && !text_nearest(key->text, names))
		mistakes_add(r->mistakes, key->place, "%s takes no arguments: remove '%s'",
			     op->name, key->text);
	else
		reader_unknown(r, key->place, "argument", key->text, names);
}

static void read_given(struct reader *r, struct step *step, const struct node *args)
{
	for (unsigned int i = 0; i < args->nr; i++) {
		const struct node *key = args->keys[i], *value = args->items[i];
		const struct arg *arg = arg_find(step->op->args, key->text);

		if (arg) {
			struct arg_value *given = &step->args[arg - step->op->args];

			/* Given even if wrong: it must not be called missing as well. */
			if (read_arg(r, step->op, arg, key, value, given))
				given->given = true;
		} else if (strcmp(key->text, "when") == 0) {
			step->when = read_new_pattern(r, key, value);
		} else {
			unknown_arg(r, step->op, key);
		}
	}
}

/* "dontneed" after advise: the argument that it is likely meant for, as it would be written. */
static const char *likely_args(const struct op *op, const char *text, char *ret, size_t length)
{
	const struct arg *likely = NULL;

	for (const struct arg *arg = op->args; text && arg && arg->name; arg++) {
		struct arg_value value;
		bool fits = arg_parse(arg, text, &value, NULL) == 0;

		if (fits && arg->type == ARG_WORDS)
			free(value.words);
		if (fits && (!likely || (!arg->initial && likely->initial)))
			likely = arg;
	}
	if (!likely)
		return "{NAME: VALUE}";
	snprintf(ret, length, "{%s: %s}", likely->name, text);
	return ret;
}

static void complete_args(struct reader *r, struct step *step, const struct node *key)
{
	for (size_t i = 0; step->op->args && step->op->args[i].name; i++) {
		const struct arg *arg = &step->op->args[i];
		struct error err;

		if (step->args[i].given)
			continue;
		if (!arg->initial) {
			mistakes_add(r->mistakes, key->place, "%s needs '%s': %s", step->op->name,
				     arg->name, arg->help);
		} else if (arg_parse(arg, arg->initial, &step->args[i], &err)) {
			BUG("initial value of %s %s: %s", step->op->name, arg->name, err.text);
		} else {
			step->args[i].given = false;
		}
	}
}

/* "touch", "touch-2" for the second touch of the file. */
static char *step_name(const struct scenario *s, const struct op *op)
{
	unsigned int n = 1;
	char *name = NULL;

	for (unsigned int i = 0; i < s->nr_setup; i++)
		n += s->setup[i].op == op;
	for (unsigned int i = 0; i < s->nr_steps; i++)
		n += s->steps[i].op == op;
	if (n == 1)
		return strdup(op->name);
	return asprintf(&name, "%s-%u", op->name, n) < 0 ? NULL : name;
}

/* A step is the name of an op, or a mapping from it to its arguments. */
static const struct node *step_key(struct reader *r, const struct node *node)
{
	if (node->kind == NODE_SCALAR)
		return node;
	if (node->kind == NODE_MAPPING && node->nr == 1)
		return node->keys[0];
	if (node->kind == NODE_MAPPING && node->nr > 1)
		mistakes_add(r->mistakes, node->keys[1]->place,
			     "a step is one op: indent '%s' if it is an argument of %s, else begin "
			     "a step of its own with '- %s'",
			     node->keys[1]->text, node->keys[0]->text, node->keys[1]->text);
	else if (node->kind == NODE_NULL)
		mistakes_add(r->mistakes, node->place,
			     "a step here or after this one is empty: name an op, or remove its "
			     "'-'");
	else if (node->kind != NODE_BROKEN)
		mistakes_add(r->mistakes, node->place,
			     "a step is an op with its arguments: try 'touch: {amount: 1MiB}'");
	return NULL;
}

static void read_step(struct reader *r, const struct node *node, struct step *steps,
		      unsigned int *nr)
{
	const struct node *key = step_key(r, node), *args = NULL;
	unsigned int before = r->mistakes->nr_errors;
	struct step *step = &steps[*nr];
	struct error err;
	char likely[128];

	if (!key)
		return;
	step->op = op_find(key->text);
	if (!step->op) {
		reader_unknown(r, key->place, "op", key->text, op_names());
		return;
	}
	if (node->kind == NODE_MAPPING)
		args = node->items[0];
	if (args && args->kind != NODE_NULL && args->kind != NODE_MAPPING) {
		if (args->kind != NODE_BROKEN)
			mistakes_add(
				r->mistakes, args->kind == NODE_SCALAR ? args->place : key->place,
				"the arguments of %s are a mapping: try %s", key->text,
				likely_args(step->op, args->kind == NODE_SCALAR ? args->text : NULL,
					    likely, sizeof(likely)));
		step->op = NULL;
		return;
	}
	step->name = step_name(r->scenario, step->op);
	if (!step->name)
		reader_memory(r);
	if (args && args->kind == NODE_MAPPING)
		read_given(r, step, args);
	complete_args(r, step, key);
	if (r->mistakes->nr_errors == before && op_check(step->op, step->args, &err))
		mistakes_add(r->mistakes, key->place, "%s: %s", step->op->name, err.text);
	(*nr)++;
}

static void read_list(struct reader *r, const struct node *key, const struct node *value,
		      struct step *steps, unsigned int *nr)
{
	if (r->scenario->find) /* said already */
		return;
	if (value->kind != NODE_LIST) {
		mistakes_add(r->mistakes, key->place,
			     "'%s' takes a list of steps: begin each with '- '", key->text);
		return;
	}
	for (unsigned int i = 0; i < value->nr; i++) {
		if (*nr == STEPS_MAX) {
			mistakes_add(r->mistakes, value->items[i]->place,
				     "more than %d steps: make it two scenarios", STEPS_MAX);
			return;
		}
		read_step(r, value->items[i], steps, nr);
	}
}

void read_setup(struct reader *r, const struct node *key, const struct node *value)
{
	read_list(r, key, value, r->scenario->setup, &r->scenario->nr_setup);
}

void read_steps(struct reader *r, const struct node *key, const struct node *value)
{
	read_list(r, key, value, r->scenario->steps, &r->scenario->nr_steps);
	if (value->kind == NODE_LIST && !value->nr)
		mistakes_add(r->mistakes, key->place, "'steps' is empty: name an op, try '- map'");
}

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

void read_steps_end(struct reader *r)
{
	struct scenario *s = r->scenario;
	const struct node *key = NULL, *measure = node_find(r->root, "measure", &key);
	enum mapped before = MAPPED_NO, after;

	s->matrix.copied = copied_by(s->steps, s->nr_steps, copied_by(s->setup, s->nr_setup, NULL));

	if (s->find || !node_find(r->root, "steps", NULL))
		return;
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
