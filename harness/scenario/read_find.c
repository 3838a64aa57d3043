/* SPDX-License-Identifier: MIT */
/* Reads what a scenario searches for, which takes the place of its steps. */
#include "scenario/reader.h"

#include "scenario/find.h"

#include <string.h>

static void refuse_steps(struct reader *r)
{
	static const char *const others[] = { "setup", "steps", "measure", NULL };

	for (size_t i = 0; others[i]; i++) {
		const struct node *key;

		if (node_find(r->root, others[i], &key))
			mistakes_add(r->mistakes, key->place,
				     "'find' and '%s' exclude each other: the search is the only "
				     "step; remove one",
				     others[i]);
	}
}

static void initial_args(struct step *step)
{
	for (size_t i = 0; step->op->args && step->op->args[i].name; i++) {
		struct error err;

		if (arg_parse(&step->op->args[i], step->op->args[i].initial, &step->args[i], &err))
			BUG("initial value of %s: %s", step->op->args[i].name, err.text);
		step->args[i].given = false;
	}
}

void read_find(struct reader *r, const struct node *key, const struct node *value)
{
	struct scenario *s = r->scenario;
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return;
	for (unsigned int i = 0; find_words[i]; i++)
		if (strcmp(find_words[i], text) == 0)
			s->find = (enum find_kind)(i + 1);
	if (!s->find) {
		reader_unknown(r, value->place, "search", text, find_words);
		return;
	}
	refuse_steps(r);
	/* What can be mapped until it is refused is the machine's to say, pool included. */
	s->matrix.pool_as_it_is = s->find != FIND_RESIDENT;
	s->nr_setup = 0;
	s->nr_steps = 1;
	s->steps[0].op = find_op(s->find);
	s->steps[0].name = reader_copy(r, text);
	initial_args(&s->steps[0]);
}

void read_find_size(struct reader *r, const struct node *key, const struct node *value)
{
	struct step *step = &r->scenario->steps[0];
	const struct arg *arg = arg_find(find_op(FIND_CUMULATIVE)->args, key->text);
	const char *text = reader_scalar(r, key, value);
	struct error err;

	if (!text)
		return;
	if (r->scenario->find != FIND_CUMULATIVE) {
		mistakes_add(r->mistakes, key->place,
			     "'%s' belongs to 'find: cumulative': add that, or remove it",
			     key->text);
		return;
	}
	if (arg_parse(arg, text, &step->args[arg - step->op->args], &err)) {
		mistakes_add(r->mistakes, value->place, "%s: %s", key->text, err.text);
		return;
	}
	step->args[arg - step->op->args].given = true;
}
