/* SPDX-License-Identifier: MIT */
/*
 * Touch memory and then be slower than that by a known share: real work with its real noise and a
 * slowdown that is known, to find out what a comparison would have found.
 */
#include "ops/op.h"

#include "base/size.h"

#include <errno.h>
#include <stdlib.h>

enum { DELAY_SHARE, DELAY_DURATION, DELAY_AMOUNT };

static const struct arg delay_args[] = {
	[DELAY_SHARE] = { .name = "share",
			  .type = ARG_SHARE,
			  .initial = "0%",
			  .help = "of the touches and the duration, spent in a busy loop" },
	[DELAY_DURATION] = { .name = "duration",
			     .type = ARG_DURATION,
			     .initial = "0ns",
			     .help = "spent in a busy loop besides" },
	[DELAY_AMOUNT] = { .name = "amount",
			   .type = ARG_SIZE,
			   .initial = "100% mapping",
			   .minimum = 1,
			   .help = "how much of the mapping is touched, from its start" },
	{ NULL },
};

static const struct metric delay_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "touches and busy loop" },
	{ NULL },
};

struct delay {
	double share;
	uint64_t ticks;
};

static uint64_t delay_resident_bytes(const struct op_call *call, const struct conditions *c,
				     const struct host *host)
{
	uint64_t amount = call->args[DELAY_AMOUNT];

	(void)host;
	return written_bytes(c, amount < c->map.length_bytes ? amount : c->map.length_bytes);
}

static int delay_prepare(struct worker *w, const struct op_call *call)
{
	struct delay *d = malloc(sizeof(*d));

	if (!d)
		return error_set(&w->error, -ENOMEM, "delay: out of memory");
	d->share = (double)call->args[DELAY_SHARE] / 1e6;
	d->ticks = (uint64_t)((double)call->args[DELAY_DURATION] / w->clock->ns_per_tick);
	w->state[w->step] = d;
	return 0;
}

static int delay_step(struct worker *w, const struct op_call *call)
{
	const struct delay *d = w->state[w->step];
	char *start = (char *)w->mapping->address + w->slice_offset;
	uint64_t bytes = worker_share(w, call->args[DELAY_AMOUNT]), page = w->host->page_bytes;
	uint64_t begin = clock_ticks(w->clock), work, end;

	for (uint64_t at = 0; at < bytes; at += page)
		*(volatile char *)(start + at) = 1;
	work = clock_ticks(w->clock) - begin + d->ticks;
	end = begin + work + (uint64_t)((double)work * d->share);
	while (clock_ticks(w->clock) < end)
		;
	w->report->count[COUNT_TOUCHES] += worker_pages(w, bytes);
	return 0;
}

static void delay_finish(struct worker *w, const struct op_call *call)
{
	(void)call;
	free(w->state[w->step]);
	w->state[w->step] = NULL;
}

const struct op op_delay = {
	.name = "delay",
	.help = "touch each page, then wait busily: a known slowdown, to test comparisons with",
	.args = delay_args,
	.metrics = delay_metrics,
	.traits = OP_NEEDS_MAPPING | OP_OVERWRITES,
	.resident_bytes = delay_resident_bytes,
	.prepare = delay_prepare,
	.step = delay_step,
	.finish = delay_finish,
};
