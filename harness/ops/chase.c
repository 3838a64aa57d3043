/* SPDX-License-Identifier: MIT */
/*
 * Pointer chase: each load gives the address of the next, so that what is measured is latency. One
 * cycle runs through the whole range, laid out in the range itself; several chains walk it at once,
 * apart from each other, to show memory-level parallelism.
 */
#include "ops/op.h"

#include "ops/scatter.h"

#include <stdlib.h>

enum { CHASE_LOADS, CHASE_CHAINS, CHASE_STRIDE, CHASE_ORDER, CHASE_GROUP };
enum { ORDER_FULL, ORDER_GROUP };
enum { VALUE_LATENCY };

#define CHAINS_MAX 10
#define UNROLL     128 /* loads of a chain between two checks of the loop */
#define LINE_BYTES 64

static const char *const chase_orders[] = { "full", "group", NULL };

static const struct arg chase_args[] = {
	[CHASE_LOADS] = { .name = "loads",
			  .type = ARG_COUNT,
			  .initial = "1000000",
			  .minimum = UNROLL,
			  .maximum = 1ull << 40,
			  .help = "loads of each chain, rounded up to whole blocks of 128" },
	[CHASE_CHAINS] = { .name = "chains",
			   .type = ARG_COUNT,
			   .initial = "1",
			   .minimum = 1,
			   .maximum = CHAINS_MAX,
			   .help = "walked at once" },
	[CHASE_STRIDE] = { .name = "stride",
			   .type = ARG_SIZE,
			   .initial = "256B",
			   .minimum = sizeof(void *),
			   .multiple = sizeof(void *),
			   .help = "distance between places; each is loaded once a lap" },
	[CHASE_ORDER] = { .name = "order",
			  .type = ARG_CHOICE,
			  .initial = "full",
			  .choices = chase_orders,
			  .help = "scattered over the whole range (shows the TLB), or within a "
				  "group "
				  "before the next group (hides it)" },
	[CHASE_GROUP] = { .name = "group",
			  .type = ARG_SIZE,
			  .initial = "2MiB",
			  .minimum = 1,
			  .help = "the group of order: group" },
	{ NULL },
};

static const struct metric chase_metrics[] = {
	{ "latency", "ns", BETTER_LOWER, METRIC_VALUE, .slot = VALUE_LATENCY,
	  .help = "one load of a chain, until the next can begin" },
	{ "time_per_load", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_TOUCHES,
	  .help = "elapsed time over the loads of all chains" },
	{ "rate", "1/s", BETTER_HIGHER, METRIC_RATE, COUNT_TOUCHES, .help = "loads a second" },
	{ NULL },
};

struct chase_state {
	void *address[CHAINS_MAX]; /* where each chain is */
	const void *start;         /* where the cycle lies, how long it is, in which mapping */
	uint64_t bytes, contents;
	uint64_t nr_loads;
};

static int chase_check(const struct op_call *call, uint64_t page_bytes, struct error *err)
{
	bool known = !(call->open & (1u << CHASE_STRIDE | 1u << CHASE_GROUP));

	(void)page_bytes;
	if (known && call->args[CHASE_STRIDE] > call->args[CHASE_GROUP] &&
	    call->args[CHASE_ORDER] == ORDER_GROUP)
		return error_set(
			err, -EINVAL,
			"a group is smaller than a stride: enlarge group or shorten stride");
	return 0;
}

static int chase_supported(const struct op_call *call, const struct conditions *c,
			   const struct host *host, struct error *err)
{
	uint64_t stride = call->args[CHASE_STRIDE], bytes = c->map.length_bytes;

	(void)host;
	if (c->layout == LAYOUT_SHARED)
		bytes /= c->nr_workers;
	if (bytes / stride < call->args[CHASE_CHAINS] * 2)
		return error_set(err, -ENOTSUP,
				 "a range this small has no room for the places of %llu chains",
				 (unsigned long long)call->args[CHASE_CHAINS]);
	return 0;
}

static uint64_t chase_resident_bytes(const struct op_call *call, const struct conditions *c,
				     const struct host *host)
{
	(void)call;
	(void)host;
	return written_bytes(c, c->map.length_bytes);
}

static int chase_prepare(struct worker *w, const struct op_call *call)
{
	(void)call;
	w->state[w->step] = calloc(1, sizeof(struct chase_state));
	return w->state[w->step] ? 0 : -ENOMEM;
}

/* Of two levels: groups in scattered order, places inside each in another. full: one group. */
struct cycle {
	char *start;
	uint64_t stride, group_places, nr_places;
	uint64_t lines; /* of a place: the pointer is in one of them */
	struct scatter groups, inside;
};

/* A pointer at the start of every place would leave most sets of the caches idle. */
static struct cycle cycle_of(const struct worker *w, const struct op_call *call)
{
	struct cycle c = { .stride = call->args[CHASE_STRIDE] };

	c.start = (char *)w->mapping->address + w->slice_offset;
	c.nr_places = w->slice_bytes / c.stride;
	c.lines = c.stride % LINE_BYTES ? 1 : c.stride / LINE_BYTES;
	c.group_places = c.nr_places;
	uint64_t group_places = call->args[CHASE_GROUP] / c.stride;

	if (call->args[CHASE_ORDER] == ORDER_GROUP && c.nr_places > group_places) {
		c.group_places = group_places;
		/* Whole groups only: a part of one would have an order of its own. */
		c.nr_places -= c.nr_places % c.group_places;
	}
	if (!c.nr_places)
		return c;
	c.groups = scatter_begin(c.nr_places / c.group_places, w->index + 1);
	c.inside = scatter_begin(c.group_places, w->index + 100);
	return c;
}

static void *cycle_at(const struct cycle *c, uint64_t i)
{
	uint64_t group = scatter_place(&c->groups, i / c->group_places, SCATTER_CHEAP), place;
	struct scatter inside = c->inside;

	/* Each group in another order, or a prefetcher may know the next by the last. */
	inside.seed += group;
	place = group * c->group_places + scatter_place(&inside, i % c->group_places, SCATTER_EVEN);
	return c->start + place * c->stride + scatter_mix(place, 0) % c->lines * LINE_BYTES;
}

/* Untimed: lay the cycle out, once for what the mapping holds. */
static int chase_before(struct worker *w, const struct op_call *call)
{
	struct chase_state *s = w->state[w->step];
	uint64_t n_chains = call->args[CHASE_CHAINS];
	struct cycle c;
	void *first, *here;

	c = cycle_of(w, call);
	if (w->holds == s && s->contents == w->mapping->contents && s->start == c.start &&
	    s->bytes == w->slice_bytes)
		return 0;
	if (c.nr_places < n_chains * 2)
		return error_set(&w->error, -EINVAL, "chase: the range is too small by now");
	first = here = cycle_at(&c, 0);
	for (uint64_t i = 1; i <= c.nr_places; i++) {
		void *next = i < c.nr_places ? cycle_at(&c, i) : first;

		*(void **)here = next;
		here = next;
	}
	for (uint64_t chain = 0; chain < n_chains; chain++)
		s->address[chain] = cycle_at(&c, c.nr_places / n_chains * chain);
	w->holds = s;
	s->start = c.start;
	s->bytes = w->slice_bytes;
	s->contents = w->mapping->contents;
	return 0;
}

/* n is a constant wherever this is inlined: the chains live in registers. */
static inline __attribute__((always_inline)) void walk(struct chase_state *s, uint64_t blocks,
						       unsigned int n)
{
	void *p[CHAINS_MAX];

	for (unsigned int chain = 0; chain < n; chain++)
		p[chain] = s->address[chain];
	for (; blocks; blocks--) {
#pragma GCC unroll 128
		for (unsigned int i = 0; i < UNROLL; i++) {
#pragma GCC unroll 10
			for (unsigned int chain = 0; chain < n; chain++)
				p[chain] = *(void *volatile *)p[chain];
		}
	}
	for (unsigned int chain = 0; chain < n; chain++)
		s->address[chain] = p[chain];
}

/* The formatter takes what the macro makes for one statement. */
/* clang-format off */
#define WALK(n) \
	static void walk_##n(struct chase_state *s, uint64_t blocks) { walk(s, blocks, n); }
WALK(1) WALK(2) WALK(3) WALK(4) WALK(5) WALK(6) WALK(7) WALK(8) WALK(9) WALK(10)
	/* clang-format on */

	static void (*const walks[CHAINS_MAX + 1])(struct chase_state *, uint64_t) = {
		NULL,   walk_1, walk_2, walk_3, walk_4,  walk_5,
		walk_6, walk_7, walk_8, walk_9, walk_10,
	};

static int chase_step(struct worker *w, const struct op_call *call)
{
	struct chase_state *s = w->state[w->step];
	uint64_t blocks = (call->args[CHASE_LOADS] + UNROLL - 1) / UNROLL;

	walks[call->args[CHASE_CHAINS]](s, blocks);
	s->nr_loads += blocks * UNROLL;
	w->report->count[COUNT_TOUCHES] += blocks * UNROLL * call->args[CHASE_CHAINS];
	return 0;
}

static int chase_after(struct worker *w, const struct op_call *call)
{
	const struct chase_state *s = w->state[w->step];

	(void)call;
	w->report->value[VALUE_LATENCY] = (double)w->report->elapsed_ticks * w->clock->ns_per_tick /
					  (double)s->nr_loads;
	return 0;
}

static void chase_finish(struct worker *w, const struct op_call *call)
{
	(void)call;
	free(w->state[w->step]);
}

const struct op op_chase = {
	.name = "chase",
	.help = "follow pointers through the range: load latency",
	.args = chase_args,
	.metrics = chase_metrics,
	.traits = OP_NEEDS_MAPPING,
	.check = chase_check,
	.supported = chase_supported,
	.resident_bytes = chase_resident_bytes,
	.prepare = chase_prepare,
	.before = chase_before,
	.step = chase_step,
	.after = chase_after,
	.finish = chase_finish,
};
