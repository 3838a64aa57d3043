/* SPDX-License-Identifier: MIT */
/* mmap() of what the axes ask for. Policy and advice follow untimed, before anything touches it. */
#include "ops/op.h"

#include <stdlib.h>
#include <string.h>

enum { MAP_ADDRESS };

static const struct arg map_args[] = {
	[MAP_ADDRESS] = { .name = "address",
			  .type = ARG_ADDRESS,
			  .initial = "0",
			  .help = "where to map: a hint, or the place with fixed-noreplace; 0: "
				  "anywhere" },
	{ NULL },
};

static const struct metric map_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one mmap()" },
	{ NULL },
};

/* What becomes resident by mmap() itself: all of it where the flags populate or lock. */
static uint64_t map_resident_bytes(const struct op_call *call, const struct conditions *c,
				   const struct host *host)
{
	(void)call;
	(void)host;
	if (!(c->map.flags & (MAP_POPULATE | MAP_LOCKED)))
		return 0;
	return written_bytes(c, c->map.length_bytes);
}

/*
 * Workers that map for themselves get hints with a gap between them: neighbours would be merged
 * into one mapping, which is another scenario. A length that does not fit that often gets none.
 */
static uint64_t worker_hint(const struct worker *w, const struct map_request *request)
{
	uint64_t gap = 2ull << 30, limit = 1ull << (w->host->address_bits - 1), first = 1ull << 40;
	uint64_t step;

	if (w->nr_workers == 1 || w->conditions->layout != LAYOUT_PER_WORKER ||
	    request->flags & MAP_32BIT || request->flags & MAP_FIXED_NOREPLACE ||
	    __builtin_add_overflow(request->length_bytes, gap, &step))
		return request->address;
	step -= step % (1ull << 30);
	if (request->address)
		first = request->address;
	if (step > (limit - first) / w->nr_workers)
		return request->address;
	return first + w->index * step;
}

static int map_prepare(struct worker *w, const struct op_call *call)
{
	struct map_request *request = malloc(sizeof(*request));

	if (!request)
		return -ENOMEM;
	*request = w->conditions->map;
	if (call->args[MAP_ADDRESS])
		request->address = call->args[MAP_ADDRESS];
	request->address = worker_hint(w, request);
	w->state[w->step] = request;
	return 0;
}

static int map_before(struct worker *w, const struct op_call *call)
{
	int r = mapping_open(w->state[w->step], w->mapping);

	(void)call;
	if (r)
		error_set_errno(&w->error, r, "cannot make the object behind the mapping");
	return r;
}

static int map_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	w->mapping->request = w->state[w->step];
	return mapping_map(w->mapping);
}

static int map_after(struct worker *w, const struct op_call *call)
{
	(void)call;
	return mapping_settle(w->mapping, w->host, &w->error);
}

static bool map_plain(const struct op_call *call, const struct conditions *c)
{
	(void)call;
	return !mapping_has_object(&c->map) && c->map.thp == THP_AS_SET &&
	       c->map.numa.mode == NUMA_DEFAULT;
}

static void map_finish(struct worker *w, const struct op_call *call)
{
	(void)call;
	free(w->state[w->step]);
	w->state[w->step] = NULL;
}

const struct op op_map = {
	.name = "map",
	.help = "mmap() a range as the axes ask for it",
	.args = map_args,
	.metrics = map_metrics,
	.traits = OP_MAPS | OP_ONCE,
	.resident_bytes = map_resident_bytes,
	.plain = map_plain,
	.prepare = map_prepare,
	.before = map_before,
	.step = map_step,
	.after = map_after,
	.finish = map_finish,
};
