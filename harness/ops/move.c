/* SPDX-License-Identifier: MIT */
/* move_pages(): take the range's resident pages to another NUMA node. */
#include "ops/op.h"

#include "sys/numa.h"

#include <stdlib.h>

enum { MOVE_TO };
enum { VALUE_ARRIVED };

static const struct arg move_args[] = {
	[MOVE_TO] = { .name = "to",
		      .type = ARG_COUNT,
		      .maximum = HOST_NODES_MAX - 1,
		      .help = "number of the node" },
	{ NULL },
};

static const struct metric move_metrics[] = {
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "elapsed time over pages that arrived" },
	{ "bandwidth", "B/s", BETTER_HIGHER, METRIC_RATE, COUNT_BYTES,
	  .help = "bytes that arrived, a second" },
	{ "arrived", "1", BETTER_HIGHER, METRIC_VALUE, .slot = VALUE_ARRIVED,
	  .help = "share of the pages from elsewhere that are on the node afterwards" },
	{ NULL },
};

static int move_supported(const struct op_call *call, const struct conditions *c,
			  const struct host *host, struct error *err)
{
	(void)c;
	if (host_node_index(host, (unsigned int)call->args[MOVE_TO]) < 0)
		return error_set(err, -ENOTSUP, "move: this machine has no node %u",
				 (unsigned int)call->args[MOVE_TO]);
	return 0;
}

/* The tables for move_pages(). */
static uint64_t move_resident_bytes(const struct op_call *call, const struct conditions *c,
				    const struct host *host)
{
	(void)call;
	return c->map.length_bytes / host->page_bytes * NUMA_MOVE_BYTES;
}

/* A table of pages a slice: made before, since malloc() is no part of moving. */
static int move_before(struct worker *w, const struct op_call *call)
{
	free(w->state[w->step]);
	w->state[w->step] = numa_move_begin(w->host, (char *)w->mapping->address + w->slice_offset,
					    w->slice_bytes, (unsigned int)call->args[MOVE_TO]);
	return w->state[w->step] ? 0 : -ENOMEM;
}

static int move_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	return numa_move(w->state[w->step]);
}

static int move_after(struct worker *w, const struct op_call *call)
{
	uint64_t asked, arrived;
	int r = numa_move_count(w->state[w->step], &asked, &arrived);

	w->report->count[COUNT_CALLS]++;
	if (r)
		return error_set_errno(&w->error, r, "cannot ask where the pages are");
	if (!asked) {
		worker_note(w, false, "every page was on node %u already: nothing was moved",
			    (unsigned int)call->args[MOVE_TO]);
		return 0;
	}
	w->report->count[COUNT_PAGES] += arrived;
	w->report->count[COUNT_BYTES] += arrived * w->host->page_bytes;
	w->report->value[VALUE_ARRIVED] = (double)arrived / (double)asked;
	return 0;
}

static void move_finish(struct worker *w, const struct op_call *call)
{
	(void)call;
	free(w->state[w->step]);
}

const struct op op_move = {
	.name = "move",
	.help = "move_pages() of the range to a NUMA node",
	.args = move_args,
	.metrics = move_metrics,
	.traits = OP_NEEDS_MAPPING,
	.supported = move_supported,
	.resident_bytes = move_resident_bytes,
	.before = move_before,
	.step = move_step,
	.after = move_after,
	.finish = move_finish,
};
