/* SPDX-License-Identifier: MIT */
/*
 * Many small mappings that cannot be merged: neighbours differ in protection. Towards
 * vm.max_map_count the kernel refuses with ENOMEM.
 */
#include "ops/op.h"

#include "ops/events.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { MANY_COUNT, MANY_SIZE };

static const struct arg many_args[] = {
	[MANY_COUNT] = { .name = "count",
			 .type = ARG_COUNT,
			 .initial = "1000",
			 .minimum = 1,
			 .maximum = 1u << 24,
			 .help = "how many mappings a worker makes" },
	[MANY_SIZE] = { .name = "size",
			.type = ARG_SIZE,
			.initial = "1 page",
			.minimum = 1,
			.help = "of each of them" },
	{ NULL },
};

static const struct metric many_metrics[] = {
	{ "time_per_map", "ns", BETTER_LOWER, METRIC_TIME_PER, COUNT_CALLS, .help = "one mmap()" },
	{ NULL },
};

struct many_state {
	uint64_t made;
	uint64_t hint; /* of the first mapping; 0: none */
	void *address[];
};

/* The table, and what the kernel keeps of a mapping (a vm_area_struct has some 200 bytes). */
static uint64_t many_resident_bytes(const struct op_call *call, const struct conditions *c,
				    const struct host *host)
{
	(void)c;
	(void)host;
	return call->args[MANY_COUNT] * (sizeof(void *) + 256);
}

/*
 * Threads that map at once would become neighbours, and their mappings merge: each gets a region
 * of its own, as hints, in the half of the address space below where the kernel begins to look.
 */
static uint64_t many_hint(const struct worker *w, const struct op_call *call)
{
	uint64_t page = w->host->page_bytes, half = 1ull << (w->host->address_bits - 2), span;

	if (w->nr_workers == 1 || w->conditions->workers == WORKER_PROCESS)
		return 0;
	span = half / 2 / w->nr_workers / page * page;
	if (call->args[MANY_SIZE] >= span / call->args[MANY_COUNT])
		return 0;
	return half / 2 + w->index * span;
}

/* The table is there before the first mapping: at the limit malloc() fails too. */
static int many_prepare(struct worker *w, const struct op_call *call)
{
	struct many_state *s = calloc(1, sizeof(*s) + call->args[MANY_COUNT] * sizeof(void *));

	w->state[w->step] = s;
	if (!s)
		return -ENOMEM;
	s->hint = many_hint(w, call);
	return 0;
}

static int many_step(struct worker *w, const struct op_call *call)
{
	struct many_state *s = w->state[w->step];
	uint64_t count = call->args[MANY_COUNT], bytes = call->args[MANY_SIZE];
	uint64_t hint = s->hint, step = worker_pages(w, bytes) * w->host->page_bytes;
	struct events events;
	int r = 0;

	events_begin(&events, w, call);
	for (s->made = 0; s->made < count; s->made++) {
		int protection = s->made % 2 ? PROT_READ : PROT_READ | PROT_WRITE;

		s->address[s->made] = mmap((void *)(uintptr_t)hint, bytes, protection,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		hint += hint ? step : 0;
		if (s->address[s->made] == MAP_FAILED) {
			r = -errno;
			break;
		}
		events_next(&events);
	}
	events_end(&events);
	if (r)
		return error_set_errno(&w->error, r, "after %llu mappings",
				       (unsigned long long)s->made);
	w->report->count[COUNT_CALLS] += count;
	return 0;
}

static int many_after(struct worker *w, const struct op_call *call)
{
	struct many_state *s = w->state[w->step];

	while (s->made)
		munmap(s->address[--s->made], call->args[MANY_SIZE]);
	return 0;
}

static void many_finish(struct worker *w, const struct op_call *call)
{
	struct many_state *s = w->state[w->step];

	/* A refused step left some. */
	if (s)
		many_after(w, call);
	free(s);
}

const struct op op_many = {
	.name = "many",
	.help = "make many small mappings beside each other (and unmap them, untimed)",
	.args = many_args,
	.metrics = many_metrics,
	.traits = OP_OWN_MEMORY,
	.event = "mapping",
	.resident_bytes = many_resident_bytes,
	.prepare = many_prepare,
	.step = many_step,
	.after = many_after,
	.finish = many_finish,
};
