/* SPDX-License-Identifier: MIT */
/*
 * Bandwidth of plain streams through the range: read, write, copy and triad, with the widest
 * vectors that the CPU has, stored through the cache or past it. The arrays are equal parts of the
 * slice.
 */
#include "ops/op.h"

#include "ops/stream_loops.h"
#include "sys/pagemap.h"

#include <stdlib.h>

enum { STREAM_KIND, STREAM_STORES };

static const char *const stream_kinds[] = { "read", "write", "copy", "triad", NULL };
static const char *const stream_stores[] = { "cached", "non-temporal", NULL };

/* Arrays, and what a pass over them reads and writes, in parts of one array. */
static const struct {
	unsigned int arrays, reads, writes;
} kinds[] = {
	[STREAM_READ] = { 1, 1, 0 },
	[STREAM_WRITE] = { 1, 0, 1 },
	[STREAM_COPY] = { 2, 1, 1 },
	[STREAM_TRIAD] = { 3, 2, 1 },
};

static const struct arg stream_args[] = {
	[STREAM_KIND] = { .name = "kind",
			  .type = ARG_CHOICE,
			  .initial = "copy",
			  .choices = stream_kinds,
			  .help = "read a; write a; copy b to a; a = b + 3 c" },
	[STREAM_STORES] = { .name = "stores",
			    .type = ARG_CHOICE,
			    .initial = "cached",
			    .choices = stream_stores,
			    .help = "through the cache, which reads each line before it is "
				    "written, or "
				    "past it" },
	{ NULL },
};

static const struct metric stream_metrics[] = {
	{ "bandwidth", "B/s", BETTER_HIGHER, METRIC_RATE, COUNT_BYTES,
	  .help = "bytes that the program asks for a second, as STREAM counts" },
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one pass" },
	{ NULL },
};

static int stream_supported(const struct op_call *call, const struct conditions *c,
			    const struct host *host, struct error *err)
{
	uint64_t bytes = c->map.length_bytes;
	unsigned int arrays = kinds[call->args[STREAM_KIND]].arrays;

	(void)host;
	if (c->layout == LAYOUT_SHARED)
		bytes /= c->nr_workers;
	if (bytes / arrays < STREAM_BLOCK_BYTES)
		return error_set(err, -ENOTSUP,
				 "stream: a range this small has no room for %u arrays", arrays);
	if (call->args[STREAM_STORES] && !stream_has_non_temporal())
		return error_set(err, -ENOTSUP,
				 "stream: no non-temporal stores on this architecture");
	return 0;
}

static uint64_t stream_resident_bytes(const struct op_call *call, const struct conditions *c,
				      const struct host *host)
{
	(void)call;
	(void)host;
	return written_bytes(c, c->map.length_bytes);
}

/* Which loop this CPU takes is found out once. */
static int stream_prepare(struct worker *w, const struct op_call *call)
{
	stream_pass **pass = malloc(sizeof(*pass));

	if (!pass)
		return -ENOMEM;
	*pass = stream_loop((enum stream_kind)call->args[STREAM_KIND], call->args[STREAM_STORES]);
	w->state[w->step] = pass;
	return 0;
}

static int stream_step(struct worker *w, const struct op_call *call)
{
	uint64_t kind = call->args[STREAM_KIND];
	uint64_t part = w->slice_bytes / kinds[kind].arrays / STREAM_BLOCK_BYTES *
			STREAM_BLOCK_BYTES;
	char *a = (char *)w->mapping->address + w->slice_offset;
	stream_pass **pass = w->state[w->step];

	(*pass)(a, a + part, a + 2 * part, part);
	w->report->count[COUNT_BYTES] += part * (kinds[kind].reads + kinds[kind].writes);
	return 0;
}

/*
 * Where nothing was written all pages are the one zero page: what is read then comes from the
 * cache.
 */
static int stream_verify(struct worker *w, const struct op_call *call)
{
	const struct map_request *map = &w->conditions->map;
	unsigned int arrays = kinds[call->args[STREAM_KIND]].arrays;
	uint64_t pages = worker_pages(w, w->slice_bytes), own;

	if (!kinds[call->args[STREAM_KIND]].reads || (map->flags & MAP_TYPE) != MAP_PRIVATE ||
	    map->backing != BACKING_ANONYMOUS ||
	    pagemap_own((char *)w->mapping->address + w->slice_offset, w->slice_bytes,
			w->host->page_bytes, &own))
		return 0;
	if (own < pages - pages / arrays / 10)
		worker_note(
			w, false,
			"it reads pages that nobody wrote, the one zero page: touch them first");
	return 0;
}

static void stream_finish(struct worker *w, const struct op_call *call)
{
	(void)call;
	free(w->state[w->step]);
}

const struct op op_stream = {
	.name = "stream",
	.help = "stream through the range: memory bandwidth",
	.args = stream_args,
	.metrics = stream_metrics,
	.traits = OP_NEEDS_MAPPING | OP_OVERWRITES,
	.supported = stream_supported,
	.resident_bytes = stream_resident_bytes,
	.prepare = stream_prepare,
	.step = stream_step,
	.verify = stream_verify,
	.finish = stream_finish,
};
