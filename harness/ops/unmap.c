/* SPDX-License-Identifier: MIT */
/*
 * munmap() of the mapping or a part of it. Later steps go on with what is left: cut at an end it is
 * shorter; a hole inside stays in its range, and what reaches into it meets the kernel's refusal.
 */
#include "ops/op.h"

enum { UNMAP_FROM, UNMAP_AMOUNT };

static const struct arg unmap_args[] = {
	[UNMAP_FROM] = { .name = "from",
			 .type = ARG_SIZE,
			 .initial = "0",
			 .multiple = ARG_PAGE,
			 .help = "where in the mapping it begins, in whole pages" },
	[UNMAP_AMOUNT] = { .name = "amount",
			   .type = ARG_SIZE,
			   .initial = "100% mapping",
			   .minimum = 1,
			   .help = "how much from there, at most to the mapping's end" },
	{ NULL },
};

static const struct metric unmap_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one munmap()" },
	{ "time_per_page", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_PAGES,
	  .help = "elapsed time over base pages of the range" },
	{ NULL },
};

static int unmap_supported(const struct op_call *call, const struct conditions *c,
			   const struct host *host, struct error *err)
{
	/* All of it, of whatever length. */
	if (!call->args[UNMAP_FROM] && call->args[UNMAP_AMOUNT] >= c->map.length_bytes)
		return 0;
	(void)host;
	return op_part_supported(call->args[UNMAP_FROM], call->args[UNMAP_AMOUNT], c, err);
}

/* How much lies behind `from` < length: what reached to the end of all that was mapped still does.
 */
static uint64_t part_bytes(const struct op_call *call, const struct conditions *c, uint64_t length)
{
	uint64_t rest = length - call->args[UNMAP_FROM], amount = call->args[UNMAP_AMOUNT];

	return amount < rest && amount < c->map.length_bytes ? amount : rest;
}

static uint64_t unmap_leaves_bytes(const struct op_call *call, const struct conditions *c,
				   uint64_t before_bytes)
{
	uint64_t from = call->args[UNMAP_FROM], bytes;

	if (from >= before_bytes)
		return before_bytes;
	bytes = part_bytes(call, c, before_bytes);
	if (bytes == before_bytes - from)
		return from;
	return from ? before_bytes : before_bytes - bytes;
}

static int unmap_step(struct worker *w, const struct op_call *call)
{
	uint64_t length = w->mapping->length_bytes, page = w->host->page_bytes;
	uint64_t from = call->args[UNMAP_FROM], bytes;
	int r;

	if (from >= length || w->mapping->address == MAP_FAILED)
		return error_set(&w->error, -EINVAL, "nothing of the mapping lies there by now");
	bytes = part_bytes(call, w->conditions, length);
	if (bytes == length)
		r = mapping_unmap(w->mapping);
	else
		r = mapping_unmap_part(w->mapping, from, (bytes + page - 1) & ~(page - 1));
	if (r)
		return r;
	w->report->count[COUNT_CALLS]++;
	w->report->count[COUNT_PAGES] += worker_pages(w, bytes);
	return 0;
}

static int unmap_after(struct worker *w, const struct op_call *call)
{
	(void)call;
	if (w->mapping->address == MAP_FAILED)
		mapping_close(w->mapping);
	return 0;
}

static bool unmap_plain(const struct op_call *call, const struct conditions *c)
{
	(void)call;
	return !mapping_has_object(&c->map);
}

const struct op op_unmap = {
	.name = "unmap",
	.help = "munmap() the range or a part of it",
	.args = unmap_args,
	.metrics = unmap_metrics,
	.traits = OP_UNMAPS | OP_NEEDS_MAPPING | OP_ONCE,
	.supported = unmap_supported,
	.leaves_bytes = unmap_leaves_bytes,
	.plain = unmap_plain,
	.step = unmap_step,
	.after = unmap_after,
};
