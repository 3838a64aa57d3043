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
	  .help = "bytes of the range a second, dirty or not" },
	{ NULL },
};

static int sync_step(struct worker *w, const struct op_call *call)
{
	char *start = (char *)w->mapping->address + w->slice_offset;

	if (msync(start, w->slice_bytes, sync_flags[call->args[SYNC_MODE]]))
		return -errno;
	w->report->count[COUNT_CALLS]++;
	w->report->count[COUNT_BYTES] += w->slice_bytes;
	return 0;
}

const struct op op_sync = {
	.name = "sync",
	.help = "msync() the range",
	.args = sync_args,
	.metrics = sync_metrics,
	.traits = OP_NEEDS_MAPPING,
	.step = sync_step,
};
