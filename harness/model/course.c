/* SPDX-License-Identifier: MIT */
/*
 * Where a call may be refused for a reason that lies outside the rules (contents, advice that fits
 * only some mappings), the course says indeterminate, never "ok" by default.
 */
#include "model/course.h"

#include "model/check.h"

#include "base/cleanup.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif

#define MAPS_UNKNOWN 16 /* mappings that a worker may have more or less than its parent */

/* The value of an operation's argument by its name, or otherwise. */
static uint64_t argument(const struct op_call *call, const char *name, uint64_t otherwise)
{
	for (unsigned int i = 0; call->op->args && call->op->args[i].name; i++) {
		if (strcmp(call->op->args[i].name, name) == 0)
			return call->args[i];
	}
	return otherwise;
}

static bool chosen(const struct op_call *call, const char *name, const char *word)
{
	for (unsigned int i = 0; call->op->args && call->op->args[i].name; i++) {
		const struct arg *arg = &call->op->args[i];

		if (strcmp(arg->name, name) == 0 && arg->type == ARG_CHOICE)
			return strcmp(arg->choices[call->args[i]], word) == 0;
	}
	return false;
}

/* Open for a reason that is no rule's: the call may be refused, or not. */
static void leave_open(const struct course *c, struct prediction *ret)
{
	check_granted(ret);
	ret->mapping = c->mapping;
	ret->verdict = VERDICT_INDETERMINATE;
}

/*
 * All workers reach the first `bytes` of their mappings, or together those of the one they share.
 * What is deferred stays so: a signal at this step.
 */
static void reach(struct course *c, uint64_t bytes, bool write, struct prediction *ret)
{
	struct model_mapping all = c->parted ? c->head : c->mapping;

	if (bytes > all.length_bytes)
		bytes = all.length_bytes;
	if (c->parted && bytes > c->head_bytes) {
		leave_open(c, ret);
		return;
	}
	model_touch(&c->model, &all, bytes, write, ret);
	/* What all workers touch together must fit into memory too. */
	if (ret->verdict == VERDICT_GRANTED && c->nr_mappings > 1) {
		all.length_bytes *= c->nr_mappings;
		all.object_bytes *= c->nr_mappings;
		model_touch(&c->model, &all, bytes * c->nr_mappings, write, ret);
	}
	if (ret->verdict != VERDICT_GRANTED)
		return;
	if (bytes > c->reached_bytes) {
		model_apply(&c->model, ret);
		c->reached_bytes = bytes;
	}
	if (write && (c->mapping.traits & MAPPED_ANONYMOUS))
		c->mapping.traits |= MAPPED_TOUCHED;
}

/* A call instead of accesses: where a signal would have come, it returns an errno. */
static void signal_to_errno(struct prediction *p, int at_protection, int at_object)
{
	if (p->verdict != VERDICT_DEFERRED || rule_get(p->rule)->signal == SIGKILL)
		return;
	p->verdict = VERDICT_REFUSED;
	p->error = p->rule == RULE_PROTECTION_FAULT ? at_protection : at_object;
}

/* One mapping for each worker; in processes of their own each asks by itself. */
static void step_map(struct course *c, const struct op_call *call, struct prediction *ret)
{
	struct map_request request = c->conditions->map;
	bool threads = c->conditions->workers == WORKER_THREAD;
	struct process_memory process = c->model.process;

	request.address = argument(call, "address", request.address);
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		if (!threads) {
			c->model.process = process;
		}
		model_map(&c->model, &request, ret);
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
		/* The others are placed elsewhere: their place is the runner's matter. */
		request.flags &= ~MAP_FIXED_NOREPLACE;
		request.address = 0;
	}
	c->mapping = ret->mapping;
	c->mapped = true;
	c->filled = c->parted = false;
	c->reached_bytes = 0;
	/* Filled at once; the call forgives what cannot be, but for the OOM killer. */
	if ((c->conditions->map.flags & (MAP_POPULATE | MAP_LOCKED)) &&
	    c->mapping.protection != PROT_NONE) {
		struct prediction fill;

		c->reached_bytes = c->mapping.length_bytes; /* the mapping's charge has it */
		reach(c, c->mapping.length_bytes, c->mapping.protection & PROT_WRITE, &fill);
		if (rule_get(fill.rule)->signal == SIGKILL)
			*ret = fill;
	}
}

static void step_touch(struct course *c, const struct op_call *call, struct prediction *ret)
{
	reach(c, argument(call, "amount", c->mapping.length_bytes), !chosen(call, "access", "read"),
	      ret);
	if (chosen(call, "method", "populate")) /* mm/madvise.c madvise_populate() */
		signal_to_errno(ret, EINVAL, EFAULT);
}

/* The choice of a call as an index into words, or −1. */
static int choice_of(const struct op_call *call, const char *name, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (chosen(call, name, words[i]))
			return i;
	}
	return -1;
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

	if (c->parted ||
	    (c->conditions->layout == LAYOUT_SHARED && c->conditions->nr_workers > 1)) {
		leave_open(c, ret);
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
static void step_protect(struct course *c, const struct op_call *call, struct prediction *ret)
{
	static const char *const words[] = { "none",      "read",  "read-write",
					     "read-exec", "write", NULL };
	static const int protections[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
					   PROT_READ | PROT_EXEC, PROT_WRITE };
	int to = choice_of(call, "to", words);
	bool shared = c->conditions->layout == LAYOUT_SHARED && c->conditions->nr_workers > 1;
	uint64_t n = shared ? c->conditions->nr_workers : c->nr_mappings;
	uint64_t bytes = shared ? c->mapping.length_bytes / n : c->mapping.length_bytes;

	uint64_t from = argument(call, "from", 0), length = c->mapping.length_bytes;
	uint64_t amount = argument(call, "amount", length);

	if (to < 0)
		BUG("protect knows more protections than the model");
	if (from >= length) { /* the operation asks for nothing there */
		leave_open(c, ret);
		return;
	}
	if (c->parted || from || amount < length) {
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
static void step_remap(struct course *c, const struct op_call *call, struct prediction *ret)
{
	static const char *const words[] = { "may-move", "in-place", "move", "dontunmap", NULL };
	static const int flags[] = { MREMAP_MAYMOVE, 0, MREMAP_MAYMOVE | MREMAP_FIXED,
				     MREMAP_MAYMOVE | MREMAP_DONTUNMAP };
	int how = choice_of(call, "how", words);
	struct prediction left;
	struct remap_request request = {
		.old_bytes = c->mapping.length_bytes,
		.new_bytes = argument(call, "to", c->mapping.length_bytes),
		.to_end = true,
	};

	if (how < 0)
		BUG("remap knows more ways than the model");
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

static void step_unmap(struct course *c, const struct op_call *call, struct prediction *ret)
{
	(void)call;
	if (c->parted)
		c->model = c->whole;
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		model_unmap(&c->model, &c->mapping, c->mapping.length_bytes, 0, true, ret);
		model_apply(&c->model, ret);
	}
	c->mapped = c->parted = false;
}

/* Parent and child write after it: each page of a private mapping that both write exists twice. */
static void step_fork(struct course *c, const struct op_call *call, struct prediction *ret)
{
	struct model with = c->model;
	uint64_t bytes = argument(call, "write", c->mapping.length_bytes);

	with.process.accounts_known = true;
	model_fork(&with, ret);
	if (ret->verdict != VERDICT_GRANTED || !bytes)
		return;
	if ((c->mapping.traits & MAPPED_HUGETLB) && !(c->mapping.traits & MAPPED_SHARED))
		leave_open(c, ret); /* the copies need huge pages that nobody reserved */
	else
		reach(c, bytes, true, ret);
}

/* mm/mlock.c do_mlock(); filling it afterwards is __mm_populate(). */
static void lock_all(struct course *c, bool now, struct prediction *ret)
{
	uint64_t bytes = c->mapping.length_bytes;
	uint64_t n = c->conditions->workers == WORKER_THREAD ? c->nr_mappings : 1;
	bool write = c->mapping.protection & PROT_WRITE;

	if (c->mapping.traits & MAPPED_LOCKED)
		bytes = 0; /* not counted twice */
	if (!check_lock(&c->model, bytes * n, true, ret)) {
		if (ret->rule == RULE_LIMIT_MEMLOCK)
			ret->error = ENOMEM; /* where mmap says EAGAIN */
		return;
	}
	if (now)
		reach(c, c->mapping.length_bytes, write, ret);
	else
		check_granted(ret);
	signal_to_errno(ret, ENOMEM, ENOMEM);
	if (ret->verdict != VERDICT_GRANTED)
		return;
	c->model.process.locked_vm_bytes += bytes * n;
	c->mapping.traits |= MAPPED_LOCKED;
}

static void step_lock(struct course *c, const struct op_call *call, struct prediction *ret)
{
	lock_all(c, !chosen(call, "pages", "on-fault"), ret);
}

static void step_unlock(struct course *c, const struct op_call *call, struct prediction *ret)
{
	uint64_t bytes = c->mapping.length_bytes * c->nr_mappings;
	uint64_t *locked = &c->model.process.locked_vm_bytes;

	(void)call;
	check_granted(ret);
	if (c->mapping.traits & MAPPED_LOCKED)
		*locked = *locked > bytes ? *locked - bytes : 0;
	c->mapping.traits &= ~(unsigned int)MAPPED_LOCKED;
}

/* Locked and hugetlb mappings refuse to give pages back, and MADV_FREE is for anonymous ones. */
static bool can_give_back(const struct course *c, bool lazily)
{
	if (c->mapping.traits & (MAPPED_LOCKED | MAPPED_HUGETLB))
		return false;
	return !lazily || (c->mapping.traits & MAPPED_ANONYMOUS);
}

/* mm/madvise.c */
static void step_advise(struct course *c, const struct op_call *call, struct prediction *ret)
{
	static const char *const harmless[] = { "normal", "random",   "sequential", "dontfork",
						"dofork", "dontdump", NULL };
	uint64_t bytes = argument(call, "amount", c->mapping.length_bytes);
	bool read = chosen(call, "advice", "populate_read");
	bool huge = c->mapping.traits & MAPPED_HUGETLB;

	if (read || chosen(call, "advice", "populate_write")) {
		reach(c, bytes, !read, ret);
		signal_to_errno(ret, EINVAL, EFAULT);
		return;
	}
	leave_open(c, ret);
	if (choice_of(call, "advice", harmless) >= 0 ||
	    (chosen(call, "advice", "dontneed") && can_give_back(c, false)) ||
	    (chosen(call, "advice", "free") && can_give_back(c, true)) ||
	    (!huge && (chosen(call, "advice", "hugepage") || chosen(call, "advice", "nohugepage"))))
		ret->verdict = VERDICT_GRANTED;
}

static void step_refault(struct course *c, const struct op_call *call, struct prediction *ret)
{
	if (!can_give_back(c, chosen(call, "by", "free"))) {
		leave_open(c, ret);
		return;
	}
	reach(c, c->mapping.length_bytes, true, ret);
}

/*
 * Piece by piece: in mode heuristic each by itself is asked for, in mode never they add up. The
 * pieces are neighbours, so there are at most two mappings more.
 */
static void step_commit(struct course *c, const struct op_call *call, struct prediction *ret)
{
	uint64_t amount = argument(call, "amount", c->mapping.length_bytes);
	uint64_t piece = argument(call, "piece", amount), asked;
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
	reach(c, amount, true, ret);
}

/* mm/mmap.c brk(): data, charged like a private writable mapping, and gone again at once. */
static void step_brk(struct course *c, const struct op_call *call, struct prediction *ret)
{
	uint64_t bytes = check_round_up(argument(call, "amount", 0), c->model.host->page_bytes);
	struct map_request beside = { .length_bytes = bytes };

	if (!check_limits(&c->model, bytes, true, ret) ||
	    !check_space(&c->model, &beside, bytes, c->model.host->page_bytes, ret) ||
	    !check_memory(&c->model, bytes, ret))
		return;
	check_granted(ret);
	/* Several processes at once: whether their charges meet is a matter of time. */
	if (c->conditions->nr_workers > 1 &&
	    !check_memory(&c->model, bytes * c->conditions->nr_workers, ret)) {
		leave_open(c, ret);
		ret->rule = RULE_COMMIT_LIMIT;
	}
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
static void step_many(struct course *c, const struct op_call *call, struct prediction *ret)
{
	bool threads = c->conditions->workers == WORKER_THREAD;
	uint64_t size = check_round_up(argument(call, "size", 0), c->model.host->page_bytes), all;
	uint64_t count = argument(call, "count", 0) * (threads ? c->conditions->nr_workers : 1);
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

static void step_fill(struct course *c, const struct op_call *call, struct prediction *ret)
{
	(void)call;
	reach(c, c->mapping.length_bytes, true, ret);
	c->filled |= ret->verdict == VERDICT_GRANTED;
}

/* Whether the contents are the pattern is no matter of rules, unless they were just filled in. */
static void step_verify(struct course *c, const struct op_call *call, struct prediction *ret)
{
	(void)call;
	reach(c, c->mapping.length_bytes, false, ret);
	if (ret->verdict == VERDICT_GRANTED && !c->filled)
		leave_open(c, ret);
}

static void step_chase(struct course *c, const struct op_call *call, struct prediction *ret)
{
	(void)call;
	reach(c, c->mapping.length_bytes, true, ret); /* the cycle lies in the range itself */
	c->filled = false;
}

static void step_stream(struct course *c, const struct op_call *call, struct prediction *ret)
{
	reach(c, c->mapping.length_bytes, !chosen(call, "kind", "read"), ret);
	c->filled = false;
}

/* What it takes to register a range is more than rules of memory. */
static void step_userfault(struct course *c, const struct op_call *call, struct prediction *ret)
{
	/* It first gives back what was there. */
	if (!can_give_back(c, false))
		leave_open(c, ret);
	else
		reach(c, argument(call, "amount", c->mapping.length_bytes), true, ret);
	c->filled = false;
}

static void step_sync(struct course *c, const struct op_call *call, struct prediction *ret)
{
	check_granted(ret);
	if (chosen(call, "mode", "invalidate") && (c->mapping.traits & MAPPED_LOCKED))
		leave_open(c, ret);
}

static void step_move(struct course *c, const struct op_call *call, struct prediction *ret)
{
	(void)call;
	check_granted(ret);
	if (c->mapping.traits & MAPPED_HUGETLB)
		leave_open(c, ret);
}

static void step_delay(struct course *c, const struct op_call *call, struct prediction *ret)
{
	reach(c, argument(call, "amount", c->mapping.length_bytes), true, ret);
	c->filled = false;
}

static const struct {
	const char *name;
	bool anywhere; /* asks for no mapping */
	bool by_part;  /* knows that parts of a mapping may differ */
	void (*step)(struct course *c, const struct op_call *call, struct prediction *ret);
} steps[] = {
	{ "map", true, true, step_map },         { "touch", false, true, step_touch },
	{ "unmap", false, true, step_unmap },    { "protect", false, true, step_protect },
	{ "remap", false, false, step_remap },   { "fork", false, true, step_fork },
	{ "lock", false, false, step_lock },     { "unlock", false, false, step_unlock },
	{ "advise", false, false, step_advise }, { "refault", false, false, step_refault },
	{ "commit", false, false, step_commit }, { "brk", true, true, step_brk },
	{ "many", true, true, step_many },       { "fill", false, false, step_fill },
	{ "verify", false, false, step_verify }, { "chase", false, false, step_chase },
	{ "stream", false, false, step_stream }, { "userfault", false, false, step_userfault },
	{ "sync", false, false, step_sync },     { "move", false, false, step_move },
	{ "delay", false, false, step_delay },
};

bool course_step(struct course *c, const struct op_call *call, struct prediction *ret)
{
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
		if (strcmp(steps[i].name, call->op->name) != 0)
			continue;
		if (!c->mapped && !steps[i].anywhere)
			return false;
		if (c->parted && !steps[i].by_part)
			break;
		steps[i].step(c, call, ret);
		return true;
	}
	leave_open(c, ret); /* nobody has told what the rules make of it */
	return true;
}
