/* SPDX-License-Identifier: MIT */
/* msync() of the worker's part of the mapping. */
#include "ops/op.h"

#include <sys/mman.h>

enum { SYNC_MODE };

static const char *const sync_modes[] = { "sync", "async", "invalidate", NULL };
static const int sync_flags[] = { MS_SYNC, MS_ASYNC, MS_INVALIDATE };

static const struct arg sync_args[] = {
	[SYNC_MODE] = { .name = "mode",
			.type = ARG_CHOICE,
			.initial = "sync",
			.choices = sync_modes,
			.help = "MS_SYNC, MS_ASYNC or MS_INVALIDATE" },
	{ NULL },
};

static const struct metric sync_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one msync()" },
	{ "bandwidth", "B/s", BETTER_HIGHER, METRIC_RATE, COUNT_BYTES,
	  .help = "dirty bytes of the range that were written back, a second" },
	{ NULL },
};

/*
 * Only MS_SYNC of a shared file writes: MS_ASYNC has done nothing since 2.6.19, and other memory
 * has nothing behind it (msync(2), mm/msync.c).
 */
static bool writes_back(const struct worker *w, const struct op_call *call)
{
	const struct map_request *map = &w->conditions->map;

	return sync_flags[call->args[SYNC_MODE]] == MS_SYNC && map->backing == BACKING_FILE &&
	       (map->flags & MAP_TYPE) != MAP_PRIVATE;
}

/* What there is to write: no more than that is written, however large the range is. */
static int sync_before(struct worker *w, const struct op_call *call)
{
	uint64_t dirty = 0;
	int r = 0;

	if (writes_back(w, call))
		r = mapping_dirty(w->mapping, w->slice_offset, w->slice_bytes, w->host->page_bytes,
				  &dirty);
	if (r)
		worker_note_unknown(w, "how much was dirty", r);
	else if (!dirty)
		worker_note(w, false, "some or all calls found nothing dirty to write back");
	w->report->count[COUNT_BYTES] += dirty;
	return 0;
}

static int sync_step(struct worker *w, const struct op_call *call)
{
	char *start = (char *)w->mapping->address + w->slice_offset;

	if (msync(start, w->slice_bytes, sync_flags[call->args[SYNC_MODE]]))
		return -errno;
	w->report->count[COUNT_CALLS]++;
	return 0;
}

const struct op op_sync = {
	.name = "sync",
	.help = "msync() the range",
	.args = sync_args,
	.metrics = sync_metrics,
	.traits = OP_NEEDS_MAPPING,
	.before = sync_before,
	.step = sync_step,
};
