/* SPDX-License-Identifier: MIT */
/* Operations that make, change and take away mappings. */
#include "model/course_steps.h"

#include "model/check.h"

#include "base/cleanup.h"

#include <signal.h>
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif

#define CHURN_FOLLOWED 4096 /* mappings at a time; of more it is not known */
#define MAPS_UNKNOWN   16   /* mappings that a worker may have more or less than its parent */

static void leave_open_for(struct course *c, enum rule_id rule, struct prediction *ret)
{
	course_leave_open(c, ret);
	ret->rule = rule;
}

/* That one has a place its own prediction says. Of several some may be gone before others come. */
static bool all_placed(const struct process_memory *process, uint64_t n, uint64_t bytes)
{
	return n <= 1 || check_places(process, n, bytes);
}

/* One mapping for each worker; in processes of their own each asks by itself. */
void course_map(struct course *c, const struct op_call *call, struct prediction *ret)
{
	struct map_request request = c->conditions->map;
	bool threads = c->conditions->workers == WORKER_THREAD;
	struct process_memory process = c->model.process;

	request.address = course_argument(call, "address", request.address);
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		if (!threads) {
			c->model.process = process;
		}
		model_map(&c->model, &request, ret);
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
		/* The same place again: is it free by then? */
		if (threads && i + 1 < c->nr_mappings && (request.flags & MAP_FIXED_NOREPLACE)) {
			leave_open_for(c, RULE_ADDRESS_TAKEN, ret);
			return;
		}
		/* The others are placed elsewhere: their place is the runner's matter. */
		if (threads)
			request.address = 0;
	}
	c->mapping = ret->mapping;
	c->mapped = true;
	c->filled = c->parted = false;
	c->reached_bytes = 0;
	if (threads && !all_placed(&process, c->nr_mappings, c->mapping.length_bytes)) {
		leave_open_for(c, RULE_ADDRESS_SPACE, ret);
		return;
	}
	/* Filled at once; the call forgives what cannot be, but for the OOM killer. */
	if ((c->conditions->map.flags & (MAP_POPULATE | MAP_LOCKED)) &&
	    c->mapping.protection != PROT_NONE) {
		struct prediction fill;

		c->reached_bytes = c->mapping.length_bytes; /* the mapping's charge has it */
		course_reach(c, c->mapping.length_bytes, c->mapping.protection & PROT_WRITE, &fill);
		if (rule_get(fill.rule)->signal == SIGKILL)
			*ret = fill;
	}
}

/*
 * A part of each mapping: it is split off, and what comes after is known of its head alone. Of a
 * mapping whose parts differ already, and of slices, how many there will be is not followed.
 */
static void protect_part(struct course *c, uint64_t from, uint64_t bytes, int protection,
			 struct prediction *ret)
{
	unsigned int nr_splits = (from > 0) + (from + bytes < c->mapping.length_bytes);
	struct model whole = c->model;

	if (c->conditions->layout == LAYOUT_SHARED && c->conditions->nr_workers > 1) {
		course_leave_open(c, ret);
		return;
	}
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		model_protect(&c->model, &c->mapping, bytes, nr_splits, protection, ret);
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
	}
	c->parted = true;
	c->whole = whole;
	c->head = from ? c->mapping : ret->mapping;
	c->head.length_bytes = c->mapping.length_bytes;
	c->head_bytes = from ? from : check_round_up(bytes, c->model.host->page_bytes);
}

/* The mappings of one process, or the slices of the one that all share, one after the other. */
void course_protect(struct course *c, const struct op_call *call, struct prediction *ret)
{
	static const char *const words[] = { "none",      "read",  "read-write",
					     "read-exec", "write", NULL };
	static const int protections[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
					   PROT_READ | PROT_EXEC, PROT_WRITE };
	int to = course_choice(call, "to", words);
	bool shared = c->conditions->layout == LAYOUT_SHARED && c->conditions->nr_workers > 1;
	uint64_t n = shared ? c->conditions->nr_workers : c->nr_mappings;
	uint64_t bytes = shared ? c->mapping.length_bytes / n : c->mapping.length_bytes;

	uint64_t from = course_argument(call, "from", 0), length = c->mapping.length_bytes;
	uint64_t amount = course_argument(call, "amount", length);

	if (to < 0)
		BUG("protect knows more protections than the model");
	if (from >= length) { /* the operation asks for nothing there */
		course_leave_open(c, ret);
		return;
	}
	if (course_meets_parts(c, from, amount, ret))
		return;
	if (from || amount < length) {
		protect_part(c, from, amount < length - from ? amount : length - from,
			     protections[to], ret);
		return;
	}
	for (uint64_t i = 0; i < n; i++) {
		if (shared && i + 1 == n)
			bytes = c->mapping.length_bytes - i * bytes;
		model_protect(&c->model, &c->mapping, bytes, shared ? 1 : 0, protections[to], ret);
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
	}
	ret->mapping.length_bytes = c->mapping.length_bytes;
	c->mapping = ret->mapping;
}

/* What lies behind the mapping is not known: growing in place may be refused for that alone. */
void course_remap(struct course *c, const struct op_call *call, struct prediction *ret)
{
	static const char *const words[] = { "may-move", "in-place", "move", "dontunmap", NULL };
	static const int flags[] = { MREMAP_MAYMOVE, 0, MREMAP_MAYMOVE | MREMAP_FIXED,
				     MREMAP_MAYMOVE | MREMAP_DONTUNMAP };
	int how = course_choice(call, "how", words);
	struct prediction left;
	struct remap_request request = {
		.old_bytes = c->mapping.length_bytes,
		.new_bytes = course_argument(call, "to", c->mapping.length_bytes),
		.to_end = true,
	};

	if (how < 0)
		BUG("remap knows more ways than the model");
	if (c->parted) {
		course_leave_open(c, ret);
		/* mm/mremap.c vma_to_resize(): what grows is one mapping. */
		if (c->head.hole_bytes && request.new_bytes > request.old_bytes &&
		    flags[how] != (MREMAP_MAYMOVE | MREMAP_DONTUNMAP))
			check_refuse(ret, RULE_REMAP_RANGE, request.old_bytes, c->head.hole_offset);
		return;
	}
	request.flags = flags[how];
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		model_remap(&c->model, &c->mapping, &request, ret);
		if (ret->rule == RULE_REMAP_IN_PLACE)
			ret->verdict = VERDICT_INDETERMINATE;
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
		/* The operation unmaps what it has left behind. */
		if (request.flags & MREMAP_DONTUNMAP) {
			model_unmap(&c->model, &c->mapping, c->mapping.length_bytes, 0, false,
				    &left);
			model_apply(&c->model, &left);
		}
	}
	c->mapping = ret->mapping;
}

static void unmap_all(struct course *c, struct prediction *ret)
{
	if (c->parted)
		c->model = c->whole;
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		model_unmap(&c->model, &c->mapping, c->mapping.length_bytes, 0, true, ret);
		model_apply(&c->model, ret);
	}
	c->mapped = c->parted = false;
}

/* What is cut off at an end and where nothing depends on which pages of an object those were. */
static bool only_shorter(const struct course *c, uint64_t from, uint64_t bytes)
{
	bool anonymous = c->mapping.traits & MAPPED_ANONYMOUS;

	if ((c->mapping.traits & (MAPPED_HUGETLB | MAPPED_NORESERVE)) ==
	    (MAPPED_HUGETLB | MAPPED_NORESERVE))
		return false;
	return from ? from + bytes == c->mapping.length_bytes : anonymous;
}

static void become_shorter(struct course *c, uint64_t from, uint64_t bytes)
{
	uint64_t *reached = &c->reached_bytes;

	c->mapping.length_bytes -= bytes;
	if (from)
		*reached = *reached < from ? *reached : from;
	else
		*reached = *reached > bytes ? *reached - bytes : 0;
}

/* Of each mapping. A hole inside splits it, which can fail; what is not followed is left open. */
static void unmap_part(struct course *c, uint64_t from, uint64_t bytes, struct prediction *ret)
{
	bool inside = from && from + bytes < c->mapping.length_bytes;
	struct model whole = c->model;

	if (c->parted) {
		course_leave_open(c, ret);
		return;
	}
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		model_unmap(&c->model, &c->mapping, bytes, inside ? 2 : 1, false, ret);
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
	}
	if (only_shorter(c, from, bytes)) {
		become_shorter(c, from, bytes);
		return;
	}
	c->parted = true;
	c->whole = whole;
	c->head = c->mapping;
	c->head_bytes = from;
	if (inside) {
		c->head.hole_offset = from;
		c->head.hole_bytes = bytes;
	}
}

void course_unmap(struct course *c, const struct op_call *call, struct prediction *ret)
{
	uint64_t all = c->conditions->map.length_bytes, length = c->mapping.length_bytes;
	uint64_t from = course_argument(call, "from", 0);
	uint64_t amount = course_argument(call, "amount", all);

	if (from >= length) { /* the operation asks for nothing there */
		course_leave_open(c, ret);
		return;
	}
	/* What reached to the end of all that was mapped reaches to the end of what is left. */
	if (amount >= all || amount > length - from)
		amount = length - from;
	amount = check_round_up(amount, c->model.host->page_bytes);
	if (amount >= length)
		unmap_all(c, ret);
	else
		unmap_part(c, from, amount, ret);
}

/* Parent and child write after it: each page of a private mapping that both write exists twice. */
void course_fork(struct course *c, const struct op_call *call, struct prediction *ret)
{
	struct model with = c->model;
	uint64_t bytes = course_argument(call, "write", c->mapping.length_bytes);

	with.process.accounts_known = true;
	model_fork(&with, ret);
	if (ret->verdict != VERDICT_GRANTED || !bytes)
		return;
	if ((c->mapping.traits & MAPPED_HUGETLB) && !(c->mapping.traits & MAPPED_SHARED)) {
		/* The copies need huge pages that nobody reserved, unless the pool has them. */
		if (!c->conditions->pool_sized || !c->conditions->copied_bytes)
			course_leave_open(c, ret);
	} else {
		course_reach(c, bytes, true, ret);
	}
}

/*
 * Piece by piece: in mode heuristic each by itself is asked for, in mode never they add up. The
 * pieces are neighbours, so there are at most two mappings more.
 */
void course_commit(struct course *c, const struct op_call *call, struct prediction *ret)
{
	uint64_t amount = course_argument(call, "amount", c->mapping.length_bytes);
	uint64_t piece = course_argument(call, "piece", amount), asked;
	struct model_mapping whole = c->mapping;

	if (amount > whole.length_bytes)
		amount = whole.length_bytes;
	asked = c->model.host->overcommit == OVERCOMMIT_NEVER || piece > amount ? amount : piece;
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		model_protect(&c->model, &whole, asked, asked < whole.length_bytes,
			      PROT_READ | PROT_WRITE, ret);
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
	}
	c->mapping.protection = PROT_READ | PROT_WRITE;
	c->mapping.traits = ret->mapping.traits;
	course_reach(c, amount, true, ret);
}

/* mm/mmap.c brk(): data, charged like a private writable mapping, and gone again at once. */
void course_brk(struct course *c, const struct op_call *call, struct prediction *ret)
{
	uint64_t bytes = check_round_up(course_argument(call, "amount", 0),
					c->model.host->page_bytes);
	struct map_request beside = { .length_bytes = bytes };

	if (!check_limits(&c->model, bytes, true, ret) ||
	    !check_space(&c->model, &beside, bytes, c->model.host->page_bytes, ret) ||
	    !check_memory(&c->model, bytes, ret))
		return;
	check_granted(ret);
	/* Several processes at once: whether their charges meet is a matter of time. */
	if (c->conditions->nr_workers > 1 &&
	    !check_memory(&c->model, bytes * c->conditions->nr_workers, ret)) {
		course_leave_open(c, ret);
		ret->rule = RULE_COMMIT_LIMIT;
	}
}

/*
 * Each worker has so many mappings at a time. Whether those of several meet is a matter of time,
 * and how many the kernel counts depends on which of them it merges.
 */
void course_churn(struct course *c, const struct op_call *call, struct prediction *ret)
{
	const struct map_request *request = &c->conditions->map;
	const struct model before = c->model;
	bool threads = c->conditions->workers == WORKER_THREAD, sure;
	uint64_t live = course_argument(call, "live", 1), n = live * c->conditions->nr_workers, i;
	enum rule_id rule;

	for (i = 0; i < n && i < CHURN_FOLLOWED; i++) {
		if (i % live == 0 && !threads)
			c->model.process = before.process;
		model_map(&c->model, request, ret);
		if (ret->verdict != VERDICT_GRANTED)
			break;
		model_apply(&c->model, ret);
	}
	c->model = before;
	rule = ret->rule;
	if (ret->verdict == VERDICT_GRANTED &&
	    !all_placed(&before.process, threads ? n : live, ret->mapping.length_bytes)) {
		rule = RULE_ADDRESS_SPACE;
		sure = false;
	} else if (ret->verdict == VERDICT_GRANTED) {
		sure = i == n && !(request->flags & (MAP_POPULATE | MAP_LOCKED));
	} else {
		sure = i < live && rule != RULE_MAP_COUNT;
	}
	if (!sure)
		leave_open_for(c, rule, ret);
}

/* How many mappings the process has is not known to the last: the runner has some of its own. */
static bool count_permits(struct course *c, uint64_t more, struct prediction *ret)
{
	uint64_t now = c->model.process.nr_maps + more, most = c->model.host->max_map_count;
	uint64_t band = MAPS_UNKNOWN + 4ull * c->conditions->nr_workers;

	if (now > most + band)
		return check_refuse(ret, RULE_MAP_COUNT, now, most);
	if (now + band > most) {
		check_unknown(ret, RULE_MAP_COUNT, now, most - band, most + band);
		return false;
	}
	return true;
}

/* Every second one is writable, and so data and charged. */
void course_many(struct course *c, const struct op_call *call, struct prediction *ret)
{
	bool threads = c->conditions->workers == WORKER_THREAD;
	uint64_t size = check_round_up(course_argument(call, "size", 0), c->model.host->page_bytes),
		 all;
	uint64_t count = course_argument(call, "count", 0) *
			 (threads ? c->conditions->nr_workers : 1);
	bool each = c->model.host->overcommit == OVERCOMMIT_HEURISTIC;
	struct map_request one = { .length_bytes = size };

	if (__builtin_mul_overflow(size, count, &all))
		all = UINT64_MAX / 4;
	if (!check_memory(&c->model, each ? size : all / 2, ret) ||
	    !check_space(&c->model, &one, all, c->model.host->page_bytes, ret) ||
	    !check_limits(&c->model, all / 2, true, ret) ||
	    !check_limits(&c->model, all, false, ret) || !count_permits(c, count, ret))
		return;
	check_granted(ret);
}
