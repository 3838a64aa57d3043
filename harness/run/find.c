/* SPDX-License-Identifier: MIT */
/*
 * The prediction is made in the process that then maps, since the largest hole is its own, and on
 * the Committed_AS of that moment.
 */
#include "run/find.h"

#include "base/cleanup.h"
#include "model/outcome.h"
#include "run/budget.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_BYTES  (16ull << 20) /* touched between two looks at the memory that is left */
#define CHUNKS_ASKED 200000u       /* predictions at most, for a pile */

struct find_room {
	uint64_t reserve_bytes, max_touched_bytes; /* what the supervisor permits */

	/* What the worker leaves */
	bool searched, predicted; /* predicted: the rules have a figure */
	bool cut;                 /* we ended it, not the kernel: it says nothing about the rules */
	enum rule_id rule;
	uint64_t bytes, predicted_bytes, low_bytes, high_bytes;
	char detail[160];
	struct pile pile;

	/* What the process that touches leaves before it dies */
	volatile uint64_t touched_bytes;
	volatile int map_error, stopped; /* stopped: 1 by the budget, 2 by the reserve */
};

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

/* ---- In the worker ---- */

/* What the worker keeps: the machine as it is at this moment. */
struct find_state {
	struct host host, under;
	struct ceiling_found found;
};

static int refresh(struct worker *w, struct find_state *s)
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

static void leave(struct worker *w, uint64_t bytes, uint64_t nr_calls)
{
	struct find_room *room = w->room;

	room->searched = true;
	room->bytes = bytes;
	w->report->value[FOUND_BYTES] = (double)bytes;
	w->report->value[FOUND_PREDICTED] = room->predicted ? (double)room->predicted_bytes : NAN;
	w->report->value[FOUND_CALLS] = (double)nr_calls;
}

static void expect_between(struct find_room *room, uint64_t low, uint64_t middle, uint64_t high,
			   enum rule_id rule)
{
	room->predicted = true;
	room->low_bytes = low;
	room->predicted_bytes = middle;
	room->high_bytes = high;
	room->rule = rule;
}

/* ---- find: ceiling ---- */

static int ceiling_before(struct worker *w, const struct op_call *call)
{
	struct find_state *s = w->state[w->step];
	const struct ceiling *p = &s->found.predicted;
	int r = refresh(w, s);

	(void)call;
	if (!r)
		r = ceiling_predict(&w->conditions->map, &s->under, &s->found);
	if (!r)
		expect_between(w->room, p->low_bytes, p->bytes, p->high_bytes, p->rule);
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
	leave(w, s->found.bytes, s->found.nr_calls);
	snprintf(room->detail, sizeof(room->detail), "%s, then %s",
		 bytes_format(s->found.bytes, size, sizeof(size)),
		 s->found.error ? errno_name(s->found.error) : "nothing was refused");
	return 0;
}

/* ---- find: resident ---- */

/* The largest amount whose verdict is granted, or not yet refused. */
static uint64_t touch_border(const struct model *m, const struct model_mapping *mapping, bool write,
			     uint64_t unit, bool accept_unknown, enum rule_id *ret_rule)
{
	uint64_t low = 0, high = mapping->length_bytes / unit;
	struct prediction p;

	while (low < high) {
		uint64_t middle = low + (high - low + 1) / 2;

		model_touch(m, mapping, middle * unit, write, &p);
		if (p.verdict == VERDICT_GRANTED ||
		    (accept_unknown && p.verdict == VERDICT_INDETERMINATE)) {
			low = middle;
		} else {
			high = middle - 1;
			*ret_rule = p.rule;
		}
	}
	return low * unit;
}

static int resident_before(struct worker *w, const struct op_call *call)
{
	struct find_state *s = w->state[w->step];
	const struct map_request *request = &w->conditions->map;
	uint64_t unit = request->huge_page_bytes ? request->huge_page_bytes : w->host->page_bytes;
	struct process_memory process;
	enum rule_id rule = RULE_NONE;
	uint64_t low = 0, high = 0;
	struct prediction p;
	struct model m;
	int r = refresh(w, s);

	(void)call;
	if (!r)
		r = process_memory_read(&process, PROCESS_MAPS, &w->error);
	if (r)
		return r;
	model_init(&m, &s->under, &process);
	model_map(&m, request, &p);
	if (p.verdict == VERDICT_GRANTED) {
		bool write = request->protection & PROT_WRITE;

		model_apply(&m, &p);
		low = touch_border(&m, &p.mapping, write, unit, false, &rule);
		high = touch_border(&m, &p.mapping, write, unit, true, &rule);
	} else {
		rule = p.rule;
	}
	expect_between(w->room, low, low + (high - low) / unit / 2 * unit, high, rule);
	return 0;
}

/* May more be touched? */
static bool may_go_on(struct find_room *room, uint64_t touched, bool from_pool)
{
	if (room->max_touched_bytes && touched >= room->max_touched_bytes)
		room->stopped = 1;
	/* The machine's memory: where a control group ends is what is searched for. */
	else if (!from_pool && touched % CHECK_BYTES == 0 &&
		 host_available_bytes() < room->reserve_bytes)
		room->stopped = 2;
	return !room->stopped;
}

/* In a process of its own, which may die of it. */
static void touch_all(const struct map_request *request, uint64_t unit, struct find_room *room)
{
	bool write = request->protection & PROT_WRITE;
	bool from_pool = request->huge_page_bytes || request->backing == BACKING_HUGETLB;
	struct mapping m;
	int r = mapping_open(request, &m);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!r)
		r = mapping_map(&m);
	if (r) {
		room->map_error = -r;
		_exit(1);
	}
	for (uint64_t at = 0; at < m.length_bytes && may_go_on(room, at, from_pool); at += unit) {
		volatile char *place = (char *)m.address + at;

		if (write)
			*place = 1;
		else
			(void)*place;
		room->touched_bytes = at + unit;
	}
	_exit(0);
}

static void say_end(struct find_room *room, const struct map_request *request, int status)
{
	char size[40];
	const char *end = "all of it";

	bytes_format(room->touched_bytes, size, sizeof(size));
	if (room->map_error)
		end = errno_name(room->map_error);
	else if (room->stopped == 1)
		end = "stopped at --max-memory";
	else if (room->stopped)
		end = "stopped before the machine ran out of memory";
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		end = "killed for want of memory";
	else if (WIFSIGNALED(status))
		end = signal_name(WTERMSIG(status));
	else if (room->touched_bytes < request->length_bytes)
		end = "ended";
	snprintf(room->detail, sizeof(room->detail), "%s touched: %s", size, end);
	room->cut = room->stopped;
}

static int resident_step(struct worker *w, const struct op_call *call)
{
	const struct map_request *request = &w->conditions->map;
	uint64_t unit = request->huge_page_bytes ? request->huge_page_bytes : w->host->page_bytes;
	int status = 0;
	pid_t pid;

	(void)call;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		touch_all(request, unit, w->room);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	say_end(w->room, request, status);
	return 0;
}

static int resident_after(struct worker *w, const struct op_call *call)
{
	const struct find_room *room = w->room;

	(void)call;
	leave(w, room->touched_bytes, 1);
	return 0;
}

/* ---- find: cumulative ---- */

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
	expect_between(room, total, total + more / length / 2 * length, total + more, rule);
}

static int cumulative_before(struct worker *w, const struct op_call *call)
{
	struct find_state *s = w->state[w->step];
	struct pile_plan plan = plan_of(w, call);
	struct process_memory process;
	struct model m;
	int r = refresh(w, s);

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
	leave(w, pile->last.granted_bytes, pile->nr_chunks);
	w->report->value[FOUND_COMMITTED] = (double)pile->last.committed_bytes;
	w->report->value[FOUND_TABLES] = (double)pile->last.page_table_bytes;
	w->report->value[FOUND_TOUCHED] = (double)pile->last.resident_bytes;
	snprintf(room->detail, sizeof(room->detail), "%s in %" PRIu64 " chunks, %s",
		 bytes_format(pile->last.granted_bytes, size, sizeof(size)), pile->nr_chunks,
		 pile_end_describe(pile, end, sizeof(end)));
	room->cut = pile->end == PILE_BUDGET || pile->end == PILE_RESERVE;
	return 0;
}

/* ---- In the supervisor ---- */

static const struct {
	int (*before)(struct worker *w, const struct op_call *call);
	int (*step)(struct worker *w, const struct op_call *call);
	int (*after)(struct worker *w, const struct op_call *call);
} deeds[] = {
	[FIND_CEILING] = { ceiling_before, ceiling_step, ceiling_after },
	[FIND_RESIDENT] = { resident_before, resident_step, resident_after },
	[FIND_CUMULATIVE] = { cumulative_before, cumulative_step, cumulative_after },
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
	running[kind].before = deeds[kind].before;
	running[kind].step = deeds[kind].step;
	running[kind].after = deeds[kind].after;
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
