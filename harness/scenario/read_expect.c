/* SPDX-License-Identifier: MIT */
/* Reads what is expected: a word for all cells, or rules for some. */
#include "scenario/reader.h"

#include "scenario/record.h"

#include <stdlib.h>
#include <string.h>

static void read_outcome(struct reader *r, const struct node *key, const struct node *value,
			 struct expect_rule *rule)
{
	static const char *const likely[] = { "ok",      "oom-killed", "timeout", "skipped",
					      "refused", "degraded",   "ENOMEM",  "EAGAIN",
					      "EPERM",   "EINVAL",     "EEXIST",  "ENOSPC",
					      "SIGBUS",  "SIGSEGV",    NULL };
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return;
	if (!outcome_name_known(text)) {
		reader_unknown(r, value->place, "outcome", text, likely);
		return;
	}
	rule->outcome = reader_copy(r, text);
}

static bool has_step(const struct scenario *s, const char *name)
{
	for (unsigned int i = 0; i < s->nr_setup; i++)
		if (s->setup[i].name && strcmp(s->setup[i].name, name) == 0)
			return true;
	for (unsigned int i = 0; i < s->nr_steps; i++)
		if (s->steps[i].name && strcmp(s->steps[i].name, name) == 0)
			return true;
	return false;
}

static void unknown_step(struct reader *r, const struct node *value)
{
	const struct scenario *s = r->scenario;
	const char *names[2 * STEPS_MAX + 1] = { NULL };
	size_t n = 0;

	for (unsigned int i = 0; i < s->nr_setup; i++)
		names[n++] = s->setup[i].name;
	for (unsigned int i = 0; i < s->nr_steps; i++)
		names[n++] = s->steps[i].name;
	if (n)
		reader_unknown(r, value->place, "step", value->text, names);
}

static void read_rule_step(struct reader *r, const struct node *key, const struct node *value,
			   struct expect_rule *rule)
{
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return;
	if (!has_step(r->scenario, text)) {
		unknown_step(r, value);
		return;
	}
	if (rule->outcome && strcmp(rule->outcome, "ok") == 0) {
		mistakes_add(r->mistakes, key->place,
			     "'ok' is the outcome of all steps: remove 'step'");
		return;
	}
	rule->step = reader_copy(r, text);
}

static void read_rule(struct reader *r, const struct node *key, const struct node *node,
		      struct expect_rule *rule)
{
	static const char *const known[] = { "when", "outcome", "step", NULL };
	const struct node *value, *at;

	if (node->kind != NODE_MAPPING || !node->nr) {
		mistakes_add(r->mistakes, node->kind == NODE_SCALAR ? node->place : key->place,
			     "a rule of 'expect' is a mapping: try {when: {size: 1TiB}, outcome: "
			     "ENOMEM, step: map}");
		return;
	}
	reader_check(r, node, known);
	value = node_find(node, "when", &at);
	if (value)
		rule->when = read_new_pattern(r, at, value);
	value = node_find(node, "outcome", &at);
	if (value)
		read_outcome(r, at, value, rule);
	else
		mistakes_add(r->mistakes, node->keys[0]->place,
			     "the rule has no outcome: add 'outcome: ok', or what is expected");
	value = node_find(node, "step", &at);
	if (value)
		read_rule_step(r, at, value, rule);
}

static bool new_rules(struct reader *r, unsigned int nr)
{
	r->scenario->rules = calloc(nr, sizeof(*r->scenario->rules));
	if (!r->scenario->rules) {
		reader_memory(r);
		return false;
	}
	r->scenario->nr_rules = nr;
	r->scenario->expect = EXPECT_RULES;
	return true;
}

static void read_expect_word(struct reader *r, const struct node *key, const struct node *value)
{
	static const char *const words[] = {
		[EXPECT_OK] = "ok", [EXPECT_NOTHING] = "nothing", [EXPECT_MODEL] = "model", NULL
	};
	int word = reader_choice(r, key, value, words);

	if (word >= 0)
		r->scenario->expect = (enum expect_kind)word;
}

void read_expect(struct reader *r, const struct node *key, const struct node *value)
{
	struct node *const *items;
	unsigned int nr;

	if (value->kind == NODE_SCALAR) {
		read_expect_word(r, key, value);
		return;
	}
	nr = reader_items(r, key, &value, &items);
	if (!nr || !new_rules(r, nr))
		return;
	for (unsigned int i = 0; i < nr; i++)
		if (!reader_nothing(r, key, items[i]))
			read_rule(r, key, items[i], &r->scenario->rules[i]);
}
