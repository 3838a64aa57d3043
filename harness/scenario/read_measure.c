/* SPDX-License-Identifier: MIT */
/* Reads how long to measure, and what is taken down of it. */
#include "scenario/reader.h"

#include "base/cleanup.h"
#include "base/text.h"

static void read_iterations(struct reader *r, const struct node *key, const struct node *value)
{
	reader_count(r, key, value, 1, UINT64_MAX, &r->scenario->measure.iterations);
}

static void read_for(struct reader *r, const struct node *key, const struct node *value)
{
	if (!reader_duration(r, key, value, &r->scenario->measure.for_ns))
		r->scenario->measure.iterations = 0;
}

/*
 * An option that does nothing is a mistake. Steps that could not be read may be those that it
 * means.
 */
static void check_events(struct reader *r, const struct node *value)
{
	const struct node *list = node_find(r->root, "steps", NULL);
	const struct scenario *s = r->scenario;
	const char *names[64] = { NULL };
	char text[256];

	if (s->find || !list || list->nr != s->nr_steps)
		return;
	for (unsigned int i = 0; i < s->nr_steps; i++)
		if (s->steps[i].op->event)
			return;
	for (size_t i = 0, n = 0; ops[i]; i++)
		if (ops[i]->event && n + 1 < ARRAY_LENGTH(names))
			names[n++] = ops[i]->name;
	mistakes_add(r->mistakes, value->place,
		     "events are those of %s, and no timed step is one: leave 'events' out",
		     text_alternatives(names, text, sizeof(text)));
}

static void read_events(struct reader *r, const struct node *key, const struct node *value)
{
	static const char *const words[] = { "loop", "each", NULL };

	r->scenario->measure.each_event = reader_choice(r, key, value, words) == 1;
	if (!r->scenario->measure.each_event)
		return;
	r->scenario->measure.perf.cheap = false;
	check_events(r, value);
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
