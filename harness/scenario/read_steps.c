/* SPDX-License-Identifier: MIT */
/* Reads setup and steps: operations and their arguments. */
#include "scenario/reader.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
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
