/* SPDX-License-Identifier: MIT */
/* mprotect() of the worker's part of the mapping. */
#include "ops/op.h"

#include <sys/mman.h>

enum { PROTECT_TO };

static const char *const protect_words[] = { "none",      "read",  "read-write",
					     "read-exec", "write", NULL };
static const int protections[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				   PROT_READ | PROT_EXEC, PROT_WRITE };

static const struct arg protect_args[] = {
	[PROTECT_TO] = { .name = "to",
			 .type = ARG_CHOICE,
			 .choices = protect_words,
			 .help = "the protection that the range gets" },
	{ NULL },
};

static const struct metric protect_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one mprotect()" },
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "elapsed time over base pages of the range" },
	{ NULL },
};

static int protect_step(struct worker *w, const struct op_call *call)
{
	char *start = (char *)w->mapping->address + w->slice_offset;

	if (mprotect(start, w->slice_bytes, protections[call->args[PROTECT_TO]]))
		return -errno;
	w->report->count[COUNT_CALLS]++;
	w->report->count[COUNT_PAGES] += worker_pages(w, w->slice_bytes);
	return 0;
}

const struct op op_protect = {
	.name = "protect",
	.help = "mprotect() the range",
	.args = protect_args,
	.metrics = protect_metrics,
	.traits = OP_NEEDS_MAPPING,
	.step = protect_step,
};
