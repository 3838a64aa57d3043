/* SPDX-License-Identifier: MIT */
/* find: cumulative, in the worker: chunk after chunk, until one is refused. */
#include "run/find_deed.h"

#include "sys/process.h"

#include <inttypes.h>
#include <stdio.h>

#define CHUNKS_ASKED 200000u /* predictions at most */

static struct pile_plan plan_of(const struct worker *w, const struct op_call *call)
{
	const struct find_room *room = w->room;
	struct pile_plan plan = { .chunk = w->conditions->map,
				  .touch_bytes = call->args[FIND_TOUCHED],
				  .until_bytes = call->args[FIND_UNTIL],
				  .touched_max_bytes = room->max_touched_bytes,
				  .reserve_bytes = room->reserve_bytes };

	plan.chunk.length_bytes = call->args[FIND_CHUNK];
	return plan;
}

/* A chunk lies in a hole: any that has room, since all are filled in the end. */
static void take_place(struct process_memory *process, uint64_t bytes)
{
	for (unsigned int i = 0; i < process->nr_holes; i++) {
		struct process_hole *hole = &process->holes[i];

		if (hole->end - hole->start < bytes)
			continue;
		hole->end -= bytes;
		return;
	}
}

/* Chunk after chunk on the model. Where it is open, as many more as the band has room for. */
static void predict_pile(struct model *m, const struct pile_plan *plan, struct find_room *room)
{
	uint64_t length = plan->chunk.length_bytes, until = plan->until_bytes, total = 0, more = 0;
	enum rule_id rule = RULE_NONE;

	for (unsigned int n = 0; !until || total < until; n++) {
		struct prediction p;

		if (n == CHUNKS_ASKED)
			return;
		model_map(m, &plan->chunk, &p);
		rule = p.rule;
		if (p.verdict == VERDICT_INDETERMINATE)
			more = (2 * p.band_bytes / length + 1) * length;
		if (p.verdict != VERDICT_GRANTED)
			break;
		/* Neighbours merge, so mappings do not add up as a rule. */
		if (plan->chunk.backing == BACKING_ANONYMOUS && !(plan->chunk.flags & MAP_SHARED))
			p.nr_maps = 0;
		model_apply(m, &p);
		take_place(&m->process, length);
		total += length;
	}
	find_expect(room, total, total + more / length / 2 * length, total + more, rule);
}

static int cumulative_before(struct worker *w, const struct op_call *call)
{
	struct find_state *s = w->state[w->step];
	struct pile_plan plan = plan_of(w, call);
	struct process_memory process;
	struct model m;
	int r = find_refresh(w, s);

	if (!r)
		r = process_memory_read(&process, PROCESS_MAPS, &w->error);
	if (r)
		return r;
	model_init(&m, &s->under, &process);
	predict_pile(&m, &plan, w->room);
	return 0;
}

static int cumulative_step(struct worker *w, const struct op_call *call)
{
	struct find_room *room = w->room;
	struct pile_plan plan = plan_of(w, call);

	pile_up(&plan, &room->pile);
	return 0;
}

static int cumulative_after(struct worker *w, const struct op_call *call)
{
	struct find_room *room = w->room;
	const struct pile *pile = &room->pile;
	char size[40], end[64];

	(void)call;
	find_leave(w, pile->last.granted_bytes, pile->nr_chunks);
	w->report->value[FOUND_COMMITTED] = (double)pile->last.committed_bytes;
	w->report->value[FOUND_TABLES] = (double)pile->last.page_table_bytes;
	w->report->value[FOUND_TOUCHED] = (double)pile->last.resident_bytes;
	snprintf(room->detail, sizeof(room->detail), "%s in %" PRIu64 " chunks, %s",
		 bytes_format(pile->last.granted_bytes, size, sizeof(size)), pile->nr_chunks,
		 pile_end_describe(pile, end, sizeof(end)));
	room->cut = pile->end == PILE_BUDGET || pile->end == PILE_RESERVE;
	return 0;
}

const struct find_deed find_cumulative_deed = { cumulative_before, cumulative_step,
						cumulative_after };
