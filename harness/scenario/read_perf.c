/* SPDX-License-Identifier: MIT */
/* Reads which performance events are counted; libpfm4 knows the names. */
#include "scenario/reader.h"

#include "sys/perf_event.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* One more event. What another CPU has may stand here: on this one it is absent. */
static void add_event(struct reader *r, const struct node *key, const struct node *item,
		      struct perf_choice *choice)
{
	const char *name = reader_scalar(r, key, item);
	struct perf_event_attr attr;
	struct error err;
	int error;

	if (!name)
		return;
	for (unsigned int i = 0; i < choice->nr; i++)
		if (strcasecmp(choice->names[i], name) == 0) {
			mistakes_add(r->mistakes, item->place, "event '%s' is there twice", name);
			return;
		}
	if (choice->nr == PERF_EVENTS_MAX || strlen(name) >= PERF_NAME_MAX) {
		mistakes_add(r->mistakes, item->place,
			     "'perf' takes up to %d events, of names below %d bytes",
			     PERF_EVENTS_MAX, PERF_NAME_MAX);
		return;
	}
	error = perf_event_encode(name, &attr, &err);
	if (error == -ENXIO)
		mistakes_warn(r->mistakes, item->place, "event '%s': %s", name, err.text);
	if (error && error != -ENODEV && error != -ENXIO)
		mistakes_add(r->mistakes, item->place, "%s", err.text);
	else
		snprintf(choice->names[choice->nr++], PERF_NAME_MAX, "%s", name);
}

void read_perf(struct reader *r, const struct node *key, const struct node *value)
{
	struct perf_choice *choice = &r->scenario->measure.perf;
	struct node *const *items;
	unsigned int nr;

	*choice = (struct perf_choice){ .nr = 0 };
	if (value->kind == NODE_SCALAR && strcmp(value->text, "none") == 0)
		return;
	nr = reader_items(r, key, &value, &items);
	for (unsigned int i = 0; i < nr; i++)
		add_event(r, key, items[i], choice);
}
