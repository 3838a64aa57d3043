/* SPDX-License-Identifier: MIT */
/* find: ceiling, in the worker: the largest mapping that is granted. */
#include "run/find_deed.h"

#include <stdio.h>

static int ceiling_before(struct worker *w, const struct op_call *call)
{
	struct find_state *s = w->state[w->step];
	const struct ceiling *p = &s->found.predicted;
	int r = find_refresh(w, s);

	(void)call;
	if (!r)
		r = ceiling_predict(&w->conditions->map, &s->under, &s->found);
	if (!r)
		find_expect(w->room, p->low_bytes, p->bytes, p->high_bytes, p->rule);
	return r;
}

static int ceiling_step(struct worker *w, const struct op_call *call)
{
	struct find_state *s = w->state[w->step];

	(void)call;
	ceiling_find(&w->conditions->map, &s->under, &s->found);
	return 0;
}

static int ceiling_after(struct worker *w, const struct op_call *call)
{
	const struct find_state *s = w->state[w->step];
	struct find_room *room = w->room;
	char size[40];

	(void)call;
	find_leave(w, s->found.bytes, s->found.nr_calls);
	snprintf(room->detail, sizeof(room->detail), "%s, then %s",
		 bytes_format(s->found.bytes, size, sizeof(size)),
		 s->found.error ? errno_name(s->found.error) : "nothing was refused");
	return 0;
}

const struct find_deed find_ceiling_deed = { ceiling_before, ceiling_step, ceiling_after };
