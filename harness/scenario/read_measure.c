/* SPDX-License-Identifier: MIT */
/* Reads how long to measure, and what is taken down of it. */
#include "scenario/reader.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <string.h>

static void read_iterations(struct reader *r, const struct node *key, const struct node *value)
{
	reader_count(r, key, value, 1, UINT64_MAX, &r->scenario->measure.iterations);
}

static void read_for(struct reader *r, const struct node *key, const struct node *value)
{
	if (!reader_duration(r, key, value, &r->scenario->measure.for_ns))
		r->scenario->measure.iterations = 0;
}

/* Is it a mistake that none was found? Steps that could not be read may be those that it means. */
static bool steps_are_known(const struct reader *r)
{
	const struct node *list = node_find(r->root, "steps", NULL);

	return !r->scenario->find && list && list->nr == r->scenario->nr_steps;
}

/* An option that does nothing is a mistake. */
static void no_events(struct reader *r, struct position at)
{
	const char *names[64] = { NULL };
	char text[256];

	for (size_t i = 0, n = 0; ops[i]; i++)
		if (ops[i]->event && n + 1 < ARRAY_LENGTH(names))
			names[n++] = ops[i]->name;
	mistakes_add(r->mistakes, at,
		     "events are those of %s, and no timed step is one: leave 'events' out",
		     text_alternatives(names, text, sizeof(text)));
}

/* A step without events, or "loop" in a list, which would leave out what it stands beside. */
static bool has_none(struct reader *r, const struct node *item)
{
	const struct scenario *s = r->scenario;
	bool step = false;

	for (unsigned int i = 0; i < s->nr_steps; i++)
		step |= !s->steps[i].op->event && strcmp(s->steps[i].name, item->text) == 0;
	if (step)
		mistakes_add(r->mistakes, item->place,
			     "'%s' has no events: each execution of it is timed in any case",
			     item->text);
	else if (strcmp(item->text, "loop") == 0)
		mistakes_add(r->mistakes, item->place,
			     "'loop' stands alone, not in a list: it is to time no event");
	else
		return false;
	return true;
}

/* The step of that name; all for "each". How many have events. */
static unsigned int take_events(struct scenario *s, const char *name)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < s->nr_steps; i++) {
		if (!s->steps[i].op->event ||
		    (strcmp(name, "each") != 0 && strcmp(name, s->steps[i].name) != 0))
			continue;
		s->steps[i].each_event = true;
		n++;
	}
	return n;
}

static void unknown_events(struct reader *r, const struct node *item)
{
	const struct scenario *s = r->scenario;
	const char *known[STEPS_MAX + 3] = { "loop", "each" };

	for (unsigned int i = 0, n = 2; i < s->nr_steps; i++)
		if (s->steps[i].op->event)
			known[n++] = s->steps[i].name;
	reader_unknown(r, item->place, "events", item->text, known);
}

static void read_events(struct reader *r, const struct node *key, const struct node *value)
{
	struct scenario *s = r->scenario;
	struct node *const *items;
	char timed[8];
	unsigned int nr;

	if (value->kind == NODE_SCALAR && strcmp(value->text, "loop") == 0)
		return;
	nr = reader_items(r, key, &value, &items);
	for (unsigned int i = 0; i < nr; i++) {
		const char *name = reader_scalar(r, key, items[i]);

		if (!name || take_events(s, name) || !steps_are_known(r))
			continue;
		if (strcmp(name, "each") == 0)
			no_events(r, items[i]->place);
		else if (!has_none(r, items[i]))
			unknown_events(r, items[i]);
	}
	s->measure.each_event = true;
	/* To count faults makes each dearer: not where some steps are to keep their own cost. */
	s->measure.perf.cheap = strcmp(scenario_events(s, timed, sizeof(timed)), "each") != 0;
}

static void read_histograms(struct reader *r, const struct node *key, const struct node *value)
{
	static const char *const words[] = { "merged", "per-worker", NULL };

	r->scenario->measure.by_worker = reader_choice(r, key, value, words) == 1;
}

void read_measure(struct reader *r, const struct node *key, const struct node *value)
{
	static const struct key_row rows[] = {
		{ "iterations", read_iterations }, { "for", read_for },   { "events", read_events },
		{ "histograms", read_histograms }, { "perf", read_perf }, { NULL, NULL },
	};
	const struct node *second;

	if (!reader_mapping(r, key, value, rows, "iterations: 100"))
		return;
	if (node_find(value, "iterations", NULL) && node_find(value, "for", &second))
		mistakes_add(r->mistakes, second->place,
			     "'iterations' and 'for' exclude each other: remove one");
}
