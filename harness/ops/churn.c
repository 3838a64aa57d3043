/* SPDX-License-Identifier: MIT */
/*
 * Map and unmap over and over, in a loop of its own: how often a second, with nothing between the
 * calls but the loop. Steps map and unmap time each call; here no stamp comes between two.
 */
#include "ops/op.h"

#include "ops/events.h"

#include <stdlib.h>

enum { CHURN_PAIRS, CHURN_LIVE };

static const struct arg churn_args[] = {
	[CHURN_PAIRS] = { .name = "pairs",
			  .type = ARG_COUNT,
			  .initial = "1000",
			  .minimum = 1,
			  .maximum = 1u << 30,
			  .help = "how often a worker maps and unmaps" },
	[CHURN_LIVE] = { .name = "live",
			 .type = ARG_COUNT,
			 .initial = "1",
			 .minimum = 1,
			 .maximum = 1u << 16,
			 .help = "how many stand at a time: then the oldest goes first; the "
				 "kernel may merge neighbours" },
	{ NULL },
};

static const struct metric churn_metrics[] = {
	{ "time_per_pair", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_CALLS,
	  .help = "one mmap() and one munmap()" },
	{ "pair_rate", "1/s", BETTER_HIGHER, METRIC_RATE, COUNT_CALLS,
	  .help = "mappings made and taken away a second" },
	{ NULL },
};

struct churn_state {
	struct mapping object; /* what all are mappings of; its fd is theirs */
	struct mapping live[]; /* a ring */
};

static int churn_check(const struct op_call *call, uint64_t page_bytes, struct error *err)
{
	(void)page_bytes;
	if (call->args[CHURN_LIVE] > call->args[CHURN_PAIRS])
		return error_set(err, -EINVAL, "live %llu is more than its pairs, %llu",
				 (unsigned long long)call->args[CHURN_LIVE],
				 (unsigned long long)call->args[CHURN_PAIRS]);
	return 0;
}

/* Between mmap() and its pages nothing comes here: no place, no advice, no policy. */
static int churn_supported(const struct op_call *call, const struct conditions *c,
			   const struct host *host, struct error *err)
{
	bool filled = c->map.flags & (MAP_POPULATE | MAP_LOCKED);

	(void)call;
	(void)host;
	if (c->map.flags & MAP_FIXED_NOREPLACE)
		return error_set(err, -ENOTSUP,
				 "churn maps wherever there is room: fixed-noreplace asks for a "
				 "place");
	if (filled && (c->map.thp != THP_AS_SET || c->map.numa.mode != NUMA_DEFAULT))
		return error_set(err, -ENOTSUP,
				 "churn gives its mappings neither hugepages nor numa before they "
				 "are filled: take steps map and unmap");
	return 0;
}

/* The ring, what the kernel keeps of a mapping, and all pages where the flags ask for them. */
static uint64_t churn_resident_bytes(const struct op_call *call, const struct conditions *c,
				     const struct host *host)
{
	uint64_t each = sizeof(struct mapping) + 256, all;

	(void)host;
	if (c->map.flags & (MAP_POPULATE | MAP_LOCKED))
		each += written_bytes(c, c->map.length_bytes);
	return __builtin_mul_overflow(each, call->args[CHURN_LIVE], &all) ? UINT64_MAX : all;
}

static int churn_prepare(struct worker *w, const struct op_call *call)
{
	uint64_t n = call->args[CHURN_LIVE];
	struct churn_state *s = malloc(sizeof(*s) + n * sizeof(s->live[0]));
	int r;

	if (!s)
		return -ENOMEM;
	s->object = MAPPING_NONE;
	r = mapping_open(&w->conditions->map, &s->object);
	if (r) {
		free(s);
		return error_set_errno(&w->error, r, "cannot make the object behind the mapping");
	}
	for (uint64_t i = 0; i < n; i++) {
		s->live[i] = MAPPING_NONE;
		s->live[i].fd = s->object.fd;
		s->live[i].request = &w->conditions->map;
	}
	w->state[w->step] = s;
	return 0;
}

static int unmap_all(struct churn_state *s, uint64_t n, uint64_t oldest)
{
	for (uint64_t i = 0; i < n; i++) {
		struct mapping *m = &s->live[oldest + i < n ? oldest + i : oldest + i - n];
		int r = m->address == MAP_FAILED ? 0 : mapping_unmap(m);

		if (r)
			return r;
	}
	return 0;
}

static int churn_step(struct worker *w, const struct op_call *call)
{
	struct churn_state *s = w->state[w->step];
	uint64_t pairs = call->args[CHURN_PAIRS], live = call->args[CHURN_LIVE], at = 0, done = 0;
	struct events events;
	int r = 0;

	events_begin(&events, w, call);
	for (; done < pairs && !r; done++) {
		struct mapping *m = &s->live[at];

		if (m->address != MAP_FAILED)
			r = mapping_unmap(m);
		if (!r)
			r = mapping_map(m);
		if (!r)
			events_next(&events);
		at = at + 1 < live ? at + 1 : 0;
	}
	events_end(&events);
	if (r)
		return error_set_errno(&w->error, r, "after %llu mappings",
				       (unsigned long long)done - 1);
	r = unmap_all(s, live, at);
	w->report->count[COUNT_CALLS] += pairs; /* to mmap(), as many counts them */
	return r;
}

static void churn_finish(struct worker *w, const struct op_call *call)
{
	struct churn_state *s = w->state[w->step];

	if (!s)
		return;
	unmap_all(s, call->args[CHURN_LIVE], 0); /* a refused step left some */
	mapping_close(&s->object);
	free(s);
	w->state[w->step] = NULL;
}

const struct op op_churn = {
	.name = "churn",
	.help = "mmap() and munmap() as the axes ask for it, over and over",
	.args = churn_args,
	.metrics = churn_metrics,
	.event = "pair",
	.check = churn_check,
	.supported = churn_supported,
	.resident_bytes = churn_resident_bytes,
	.prepare = churn_prepare,
	.step = churn_step,
	.finish = churn_finish,
};
