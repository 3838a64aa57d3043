/* SPDX-License-Identifier: MIT */
/*
 * The model's word is only where the search begins: what is granted and what is refused one page
 * further is always the kernel's own answer. Where the model is wrong, steps of 64 times the size
 * bracket the border and halving closes in, within CEILING_CALLS_MAX calls.
 */
#include "run/ceiling.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "model/outcome.h"
#include "run/fresh.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define STRIDE_BITS 6
#define UNITS_BITS  57 /* no address space has more bytes */

struct search {
	struct map_request request;
	uint64_t unit, most_units;
	struct ceiling_found *found;
};

/* Does the kernel grant so many units? Mapped and unmapped at once. */
static bool grants(struct search *s, uint64_t units)
{
	struct mapping m;
	int r;

	if (units == 0)
		return true;
	if (s->found->nr_calls >= CEILING_CALLS_MAX)
		return false;
	s->found->nr_calls++;
	s->request.length_bytes = units * s->unit;
	r = mapping_open(&s->request, &m);
	if (!r) {
		r = mapping_map(&m);
		if (!r)
			mapping_unmap(&m);
		mapping_close(&m);
	}
	if (r)
		s->found->error = -r;
	return r == 0;
}

/* Between what is granted and what is not. Returns the largest that is granted. */
static uint64_t halve(struct search *s, uint64_t granted, uint64_t refused)
{
	while (refused - granted > 1 && s->found->nr_calls < CEILING_CALLS_MAX) {
		uint64_t middle = granted + (refused - granted) / 2;

		if (grants(s, middle))
			granted = middle;
		else
			refused = middle;
	}
	return granted;
}

static uint64_t search_up(struct search *s, uint64_t granted)
{
	uint64_t step = 1ull << STRIDE_BITS;

	while (granted < s->most_units) {
		uint64_t next = s->most_units - granted > step ? granted + step : s->most_units;

		if (!grants(s, next))
			return halve(s, granted, next);
		granted = next;
		step = step > s->most_units ? step : step << STRIDE_BITS;
	}
	return granted;
}

static uint64_t search_down(struct search *s, uint64_t refused)
{
	uint64_t step = 1ull << STRIDE_BITS;

	for (;;) {
		uint64_t next = refused > step ? refused - step : 0;

		if (grants(s, next))
			return halve(s, next, refused);
		refused = next;
		step = step > s->most_units ? step : step << STRIDE_BITS;
	}
}

static uint64_t search_from(struct search *s, uint64_t guess)
{
	if (guess > s->most_units)
		guess = s->most_units;
	if (!grants(s, guess))
		return search_down(s, guess);
	if (guess < s->most_units && !grants(s, guess + 1))
		return guess;
	return search_up(s, guess);
}

int ceiling_predict(const struct map_request *request, const struct host *host,
		    struct ceiling_found *ret)
{
	struct process_memory process;
	struct model model;
	int r = process_memory_read(&process, PROCESS_MAPS, NULL);

	/* Once for what reading allocates, once for what then is there. */
	if (!r)
		r = process_memory_read(&process, PROCESS_MAPS, NULL);
	if (r)
		return r;
	*ret = (struct ceiling_found){ 0 };
	model_init(&model, host, &process);
	model_ceiling(&model, request, &ret->predicted);
	return 0;
}

void ceiling_find(const struct map_request *request, const struct host *host,
		  struct ceiling_found *found)
{
	struct search s = { .request = *request, .found = found };
	uint64_t begun = clock_now_ns();

	s.unit = s.request.huge_page_bytes ? s.request.huge_page_bytes : host->page_bytes;
	s.most_units = (1ull << UNITS_BITS) / s.unit;
	found->bytes = search_from(&s, found->predicted.bytes / s.unit) * s.unit;
	found->elapsed_ns = clock_now_ns() - begun;
}

struct search_task {
	const struct conditions *conditions;
	const struct host *host;
};

static int search_in_child(const void *context, void *ret)
{
	const struct search_task *task = context;
	AUTO_FREE struct host *under = malloc(sizeof(*under));
	int r;

	if (!under)
		return -ENOMEM;
	model_host_under(task->host, task->conditions, under);
	r = ceiling_predict(&task->conditions->map, under, ret);
	if (!r)
		ceiling_find(&task->conditions->map, under, ret);
	return r;
}

int ceiling_search(const struct conditions *c, const struct host *host, struct ceiling_found *ret,
		   struct error *err)
{
	struct search_task task = { c, host };

	if (c->map.flags & (MAP_POPULATE | MAP_LOCKED))
		return error_set(err, -ENOTSUP,
				 "populate and locked fill a mapping at once: the search for their "
				 "ceiling would fill the memory");
	return fresh_process(c, search_in_child, &task, ret, sizeof(*ret), err);
}
