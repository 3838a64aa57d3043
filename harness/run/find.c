/* SPDX-License-Identifier: MIT */
/*
 * What the three searches have in common: the room, the step of the worker, and what the supervisor
 * makes of what it finds there.
 */
#include "run/find.h"

#include "base/cleanup.h"
#include "model/outcome.h"
#include "run/budget.h"
#include "run/find_deed.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int find_room_new(struct find_room **ret)
{
	struct find_room *room = mmap(NULL, sizeof(*room), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED)
		return -errno;
	*ret = room;
	return 0;
}

void find_room_free(struct find_room *room)
{
	if (room)
		munmap(room, sizeof(*room));
}

void find_room_begin(struct find_room *room, const struct host *host, uint64_t max_memory_bytes)
{
	memset(room, 0, sizeof(*room));
	room->reserve_bytes = budget_reserve_bytes(host);
	room->max_touched_bytes = max_memory_bytes;
}

int find_refresh(struct worker *w, struct find_state *s)
{
	int r;

	s->host = *w->host;
	r = host_refresh(&s->host, &w->error);
	if (!r)
		model_host_under(&s->host, w->conditions, &s->under);
	return r;
}

static int find_prepare(struct worker *w, const struct op_call *call)
{
	(void)call;
	w->state[w->step] = malloc(sizeof(struct find_state));
	return w->state[w->step] ? 0 : -ENOMEM;
}

static void find_finish(struct worker *w, const struct op_call *call)
{
	(void)call;
	free(w->state[w->step]);
}

void find_leave(struct worker *w, uint64_t bytes, uint64_t nr_calls)
{
	struct find_room *room = w->room;

	room->searched = true;
	room->bytes = bytes;
	w->report->value[FOUND_BYTES] = (double)bytes;
	w->report->value[FOUND_PREDICTED] = room->predicted ? (double)room->predicted_bytes : NAN;
	w->report->value[FOUND_CALLS] = (double)nr_calls;
}

void find_expect(struct find_room *room, uint64_t low, uint64_t middle, uint64_t high,
		 enum rule_id rule)
{
	room->predicted = true;
	room->low_bytes = low;
	room->predicted_bytes = middle;
	room->high_bytes = high;
	room->rule = rule;
}

static const struct find_deed *const deeds[] = {
	[FIND_CEILING] = &find_ceiling_deed,
	[FIND_RESIDENT] = &find_resident_deed,
	[FIND_CUMULATIVE] = &find_cumulative_deed,
};

const struct op *find_running(const struct op *op)
{
	static struct op running[ARRAY_LENGTH(deeds)];
	enum find_kind kind = find_kind_of(op);

	if (kind == FIND_NOTHING)
		return op;
	running[kind] = *op;
	running[kind].prepare = find_prepare;
	running[kind].finish = find_finish;
	running[kind].before = deeds[kind]->before;
	running[kind].step = deeds[kind]->step;
	running[kind].after = deeds[kind]->after;
	return &running[kind];
}

/*
 * The worker was ended together with the process that touches, by the watchdog or by the OOM killer
 * of a control group. What had been touched by then is the finding.
 */
static void salvage(struct find_room *room, struct repetition *r)
{
	const struct metric *metrics = find_op(FIND_RESIDENT)->metrics;
	struct step_record *step = &r->steps[0];
	char size[40], why[160];

	room->searched = true;
	room->bytes = room->touched_bytes;
	room->cut = r->outcome.number != SIGKILL; /* ours, or the kernel's */
	step->ran = true;
	for (unsigned int i = 0; metrics[i].name; i++) {
		if (metrics[i].kind == METRIC_VALUE)
			step->metric[i] = (double)(metrics[i].slot == FOUND_BYTES
							   ? room->bytes
							   : room->predicted_bytes);
	}
	snprintf(why, sizeof(why), "%.159s", r->outcome.detail);
	snprintf(r->outcome.detail, sizeof(r->outcome.detail), "%s touched: %s",
		 bytes_format(room->bytes, size, sizeof(size)), why);
}

void find_collect(enum find_kind kind, struct find_room *room, struct repetition *r)
{
	if (kind == FIND_RESIDENT && !room->searched && room->predicted &&
	    r->outcome.kind == OUTCOME_OOM_KILLED)
		salvage(room, r);
	if (room->predicted && room->rule != RULE_NONE)
		snprintf(r->rule, sizeof(r->rule), "%s", rule_get(room->rule)->name);
	if (!room->searched)
		return;
	if (r->outcome.kind == OUTCOME_OK)
		snprintf(r->outcome.detail, sizeof(r->outcome.detail), "%s", room->detail);
	if (kind == FIND_CUMULATIVE) {
		r->samples = room->pile.samples;
		r->nr_samples = room->pile.nr_samples;
	}
}

void find_conform(const struct find_room *room, struct repetition *r)
{
	bool exact = room->low_bytes == room->high_bytes;
	char low[40], high[40];

	if (!room->searched ||
	    (r->outcome.kind != OUTCOME_OK && r->outcome.kind != OUTCOME_OOM_KILLED))
		return;
	r->indeterminate = room->cut || !room->predicted ||
			   (!exact && room->bytes >= room->low_bytes &&
			    room->bytes <= room->high_bytes);
	if (r->indeterminate)
		return;
	r->expected_known = true;
	r->as_expected = exact && room->bytes == room->predicted_bytes;
	bytes_format_exact(room->low_bytes, low, sizeof(low));
	bytes_format_exact(room->high_bytes, high, sizeof(high));
	if (exact)
		snprintf(r->expected, sizeof(r->expected), "%.40s", low);
	else
		snprintf(r->expected, sizeof(r->expected), "%.28s to %.28s", low, high);
}
