/* SPDX-License-Identifier: MIT */
/*
 * find: resident, in the worker: how much of one mapping can be touched. A process of its own
 * touches, since it may die of it.
 */
#include "run/find_deed.h"

#include "sys/mapping.h"
#include "sys/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_BYTES (16ull << 20) /* touched between two looks at the memory that is left */

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
	int r = find_refresh(w, s);

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
	find_expect(w->room, low, low + (high - low) / unit / 2 * unit, high, rule);
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
	find_leave(w, room->touched_bytes, 1);
	return 0;
}

const struct find_deed find_resident_deed = { resident_before, resident_step, resident_after };
