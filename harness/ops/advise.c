/* SPDX-License-Identifier: MIT */
/* madvise() of the worker's part of the mapping. */
#include "ops/op.h"

#include <sys/mman.h>

/* Newer than the oldest C library that this is built with. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1, include/uapi/asm-generic/mman-common.h */
#endif

enum { ADVISE_ADVICE, ADVISE_AMOUNT };

static const char *const advice_words[] = {
	"normal",      "random",   "sequential", "willneed",      "dontneed",       "free",
	"remove",      "dontfork", "dofork",     "wipeonfork",    "keeponfork",     "mergeable",
	"unmergeable", "hugepage", "nohugepage", "collapse",      "cold",           "pageout",
	"dontdump",    "dodump",   "hwpoison",   "populate_read", "populate_write", NULL,
};

/* In the order of the words: the number, and the first kernel that knows it where it is recent. */
static const struct {
	int advice;
	unsigned int since; /* as host.kernel_version */
	bool makes_resident;
} advices[] = {
	{ MADV_NORMAL, 0, false },
	{ MADV_RANDOM, 0, false },
	{ MADV_SEQUENTIAL, 0, false },
	{ MADV_WILLNEED, 0, false },
	{ MADV_DONTNEED, 0, false },
	{ MADV_FREE, 0x040500, false },
	{ MADV_REMOVE, 0, false },
	{ MADV_DONTFORK, 0, false },
	{ MADV_DOFORK, 0, false },
	{ MADV_WIPEONFORK, 0x040e00, false },
	{ MADV_KEEPONFORK, 0x040e00, false },
	{ MADV_MERGEABLE, 0, false },
	{ MADV_UNMERGEABLE, 0, false },
	{ MADV_HUGEPAGE, 0, false },
	{ MADV_NOHUGEPAGE, 0, false },
	{ MADV_COLLAPSE, 0x060100, true },
	{ MADV_COLD, 0x050400, false },
	{ MADV_PAGEOUT, 0x050400, false },
	{ MADV_DONTDUMP, 0, false },
	{ MADV_DODUMP, 0, false },
	{ MADV_HWPOISON, 0, false },
	{ MADV_POPULATE_READ, 0x050e00, true },
	{ MADV_POPULATE_WRITE, 0x050e00, true },
};

static const struct arg advise_args[] = {
	[ADVISE_ADVICE] = { .name = "advice",
			    .type = ARG_CHOICE,
			    .choices = advice_words,
			    .help = "MADV_… in small letters" },
	[ADVISE_AMOUNT] = { .name = "amount",
			    .type = ARG_SIZE,
			    .initial = "100% mapping",
			    .help = "how much of the mapping, from its start" },
	{ NULL },
};

static const struct metric advise_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one madvise()" },
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "elapsed time over base pages of the range" },
	{ NULL },
};

static int advise_supported(const struct op_call *call, const struct conditions *c,
			    const struct host *host, struct error *err)
{
	unsigned int since = advices[call->args[ADVISE_ADVICE]].since;

	(void)c;
	if (host->kernel_version < since)
		return error_set(err, -ENOTSUP, "advise %s needs Linux %u.%u, this is %s",
				 advice_words[call->args[ADVISE_ADVICE]], since >> 16,
				 since >> 8 & 0xff, host->kernel_release);
	return 0;
}

static uint64_t advise_resident_bytes(const struct op_call *call, const struct conditions *c,
				      const struct host *host)
{
	uint64_t amount = call->args[ADVISE_AMOUNT];

	(void)host;
	if (!advices[call->args[ADVISE_ADVICE]].makes_resident)
		return 0;
	return amount < c->map.length_bytes ? amount : c->map.length_bytes;
}

static int advise_step(struct worker *w, const struct op_call *call)
{
	uint64_t bytes = worker_share(w, call->args[ADVISE_AMOUNT]);
	char *start = (char *)w->mapping->address + w->slice_offset;

	if (madvise(start, bytes, advices[call->args[ADVISE_ADVICE]].advice))
		return -errno;
	w->report->count[COUNT_CALLS]++;
	w->report->count[COUNT_PAGES] += bytes / w->host->page_bytes;
	return 0;
}

const struct op op_advise = {
	.name = "advise",
	.help = "madvise() the range",
	.args = advise_args,
	.metrics = advise_metrics,
	.traits = OP_NEEDS_MAPPING | OP_OVERWRITES,
	.supported = advise_supported,
	.resident_bytes = advise_resident_bytes,
	.step = advise_step,
};
