/* SPDX-License-Identifier: MIT */
/* Reads what is allowed and required, and which charts to draw. */
#include "scenario/reader.h"

#include <stdlib.h>
#include <string.h>

#define CHARTS_MAX 32

void read_may_oom(struct reader *r, const struct node *key, const struct node *value)
{
	const char *text = reader_scalar(r, key, value);

	if (!text)
		return;
	if (value->plain && strcmp(text, "true") == 0)
		r->scenario->may_oom = true;
	else if (!value->plain || strcmp(text, "false") != 0)
		mistakes_add(r->mistakes, value->place,
			     "'may_oom' is true or false, in these words and without quotes");
}

void read_timeout(struct reader *r, const struct node *key, const struct node *value)
{
	reader_duration(r, key, value, &r->scenario->timeout_ns);
}

void read_requires(struct reader *r, const struct node *key, const struct node *value)
{
	struct node *const *items;
	unsigned int nr = reader_items(r, key, &value, &items);

	for (unsigned int i = 0; i < nr; i++) {
		int row;

		if (!reader_scalar(r, key, items[i]))
			continue;
		row = reader_axis(r, items[i]);
		if (row < 0)
			continue;
		if (!axes[row]->system_wide)
			mistakes_add(r->mistakes, items[i]->place,
				     "'%s' changes no setting of the system: remove it from "
				     "'requires'",
				     items[i]->text);
		else
			r->scenario->requires_axis[row] = true;
	}
}

static bool is_chart_name(const char *text)
{
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

void read_charts(struct reader *r, const struct node *key, const struct node *value)
{
	struct scenario *s = r->scenario;
	struct node *const *items;
	unsigned int nr = reader_items(r, key, &value, &items);

	if (nr > CHARTS_MAX) {
		mistakes_add(r->mistakes, key->place, "more than %d charts", CHARTS_MAX);
		return;
	}
	s->charts = calloc(nr + 1, sizeof(*s->charts));
	for (unsigned int i = 0; i < nr && s->charts; i++) {
		const char *text = reader_scalar(r, key, items[i]);

		if (!text)
			continue;
		if (!is_chart_name(text)) {
			mistakes_add(r->mistakes, items[i]->place,
				     "'%s' is no name of a chart: a-z, 0-9 and '-'", text);
			continue;
		}
		s->charts[s->nr_charts] = reader_copy(r, text);
		if (!s->charts[s->nr_charts])
			break;
		s->nr_charts++;
	}
	if (!s->charts)
		reader_memory(r);
}
