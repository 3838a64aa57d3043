/* SPDX-License-Identifier: MIT */
/* mprotect() of the mapping or a part of it, each worker in its own slice. */
#include "ops/op.h"

#include <sys/mman.h>

enum { PROTECT_TO, PROTECT_FROM, PROTECT_AMOUNT };

static const char *const protect_words[] = { "none",      "read",  "read-write",
					     "read-exec", "write", NULL };
static const int protections[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				   PROT_READ | PROT_EXEC, PROT_WRITE };

static const struct arg protect_args[] = {
	[PROTECT_TO] = { .name = "to",
			 .type = ARG_CHOICE,
			 .choices = protect_words,
			 .help = "the protection that the range gets" },
	[PROTECT_FROM] = { .name = "from",
			   .type = ARG_SIZE,
			   .initial = "0",
			   .multiple = ARG_PAGE,
			   .help = "where in the mapping it begins, in whole pages" },
	[PROTECT_AMOUNT] = { .name = "amount",
			     .type = ARG_SIZE,
			     .initial = "100% mapping",
			     .minimum = 1,
			     .help = "how much from there, at most to the mapping's end" },
	{ NULL },
};

static const struct metric protect_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one mprotect()" },
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "elapsed time over base pages of the range" },
	{ NULL },
};

static int protect_supported(const struct op_call *call, const struct conditions *c,
			     const struct host *host, struct error *err)
{
	(void)host;
	return op_part_supported(call->args[PROTECT_FROM], call->args[PROTECT_AMOUNT], c, err);
}

static int protect_step(struct worker *w, const struct op_call *call)
{
	uint64_t offset, bytes = worker_part(w, call->args[PROTECT_FROM],
					     call->args[PROTECT_AMOUNT], &offset);

	if (!bytes)
		return 0;
	if (mprotect((char *)w->mapping->address + offset, bytes,
		     protections[call->args[PROTECT_TO]]))
		return -errno;
	w->report->count[COUNT_CALLS]++;
	w->report->count[COUNT_PAGES] += worker_pages(w, bytes);
	return 0;
}

const struct op op_protect = {
	.name = "protect",
	.help = "mprotect() the range or a part of it",
	.args = protect_args,
	.metrics = protect_metrics,
	.traits = OP_NEEDS_MAPPING,
	.supported = protect_supported,
	.step = protect_step,
};
