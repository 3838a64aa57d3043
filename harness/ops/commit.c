/* SPDX-License-Identifier: MIT */
/*
 * How runtimes allocate: a large range is reserved without access, then piece by piece made
 * writable and touched. Use it on a mapping with protection none.
 */
#include "ops/op.h"

#include "ops/events.h"

#include <sys/mman.h>

enum { COMMIT_PIECE, COMMIT_AMOUNT };

static const struct arg commit_args[] = {
	[COMMIT_PIECE] = { .name = "piece",
			   .type = ARG_SIZE,
			   .initial = "64KiB",
			   .minimum = 1,
			   .multiple = ARG_PAGE,
			   .help = "made writable by one mprotect()" },
	[COMMIT_AMOUNT] = { .name = "amount",
			    .type = ARG_SIZE,
			    .initial = "100% mapping",
			    .minimum = 1,
			    .help = "how much of the mapping, from its start" },
	{ NULL },
};

static const struct metric commit_metrics[] = {
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "mprotect() and first touch, over pages" },
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "the whole step" },
	{ NULL },
};

static uint64_t commit_resident_bytes(const struct op_call *call, const struct conditions *c,
				      const struct host *host)
{
	uint64_t amount = call->args[COMMIT_AMOUNT];

	(void)host;
	return written_bytes(c, amount < c->map.length_bytes ? amount : c->map.length_bytes);
}

static int commit_step(struct worker *w, const struct op_call *call)
{
	char *start = (char *)w->mapping->address + w->slice_offset;
	uint64_t bytes = worker_share(w, call->args[COMMIT_AMOUNT]);
	uint64_t page = w->host->page_bytes, piece = call->args[COMMIT_PIECE];
	struct events events;

	events_begin(&events, w, call);
	for (uint64_t done = 0; done < bytes; done += piece) {
		uint64_t now = bytes - done < piece ? bytes - done : piece;

		if (mprotect(start + done, now, PROT_READ | PROT_WRITE))
			return -errno;
		for (uint64_t at = 0; at < now; at += page)
			*(volatile char *)(start + done + at) = 1;
		w->report->count[COUNT_CALLS]++;
		events_next(&events);
	}
	events_end(&events);
	w->report->count[COUNT_PAGES] += worker_pages(w, bytes);
	w->report->count[COUNT_BYTES] += bytes;
	return 0;
}

const struct op op_commit = {
	.name = "commit",
	.help = "make a reserved range writable piece by piece, touching each",
	.args = commit_args,
	.metrics = commit_metrics,
	.traits = OP_NEEDS_MAPPING | OP_OVERWRITES,
	.event = "piece",
	.resident_bytes = commit_resident_bytes,
	.step = commit_step,
};
