/* SPDX-License-Identifier: MIT */
/* mlock() and munlock() of the worker's part of the mapping. */
#include "ops/op.h"

#include <sys/mman.h>

enum { LOCK_PAGES };
enum { PAGES_NOW, PAGES_ON_FAULT };

static const char *const lock_pages[] = { "now", "on-fault", NULL };

static const struct arg lock_args[] = {
	[LOCK_PAGES] = { .name = "pages",
			 .type = ARG_CHOICE,
			 .initial = "now",
			 .choices = lock_pages,
			 .help = "make all of it resident now, or lock each page as it is faulted "
				 "in" },
	{ NULL },
};

static const struct metric lock_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one call" },
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "elapsed time over base pages of the range" },
	{ NULL },
};

static uint64_t lock_resident_bytes(const struct op_call *call, const struct conditions *c,
				    const struct host *host)
{
	(void)host;
	return call->args[LOCK_PAGES] == PAGES_NOW ? written_bytes(c, c->map.length_bytes) : 0;
}

static void count_range(struct worker *w)
{
	w->report->count[COUNT_CALLS]++;
	w->report->count[COUNT_PAGES] += worker_pages(w, w->slice_bytes);
}

static int lock_step(struct worker *w, const struct op_call *call)
{
	static const unsigned int flags[] = { [PAGES_NOW] = 0, [PAGES_ON_FAULT] = MLOCK_ONFAULT };
	char *start = (char *)w->mapping->address + w->slice_offset;

	if (mlock2(start, w->slice_bytes, flags[call->args[LOCK_PAGES]]))
		return -errno;
	count_range(w);
	return 0;
}

static int unlock_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	if (munlock((char *)w->mapping->address + w->slice_offset, w->slice_bytes))
		return -errno;
	count_range(w);
	return 0;
}

const struct op op_lock = {
	.name = "lock",
	.help = "mlock() the range",
	.args = lock_args,
	.metrics = lock_metrics,
	.traits = OP_NEEDS_MAPPING,
	.resident_bytes = lock_resident_bytes,
	.step = lock_step,
};

const struct op op_unlock = {
	.name = "unlock",
	.help = "munlock() the range",
	.metrics = lock_metrics,
	.traits = OP_NEEDS_MAPPING,
	.step = unlock_step,
};
