/* SPDX-License-Identifier: MIT */
/* mremap(): grow or shrink in place, move, or move and leave the old range behind empty. */
#include "ops/op.h"

#include <stdlib.h>
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7, include/uapi/linux/mman.h */
#endif

enum { REMAP_TO, REMAP_HOW };
enum { HOW_MAY_MOVE, HOW_IN_PLACE, HOW_MOVE, HOW_DONTUNMAP };

static const char *const remap_hows[] = { "may-move", "in-place", "move", "dontunmap", NULL };

static const struct arg remap_args[] = {
	[REMAP_TO] = { .name = "to",
		       .type = ARG_SIZE,
		       .initial = "100% mapping",
		       .minimum = 1,
		       .help = "the new length" },
	[REMAP_HOW] = { .name = "how",
			.type = ARG_CHOICE,
			.initial = "may-move",
			.choices = remap_hows,
			.help = "move if there is no room, never, always (to an address that is "
				"free), "
				"or always and keep the old range, empty (same length only)" },
	{ NULL },
};

static const struct metric remap_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one mremap()" },
	{ "moved", "1", BETTER_NEITHER, METRIC_VALUE, .slot = 0,
	  .help = "share of calls that gave another address" },
	{ NULL },
};

/* Where the mapping was, and where it is to go. */
struct remap_state {
	void *old_address, *target;
	uint64_t old_bytes, nr_moved;
};

static int remap_supported(const struct op_call *call, const struct conditions *c,
			   const struct host *host, struct error *err)
{
	/* A machine lent to us must not be left with less memory than it had. */
	if (call->args[REMAP_HOW] == HOW_MOVE && call->args[REMAP_TO] < c->map.length_bytes &&
	    host_loses_shrinking_move(host))
		return error_set(err, -ENOTSUP,
				 "remap move to a smaller length leaks Committed_AS on Linux %s: "
				 "shrink it first (how: in-place)",
				 host->kernel_release);
	if (call->args[REMAP_HOW] == HOW_DONTUNMAP && host_loses_dontunmap(host))
		return error_set(
			err, -ENOTSUP,
			"remap dontunmap leaks Committed_AS on Linux %s (mended in 6.17.6)",
			host->kernel_release);
	if (call->args[REMAP_HOW] == HOW_DONTUNMAP && host->kernel_version < 0x050700)
		return error_set(err, -ENOTSUP, "remap dontunmap needs Linux 5.7, this is %s",
				 host->kernel_release);
	return 0;
}

/* Pages move with the range; only a locked one is filled where it grows. */
static uint64_t remap_resident_bytes(const struct op_call *call, const struct conditions *c,
				     const struct host *host)
{
	(void)host;
	return c->map.flags & MAP_LOCKED ? written_bytes(c, call->args[REMAP_TO]) : 0;
}

static uint64_t remap_leaves_bytes(const struct op_call *call, const struct conditions *c,
				   uint64_t before_bytes)
{
	(void)c;
	(void)before_bytes;
	return call->args[REMAP_TO];
}

static int remap_prepare(struct worker *w, const struct op_call *call)
{
	(void)call;
	w->state[w->step] = calloc(1, sizeof(struct remap_state));
	return w->state[w->step] ? 0 : -ENOMEM;
}

/* Where other threads map too, a place that was given up would be theirs by the time of the call.
 */
static bool alone(const struct worker *w)
{
	return w->nr_workers == 1 || w->conditions->workers == WORKER_PROCESS ||
	       w->conditions->layout == LAYOUT_SHARED;
}

/*
 * A place that is free. MREMAP_FIXED unmaps what is there, so it is given up again before the call;
 * with threads beside this one it stays reserved, and the call takes the empty reservation away.
 */
static int remap_before(struct worker *w, const struct op_call *call)
{
	struct remap_state *s = w->state[w->step];
	uint64_t bytes = call->args[REMAP_TO];

	s->old_address = w->mapping->address;
	s->old_bytes = w->mapping->length_bytes;
	if (call->args[REMAP_HOW] != HOW_MOVE)
		return 0;
	s->target = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			 0);
	if (s->target == MAP_FAILED)
		return -errno;
	if (alone(w))
		munmap(s->target, bytes);
	return 0;
}

static int remap_step(struct worker *w, const struct op_call *call)
{
	static const int flags[] = {
		[HOW_MAY_MOVE] = MREMAP_MAYMOVE,
		[HOW_IN_PLACE] = 0,
		[HOW_MOVE] = MREMAP_MAYMOVE | MREMAP_FIXED,
		[HOW_DONTUNMAP] = MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
	};
	struct remap_state *s = w->state[w->step];
	uint64_t how = call->args[REMAP_HOW], bytes = call->args[REMAP_TO];
	void *address = mremap(s->old_address, s->old_bytes, bytes, flags[how], s->target);

	if (address == MAP_FAILED)
		return -errno;
	w->mapping->address = address;
	w->mapping->length_bytes = bytes;
	return 0;
}

static int remap_after(struct worker *w, const struct op_call *call)
{
	struct remap_state *s = w->state[w->step];

	s->nr_moved += w->mapping->address != s->old_address;
	w->report->value[0] = (double)s->nr_moved / (double)w->report->executions;
	w->report->count[COUNT_CALLS]++;
	if (call->args[REMAP_HOW] == HOW_DONTUNMAP && munmap(s->old_address, s->old_bytes))
		return -errno;
	return 0;
}

static void remap_finish(struct worker *w, const struct op_call *call)
{
	(void)call;
	free(w->state[w->step]);
}

const struct op op_remap = {
	.name = "remap",
	.help = "mremap() the whole mapping to another length or place",
	.args = remap_args,
	.metrics = remap_metrics,
	.traits = OP_NEEDS_MAPPING | OP_ONCE,
	.supported = remap_supported,
	.resident_bytes = remap_resident_bytes,
	.leaves_bytes = remap_leaves_bytes,
	.prepare = remap_prepare,
	.before = remap_before,
	.step = remap_step,
	.after = remap_after,
	.finish = remap_finish,
};
